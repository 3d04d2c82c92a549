// Makes load over HTTP, and measures what it costs the server.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../test/support/paths.js'
import { finish, run, temporaryFolder } from '../test/support/processes.js'
import { cpuOf } from '../test/support/resources.js'
import type { Server } from './subjects.js'

const FOLDER = temporaryFolder()
const CLIENT = join(import.meta.dirname, 'client.js')
const SCRIPT = join(ROOT, 'bench/wrk.lua')
const wrk = /^wrk (\S+)/.exec((await finish('wrk', ['--version'])).out)?.[1]

/** The program that makes the load. */
export const GENERATOR = wrk ? `wrk ${wrk}` : 'bench/client.ts'

/** Remarks on the generator for the report. */
export const GENERATOR_NOTES = wrk
  ? []
  : ['wrk is not on the PATH (`apt-get install -y wrk`, `brew install wrk`): bench/client.ts makes the load.']

let files = 0

/** Writes paths to a file for `load`, and returns its path. */
export function pathsFile(paths: readonly string[]): string {
  const file = join(FOLDER, `paths-${++files}.txt`)
  writeFileSync(file, `${paths.join('\n')}\n`)
  return file
}

export interface Load {
  /** The file of the paths to post to. */
  readonly file: string
  readonly connections: number
  readonly seconds: number
  /** The number of requests that earlier loads have sent to these paths. */
  readonly offset?: number
}

/** The last line that a generator prints. Times are in µs. */
export type Output = Record<'requests' | 'us' | 'p50' | 'p99' | 'failed', number>

/** Posts for some seconds, on each connection one request after another. Times are in µs. */
export async function load({ url, pid }: Server, { file, connections, seconds, offset = 0 }: Load) {
  const settings = `-t 1 -c ${connections} -d ${seconds}s --timeout 10s`.split(' ')
  const [command, args] = wrk
    ? ['wrk', [...settings, '-s', SCRIPT, url, '--', file, offset]]
    : [process.execPath, [CLIENT, url, connections, seconds, file, offset]]
  const before = cpuOf(pid)
  const output = await run(command, args.map(String))
  const after = cpuOf(pid)
  const { requests, us, p50, p99, failed }: Output = JSON.parse(output.slice(output.lastIndexOf('\n') + 1))
  if (failed > 0) throw new Error(`${failed} of ${requests} requests failed`)
  const cpu = before === undefined || after === undefined ? undefined : (after - before) / requests
  return { requests, rps: (requests / us) * 1e6, p50, p99, cpu }
}
