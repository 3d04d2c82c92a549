// Load over HTTP, and what it costs the server.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath, URL } from 'node:url'
import { run, TMP } from './processes.js'

const fileHere = (name) => fileURLToPath(new URL(name, import.meta.url))

/** What a program writes, or undefined if there is none of that name. */
function outputOf(command, args) {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    // wrk tells its version with exit code 1.
    return error.code === 'ENOENT' ? undefined : String(error.stdout)
  }
}

const wrkVersion = outputOf('wrk', ['--version'])?.split(/\s+/)[1]

/** What the load is made with. */
export const GENERATOR = wrkVersion ? `wrk ${wrkVersion}` : 'bench/client.js'

/** What to say where wrk is missing. */
export const GENERATOR_HINT = wrkVersion
  ? undefined
  : 'wrk is not on the PATH (`apt-get install -y wrk`, `brew install wrk`): load comes from bench/client.js'

const TICKS = Number(outputOf('getconf', ['CLK_TCK'])) || 100

/** The processor time that a process has used so far, in µs, or undefined where the system has no /proc. */
function cpuOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return ((Number(fields[11]) + Number(fields[12])) / TICKS) * 1e6
  } catch {
    return undefined
  }
}

/** The resident memory of a process in MB, or undefined where the system has no /proc. */
export function rssOf(pid) {
  try {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024
  } catch {
    return undefined
  }
}

let files = 0

/** A file of the paths that are posted to. */
export function pathsFile(paths) {
  const path = join(TMP, `paths-${++files}.txt`)
  writeFileSync(path, `${paths.join('\n')}\n`)
  return path
}

/**
 * Posts for some seconds, each connection one request after another. `offset` is how many requests of the paths were sent
 * before. Times are in µs.
 */
export async function load({ child, port }, { file, connections, seconds, offset = 0 }) {
  const [command, args] = wrkVersion
    ? ['wrk', ['-t', '1', '-c', connections, '-d', `${seconds}s`, '--timeout', '10s', '-s', fileHere('wrk.lua')]]
    : [process.execPath, [fileHere('client.js'), port, connections, seconds, file, offset]]
  if (wrkVersion) args.push(`http://127.0.0.1:${port}`, '--', file, offset)
  const before = cpuOf(child.pid)
  const output = await run(command, args.map(String))
  const after = cpuOf(child.pid)
  const { requests, us, p50, p99, failed } = JSON.parse(/^RESULT (.*)$/m.exec(output)[1])
  if (failed > 0) throw new Error(`${failed} of ${requests} requests failed`)
  const cpu = after === undefined ? undefined : (after - before) / requests
  return { requests, rps: (requests / us) * 1e6, p50, p99, cpu }
}
