// Starts child processes and creates temporary folders. An exit handler kills the processes and removes the folders.
// The handler does not run if a signal ends this process, unless `exitOnSignals` was called.
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

/**
 * Makes SIGHUP, SIGINT and SIGTERM end this process through `process.exit`, so that the exit handler runs. Scripts
 * call this function. Tests do not.
 */
export function exitOnSignals(): void {
  for (const [signal, number] of Object.entries({ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }))
    process.once(signal, () => process.exit(128 + number))
}

/** Creates an empty folder, and returns its path. The folder is removed when this process exits. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ionworks-mock-'))
  folders.add(folder)
  return folder
}

/**
 * The end of a process: its exit code, the signal that ended it or, if it did not start, the code or message of the
 * error.
 */
export type End = number | string

/** Registers a child process to be killed when this process exits, and returns it. */
export function killOnExit<T extends ChildProcess>(child: T): T {
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}

/** Resolves when a process has ended or failed to start. */
export const endOf = (child: ChildProcess): Promise<End> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null)
      resolve(child.exitCode ?? (child.signalCode as NodeJS.Signals))
    child.once('exit', (code, signal) => resolve(code ?? (signal as NodeJS.Signals)))
    child.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  })

export const start = (command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess =>
  killOnExit(spawn(command, args, options))

/**
 * Sends a signal to a process, and resolves when the process ends. At the time limit, kills the process and rejects.
 */
export async function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<End> {
  const ended = endOf(child)
  child.kill(signal)
  return orKill(child, within(`the end of process ${child.pid} after ${signal}`, ended))
}

/** Resolves or rejects as `promise` does. If `promise` rejects, also kills the process. */
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

/**
 * Runs a command, and resolves when the command ends, with any exit code. At the time limit, kills the process and
 * rejects.
 */
export async function finish(
  command: string,
  args: readonly string[],
  { limitMs = 600_000, ...options }: RunOptions = {},
): Promise<Finished> {
  const child = killOnExit(spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] }))
  const all = Promise.all([text(child.stdout), text(child.stderr), endOf(child)])
  const [out, err, code] = await orKill(child, within(`the end of ${command}`, all, limitMs))
  return { out, err, code }
}

/**
 * Runs a command. If the exit code is 0, returns the standard output without trailing white space. If not, rejects
 * with an error that contains the standard output and the standard error.
 */
export async function run(command: string, args: readonly string[], options?: RunOptions): Promise<string> {
  const { out, err, code } = await finish(command, args, options)
  if (code === 0) return out.trimEnd()
  throw new Error([`${[command, ...args].join(' ')} ended with ${code}`, out, err].filter(Boolean).join('\n'))
}
