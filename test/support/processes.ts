// Child processes and temporary folders. None outlives this process, in whatever way it ends.
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { within } from './until.js'

const children = new Set<ChildProcess>()
const folders = new Set<string>()

process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** Ends this process on a signal, so that its children and folders go with it. For programs, not for tests. */
export function exitOnSignals(): void {
  for (const [signal, number] of Object.entries({ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }))
    process.once(signal, () => process.exit(128 + number))
}

/** Makes an empty folder, which is removed when this process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ionworks-mock-'))
  folders.add(folder)
  return folder
}

/** The exit code of a process, the signal that ended it, or the code of the error that kept it from starting. */
export type End = number | string

/** Ends a child process with this one. */
export function keep<T extends ChildProcess>(child: T): T {
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}

/** Resolves when a process has ended. */
export const endOf = (child: ChildProcess): Promise<End> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null)
      resolve(child.exitCode ?? (child.signalCode as NodeJS.Signals))
    child.once('exit', (code, signal) => resolve(code ?? (signal as NodeJS.Signals)))
    child.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  })

export const start = (command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess =>
  keep(spawn(command, args, options))

/** Sends a signal to a process and waits for its end. Ends it by force, and rejects, if it does not end by itself. */
export async function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<End> {
  const ended = endOf(child)
  child.kill(signal)
  return orKill(child, within(`the end of process ${child.pid} after ${signal}`, ended))
}

/** Resolves as `promise` does; if it rejects, ends the process by force. */
async function orKill<T>(child: ChildProcess, promise: Promise<T>): Promise<T> {
  try {
    return await promise
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}

export interface Finished {
  readonly out: string
  readonly err: string
  readonly code: End
}

export interface RunOptions extends Omit<SpawnOptions, 'stdio' | 'timeout'> {
  readonly limitMs?: number
}

/** Runs a command to its end, whatever that is. */
export async function finish(
  command: string,
  args: readonly string[],
  { limitMs = 600_000, ...options }: RunOptions = {},
): Promise<Finished> {
  const child = keep(spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] }))
  const all = Promise.all([text(child.stdout), text(child.stderr), endOf(child)])
  const [out, err, code] = await orKill(child, within(`the end of ${command}`, all, limitMs))
  return { out, err, code }
}

/** Runs a command that has to succeed. Returns what it prints, without the last line end; rejects with all of its output. */
export async function run(command: string, args: readonly string[], options?: RunOptions): Promise<string> {
  const { out, err, code } = await finish(command, args, options)
  if (code === 0) return out.trimEnd()
  throw new Error([`${[command, ...args].join(' ')} ended with ${code}`, out, err].filter(Boolean).join('\n'))
}
