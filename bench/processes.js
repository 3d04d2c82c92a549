// Child processes and temporary files, all of which are gone when the benchmark ends, in whatever way it does.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { clearTimeout, setTimeout } from 'node:timers'

const running = new Set()

/** The folder of all temporary files. */
export const TMP = mkdtempSync(join(tmpdir(), 'ionworks-mock-bench-'))

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
  rmSync(TMP, { recursive: true, force: true })
})
for (const [signal, number] of Object.entries({ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }))
  process.once(signal, () => process.exit(128 + number))

/** Starts a process that is ended with this one. Its output is dropped unless `stdio` says otherwise. */
export function start(command, args, { stdio = 'ignore', ...options } = {}) {
  const child = spawn(command, args, { stdio, ...options })
  child.ended = new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal))
    child.once('error', (error) => resolve(error.code))
  })
  running.add(child)
  void child.ended.then(() => running.delete(child))
  return child
}

/** Ends a process, by force if it does not end by itself. */
export async function stop(child) {
  child.kill('SIGTERM')
  const force = setTimeout(() => child.kill('SIGKILL'), 3000)
  await child.ended
  clearTimeout(force)
}

/** Runs a process to its end. Returns what it wrote to standard output; throws what it wrote to the other one. */
export async function run(command, args, { timeout = 300_000, ...options } = {}) {
  const child = start(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  let [output, errors] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text) => void (output += text))
  child.stderr.setEncoding('utf8').on('data', (text) => void (errors += text))
  const closed = once(child, 'close').catch(() => undefined)
  const force = setTimeout(() => child.kill('SIGKILL'), timeout)
  const code = await child.ended
  clearTimeout(force)
  if (code === 'ENOENT') throw new Error(`${command}: not found`)
  await closed
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${lastLines(errors || output)}`)
  return output
}

/** The first line of a process's output. One that takes too long is ended. */
export async function firstLine(child, timeout = 120_000) {
  const force = setTimeout(() => child.kill('SIGKILL'), timeout)
  let output = ''
  for await (const text of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    output += text
    if (output.includes('\n')) break
  }
  clearTimeout(force)
  if (!output.includes('\n')) throw new Error(`it ended with ${await child.ended} before it was ready`)
  child.stdout.resume()
  return output.slice(0, output.indexOf('\n'))
}

const lastLines = (text) => text.trim().split('\n').slice(-3).join(' / ')
