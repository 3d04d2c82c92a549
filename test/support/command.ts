import type { ChildProcess, SpawnOptions } from 'node:child_process'
import type { Readable } from 'node:stream'
import { COMPILED_COMMAND, ROOT } from './paths.js'
import { type End, endOf, finish, type Finished, start, stop } from './processes.js'
import { within } from './until.js'

export interface CommandOptions {
  /** The program to run, with its first arguments. Default: Node.js with the compiled command. */
  readonly command?: readonly [string, ...string[]]
  readonly cwd?: string
  /** Whether the standard input of the command is a pipe, which stays open. Only for `startCommand`. */
  readonly stdin?: 'pipe'
  /** Environment variables to add to the variables of this process. */
  readonly env?: Record<string, string>
  /** URLs of modules that Node.js loads before the compiled command. Ignored if `command` is set. */
  readonly imports?: readonly string[]
}

/** The object that the command prints with `--json`, as one line of JSON, as soon as the mock accepts requests. */
export interface Ready {
  readonly event: string
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly version: string
}

export interface RunningCommand extends Ready {
  readonly child: ChildProcess
  /** Returns everything that the command has printed so far. */
  readonly output: () => { readonly out: string; readonly err: string }
  readonly ended: Promise<Finished>
  readonly stop: (signal?: NodeJS.Signals) => Promise<End>
}

function invocation(args: readonly string[], { command, cwd = ROOT, env, imports = [] }: CommandOptions) {
  const [file, ...first] = command ?? [process.execPath, ...imports.map((url) => `--import=${url}`), COMPILED_COMMAND]
  const options = { cwd, env: { ...process.env, ...env } } satisfies SpawnOptions
  return { file, args: [...first, ...args], options }
}

/** Runs the command, and resolves when the command ends, with any exit code. */
export async function finishCommand(args: readonly string[], options: CommandOptions = {}): Promise<Finished> {
  const { file, args: all, options: spawnOptions } = invocation(args, options)
  return finish(file, all, spawnOptions)
}

/**
 * Starts the command on a free port, and resolves when the command is ready. Rejects if the command ends before it is
 * ready. The error contains the output of the command.
 */
export async function startCommand(
  args: readonly string[] = [],
  options: CommandOptions = {},
): Promise<RunningCommand> {
  const { file, args: all, options: spawnOptions } = invocation(['--port', '0', '--json', ...args], options)
  const child = start(file, all, { ...spawnOptions, stdio: [options.stdin ?? 'ignore', 'pipe', 'pipe'] })
  const [stdout, stderr] = [child.stdout, child.stderr] as [Readable, Readable]
  const output = { out: '', err: '' }
  const ready = new Promise<string>((resolve) => {
    stdout.setEncoding('utf8').on('data', (text: string) => {
      output.out += text
      if (output.out.includes('\n')) resolve(output.out)
    })
  })
  stderr.setEncoding('utf8').on('data', (text: string) => void (output.err += text))
  const closed = new Promise((resolve) => child.once('close', resolve))
  const ended = Promise.all([endOf(child), closed]).then(([code]) => ({ ...output, code }))
  const first = await within('the command to be ready', Promise.race([ready, ended]))
  if (typeof first !== 'string')
    throw new Error(`the command ended with ${first.code} before it was ready: ${first.out}${first.err}`)
  return {
    ...(JSON.parse(first) as Ready),
    child,
    output: () => ({ ...output }),
    ended,
    stop: (signal) => stop(child, signal),
  }
}
