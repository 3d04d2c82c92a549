import type { Writable } from 'node:stream'
import { type Logger, pino } from 'pino'
import { type Environment, readArguments } from './arguments.js'
import { help } from './help.js'
import { type Mock, startMock } from '../mock.js'
import { OptionsError, type Settings } from '../options/options.js'
import { formatIssue } from '../diagnostics/issue.js'
import { FixtureError } from '../fixtures/error.js'
import { loadSeed } from '../fixtures/load.js'
import { SHIPPED_FIXTURES } from '../options/shipped.js'
import { machineTime } from '../time/clock.js'
import { version } from '../options/package.js'

/** The parts of the process that a command uses. */
export interface ProcessContext {
  readonly environment: Environment
  readonly stdout: Pick<Writable, 'write'>
  readonly stderr: Writable & { readonly isTTY?: boolean }
  readonly pid: number
}

/** Runs a command line, and returns the mock that it started, if any. */
export async function runCommand(args: readonly string[], context: ProcessContext): Promise<Mock | undefined> {
  const { command, settings, warnings } = readArguments(args, context.environment)
  const print = (text: string) => context.stdout.write(`${text}\n`)
  const warn = (text: string) => context.stderr.write(`warning: ${text}\n`)

  if (settings.help) print(help())
  else if (settings.version) print(version())
  else {
    if (command === 'start') return start(settings, warnings, print, context)
    for (const warning of warnings) warn(warning)
    await validate(settings, print, warn)
  }
  return undefined
}

type Print = (text: string) => void

async function validate({ fixtures }: Settings, print: Print, warn: Print): Promise<void> {
  const { seed, documents, warnings } = await loadSeed(fixtures, machineTime())
  for (const warning of warnings) warn(formatIssue(warning))
  const found = `${count(seed.pipelineCount, 'pipeline')} and ${count(seed.elementCount, 'element')}`
  print(`${found} in ${count(documents, 'file')}: no issues, ${count(warnings.length, 'warning')}`)
}

async function start(
  settings: Settings,
  warnings: readonly string[],
  print: Print,
  { stderr, pid }: ProcessContext,
): Promise<Mock> {
  const { json, help: _help, version: _version, ...options } = settings
  const logging = await loggerOf(options.logLevel, stderr)
  for (const warning of warnings) logging.logger?.warn(warning)
  const mock = await startMock({ ...options, ...logging })
  const { url, port } = mock
  print(json ? JSON.stringify({ event: 'ready', url, port, pid, version: version() }) : await welcome(mock, options))
  return mock
}

const FOR_PEOPLE = { sync: true, singleLine: true, messageFormat: '{method} {path} {status} {msg}' }

async function loggerOf(level: Settings['logLevel'], stderr: ProcessContext['stderr']): Promise<{ logger?: Logger }> {
  if (level === 'silent') return {}
  const forPeople = async () => (await import('pino-pretty')).default({ ...FOR_PEOPLE, destination: stderr })
  const destination = stderr.isTTY ? await forPeople() : stderr
  return { logger: pino({ level, base: null }, destination) }
}

async function welcome({ url, seeded, pipelines }: Mock, { fixtures }: Pick<Settings, 'fixtures'>): Promise<string> {
  const all = await pipelines.list()
  const example = all.find(({ status }) => status === 'running') ?? all[0]
  const from = fixtures.map((path) => (path === SHIPPED_FIXTURES ? 'the shipped battery lab' : path)).join(', ')
  return [
    `ionworks-mock ${version()} listens on ${url}`,
    `It holds ${count(seeded.pipelines, 'pipeline')} and ${count(seeded.elements, 'element')} from ${from}.`,
    ...(example ? [`Try: curl -X POST ${url}/pipelines/${encodeURIComponent(example.id)}/cancel`] : []),
  ].join('\n')
}

const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`

const FAILED = 1
const WRONG_INPUT = 2
const PORT_IN_USE = 3

/** The fields that the system adds to an error of listening. */
type SystemError = NodeJS.ErrnoException & { readonly port?: number; readonly address?: string }

/** Explains an error: a message for people, and the exit code. */
export function explain(error: SystemError): { message: string; exitCode: number } {
  const { code, port, address, message, stack } = error
  const wrong = (text: string) => ({ message: text, exitCode: WRONG_INPUT })
  if (error instanceof FixtureError) return wrong(message)
  if (error instanceof OptionsError) return wrong(`${message}\nionworks-mock --help lists commands and options`)
  if (code === 'EACCES') return wrong(`port ${port} may not be listened on: choose another with --port`)
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return wrong(`this machine has no such address (${message}): choose another with --host`)
  if (code !== 'EADDRINUSE')
    return { message: `internal error; please report it with this stack trace: ${stack}`, exitCode: FAILED }
  const remedy = 'stop what listens there, or choose another with --port (0: any)'
  return { message: `port ${port} of ${address} is in use: ${remedy}`, exitCode: PORT_IN_USE }
}
