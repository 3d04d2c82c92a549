import type { Writable } from 'node:stream'
import { type Logger, pino } from 'pino'
import { type Environment, readArguments } from './arguments.js'
import { help } from './help.js'
import { type Mock, startMock } from '../mock.js'
import { OptionsError, type Settings } from '../options/options.js'
import { FixtureError, formatFault } from '../diagnostics/issue.js'
import { loadSeed } from '../fixtures/load.js'
import { SHIPPED_FIXTURES } from '../options/shipped.js'
import { machineTime } from '../time/clock.js'
import { version } from '../options/version.js'

/** What a command needs of the process that it runs in. */
export interface Surroundings {
  readonly environment: Environment
  readonly stdout: Pick<Writable, 'write'>
  readonly stderr: Writable & { readonly isTTY?: boolean }
  readonly pid: number
}

/** Does what the command line asks for, and returns the mock that it started, if it started one. */
export async function runCommand(args: readonly string[], surroundings: Surroundings): Promise<Mock | undefined> {
  const { command, settings, warnings } = readArguments(args, surroundings.environment)
  const print = (text: string) => surroundings.stdout.write(`${text}\n`)
  const warn = (text: string) => surroundings.stderr.write(`warning: ${text}\n`)

  if (settings.help) print(help())
  else if (settings.version) print(version())
  else {
    if (command === 'start') return start(settings, warnings, print, surroundings)
    for (const warning of warnings) warn(warning)
    await validate(settings, print, warn)
  }
  return undefined
}

type Print = (text: string) => void

async function validate({ fixtures }: Settings, print: Print, warn: Print): Promise<void> {
  const { seed, documents, warnings } = await loadSeed(fixtures, machineTime())
  for (const warning of warnings) warn(formatFault(warning))
  const found = `${count(seed.pipelineCount, 'pipeline')} and ${count(seed.elementCount, 'element')}`
  print(`${found} in ${count(documents, 'file')}: no faults, ${count(warnings.length, 'warning')}`)
}

async function start(
  settings: Settings,
  warnings: readonly string[],
  print: Print,
  { stderr, pid }: Surroundings,
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

async function loggerOf(level: Settings['logLevel'], stderr: Surroundings['stderr']): Promise<{ logger?: Logger }> {
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

export const FAILED = 1
export const WRONG_INPUT = 2
export const PORT_IN_USE = 3

/** What went wrong and what to do about it, and the exit code that tells a script the same. */
export function explain(error: NodeJS.ErrnoException & { port?: number; address?: string }): {
  message: string
  exitCode: number
} {
  const { code, port, address, message } = error
  if (error instanceof FixtureError) return { message, exitCode: WRONG_INPUT }
  if (error instanceof OptionsError)
    return { message: `${message}\nionworks-mock --help lists what there is`, exitCode: WRONG_INPUT }
  switch (code) {
    case 'EADDRINUSE':
      return {
        message: `port ${port} of ${address} is in use: stop what listens there, or choose another with --port (0: any)`,
        exitCode: PORT_IN_USE,
      }
    case 'EACCES':
      return { message: `port ${port} may not be listened on: choose another with --port`, exitCode: WRONG_INPUT }
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return {
        message: `this machine has no such address (${message}): choose another with --host`,
        exitCode: WRONG_INPUT,
      }
    default:
      return { message: `this should not have happened, please report it: ${error.stack}`, exitCode: FAILED }
  }
}
