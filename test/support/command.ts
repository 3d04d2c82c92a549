import type { ChildProcess, SpawnOptions } from 'node:child_process'
import type { Readable } from 'node:stream'
import { COMPILED_COMMAND, ROOT } from './paths.js'
import { type End, endOf, finish, type Finished, start, stop } from './processes.js'
import { within } from './until.js'

export interface CommandOptions {
  /** The program and its first arguments. Default: the compiled command. */
  readonly command?: readonly [string, ...string[]]
  readonly cwd?: string
  /** Variables beside those of this process. */
  readonly env?: Record<string, string>
  /** Modules to load first, as URLs. */
  readonly imports?: readonly string[]
}

/** The line that the command prints with `--json` when it is ready. */
export interface Ready {
  readonly event: string
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly version: string
}

export interface RunningCommand extends Ready {
  readonly child: ChildProcess
  /** All that it has printed so far. */
  readonly said: () => { readonly out: string; readonly err: string }
  readonly ended: Promise<Finished>
  readonly stop: (signal?: NodeJS.Signals) => Promise<End>
}

function invocation(args: readonly string[], { command, cwd = ROOT, env, imports = [] }: CommandOptions) {
  const [file, ...first] = command ?? [process.execPath, ...imports.map((url) => `--import=${url}`), COMPILED_COMMAND]
  const options = { cwd, env: { ...process.env, ...env } } satisfies SpawnOptions
  return { file, args: [...first, ...args], options }
}

/** Runs the command to its end. */
export async function finishCommand(args: readonly string[], options: CommandOptions = {}): Promise<Finished> {
  const { file, args: all, options: spawnOptions } = invocation(args, options)
  return finish(file, all, spawnOptions)
}

/** Starts the command on a port of its own, and resolves when it is ready. Rejects with its output if it never is. */
export async function startCommand(
  args: readonly string[] = [],
  options: CommandOptions = {},
): Promise<RunningCommand> {
  const { file, args: all, options: spawnOptions } = invocation(['--port', '0', '--json', ...args], options)
  const child = start(file, all, { ...spawnOptions, stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr] = [child.stdout, child.stderr] as [Readable, Readable]
  const said = { out: '', err: '' }
  const ready = new Promise<string>((resolve) => {
    stdout.setEncoding('utf8').on('data', (text: string) => {
      said.out += text
      if (said.out.includes('\n')) resolve(said.out)
    })
  })
  stderr.setEncoding('utf8').on('data', (text: string) => void (said.err += text))
  const closed = new Promise((resolve) => child.once('close', resolve))
  const ended = Promise.all([endOf(child), closed]).then(([code]) => ({ ...said, code }))
  const first = await within('the command to be ready', Promise.race([ready, ended]))
  if (typeof first !== 'string') throw new Error(`the command ended with ${first.code}: ${first.out}${first.err}`)
  return {
    ...(JSON.parse(first) as Ready),
    child,
    said: () => ({ ...said }),
    ended,
    stop: (signal) => stop(child, signal),
  }
}
