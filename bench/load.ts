// Generates load over HTTP, and measures the throughput, the latency and the processor time of the server.
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

/** The name of the load generator in the report. */
export const GENERATOR = wrk ? `wrk ${wrk}` : 'bench/client.ts'

export const GENERATOR_NOTES = wrk
  ? []
  : ['bench/client.ts generates the load. To use wrk, install it: `apt-get install -y wrk` or `brew install wrk`.']

let files = 0

/** Writes paths to a file for `load`, and returns the path of the file. */
export function pathsFile(paths: readonly string[]): string {
  const file = join(FOLDER, `paths-${++files}.txt`)
  writeFileSync(file, `${paths.join('\n')}\n`)
  return file
}

export interface Load {
  /** The file with the paths of the requests. */
  readonly file: string
  readonly connections: number
  readonly seconds: number
  /** How many requests earlier calls have sent with this file. This call continues at the next path. Default: 0. */
  readonly offset?: number
}

/**
 * The result that the load generator prints as JSON on its last line of output. `us` is the duration of the run in
 * µs. `p50` and `p99` are percentiles of the latency in µs.
 */
export type Output = Record<'requests' | 'us' | 'p50' | 'p99' | 'failed', number>

/**
 * Sends POST requests to the paths in `file` for `seconds`, one request at a time on each connection. Rejects if a
 * request fails. In the result, `rps` is the number of requests per second. `cpu` is the processor time of the server
 * per request, or undefined if the system does not report processor time. Times are in µs.
 */
export async function load({ url, pid }: Server, { file, connections, seconds, offset = 0 }: Load) {
  const settings = `-t 1 -c ${connections} -d ${seconds}s --timeout 10s`.split(' ')
  const [command, args] = wrk
    ? ['wrk', [...settings, '-s', SCRIPT, url, '--', file, offset]]
    : [process.execPath, [CLIENT, url, connections, seconds, file, offset]]
  const before = cpuOf(pid)
  const output = await run(command, args.map(String))
  const after = cpuOf(pid)
  const { requests, us, p50, p99, failed }: Output = JSON.parse(output.slice(output.lastIndexOf('\n') + 1))
  if (failed > 0) throw new Error(`requests failed: ${failed}; responses received: ${requests}`)
  const cpu = before === undefined || after === undefined ? undefined : (after - before) / requests
  return { requests, rps: (requests / us) * 1e6, p50, p99, cpu }
}
