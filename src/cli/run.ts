import type { Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type Logger, pino } from 'pino'
import type { PrettyOptions } from 'pino-pretty'
import { type Environment, readArguments } from './arguments.js'
import { checkHealth, UnhealthyError } from './healthcheck.js'
import { help } from './help.js'
import { limitUnread } from './unread-log.js'
import { type Mock, startMock } from '../mock.js'
import type { MockOptions } from '../options/library.js'
import { OptionsError } from '../options/error.js'
import type { Settings } from '../options/options.js'
import { formatIssues } from '../diagnostics/issue.js'
import type { Document } from '../diagnostics/source.js'
import { countOf } from '../diagnostics/spelling.js'
import { FixtureError } from '../fixtures/error.js'
import { loadDocuments, openFixtures } from '../fixtures/load.js'
import { parseInput } from '../fixtures/read.js'
import { SHIPPED_FIXTURES } from '../options/shipped.js'
import { machineTime } from '../time/clock.js'
import { version } from '../options/package.js'

/** The parts of the Node.js process that a command uses. */
export interface ProcessContext {
  readonly environment: Environment
  readonly stdin: AsyncIterable<Buffer>
  readonly stdout: Pick<Writable, 'write'>
  readonly stderr: Writable & { readonly isTTY?: boolean }
  readonly pid: number
  /** Called when the mock listens, before the command prints that the mock is ready. */
  readonly onListening?: (mock: Mock, settings: Settings) => void
}

/** Runs a command line. Returns the mock if the command starts a mock, otherwise undefined. */
export async function runCommand(args: readonly string[], context: ProcessContext): Promise<Mock | undefined> {
  const { command, settings, warnings } = readArguments(args, context.environment)
  const print = (text: string) => context.stdout.write(`${text}\n`)
  const warn = (text: string) => context.stderr.write(`warning: ${text}\n`)

  if (settings.help || command === 'help') print(help())
  else if (settings.version) print(version())
  else {
    if (command === 'start') return start(settings, warnings, print, context)
    if (command === 'healthcheck') return void print(await checkHealth(settings))
    for (const warning of warnings) warn(warning)
    await validate(settings, print, warn, context)
  }
  return undefined
}

type Print = (text: string) => void

async function validate({ fixtures }: Settings, print: Print, warn: Print, context: ProcessContext) {
  const opened: Document[][] = []
  for (const path of fixtures)
    opened.push(path === '-' ? [await parseInput(await buffer(context.stdin))] : await openFixtures([path]))
  const { seed, documents, warnings } = loadDocuments(opened.flat(), machineTime())
  for (const warning of formatIssues(warnings)) warn(warning)
  const found = `${countOf(seed.pipelineCount, 'pipeline')} and ${countOf(seed.elementCount, 'element')}`
  print(`${found} in ${countOf(documents, 'file')}: no issues, ${countOf(warnings.length, 'warning')}`)
}

async function start(
  settings: Settings,
  warnings: readonly string[],
  print: Print,
  { stderr, pid, onListening }: ProcessContext,
): Promise<Mock> {
  const { json, stopWithStdin: _stop, help: _help, version: _version, ...options } = settings
  const { logLevel } = options
  const logger = logLevel === 'silent' ? undefined : await loggerFor(stderr, logLevel)
  for (const warning of warnings) logger?.warn(warning)
  const mock = await startQuietly({ ...options, ...(logger && { logger }) }, logger)
  onListening?.(mock, settings)
  const { url, port } = mock
  print(json ? JSON.stringify({ event: 'ready', url, port, pid, version: version() }) : await welcome(mock, options))
  return mock
}

/**
 * Starts the mock, but suppresses the message that Fastify logs about the address, because the command prints the
 * address.
 */
async function startQuietly(options: MockOptions, logger: Logger | undefined): Promise<Mock> {
  if (!logger?.isLevelEnabled('info')) return startMock(options)
  const { level } = logger
  logger.level = 'warn'
  const mock = await startMock(options)
  logger.level = level
  return mock
}

/**
 * Format of the log on a terminal. A request is logged as one line of text. Any other message is followed by its
 * fields.
 */
const FOR_TERMINAL: PrettyOptions = {
  sync: true,
  singleLine: true,
  translateTime: 'SYS:HH:MM:ss.l',
  ignore: 'method,path,status,fault,duration_ms,correlation_id',
  messageFormat: (line) => {
    const { method, path, status, fault, duration_ms, msg } = line as Record<string, string | undefined>
    if (method === undefined) return `${msg}`
    return `${method} ${path} ${status ?? '(no complete response)'} ${duration_ms} ms${fault ? `, ${fault}` : ''}`
  },
}

async function loggerFor(stderr: ProcessContext['stderr'], level: Settings['logLevel']): Promise<Logger> {
  const pretty = async () => (await import('pino-pretty')).default({ ...FOR_TERMINAL, destination: stderr })
  return pino({ level, base: null }, stderr.isTTY ? await pretty() : limitUnread(stderr))
}

async function welcome({ url, seeded, pipelines }: Mock, { fixtures }: Pick<Settings, 'fixtures'>): Promise<string> {
  const all = await pipelines.list()
  const example = all.find(({ status }) => status === 'running') ?? all[0]
  const sources = fixtures.map((path) => (path === SHIPPED_FIXTURES ? 'the battery lab' : path)).join(', ')
  return [
    `ionworks-mock ${version()} is listening on ${url}`,
    `Loaded ${countOf(seeded.pipelines, 'pipeline')} and ${countOf(seeded.elements, 'element')} from ${sources}`,
    ...(example ? [`Try: curl -X POST ${url}/pipelines/${encodeURIComponent(example.id)}/cancel`] : []),
  ].join('\n')
}

const FAILED = 1
const WRONG_INPUT = 2
const PORT_IN_USE = 3

/** An error with the fields that Node.js adds if it cannot listen on an address. */
type SystemError = NodeJS.ErrnoException & { readonly port?: number; readonly address?: string }

/** Returns the message to print for an error, and the exit code of the command. */
export function explain(error: SystemError): { message: string; exitCode: number } {
  const { code, syscall, port, address, message, stack } = error
  const wrong = (text: string) => ({ message: text, exitCode: WRONG_INPUT })
  if (error instanceof UnhealthyError) return { message, exitCode: FAILED }
  if (error instanceof FixtureError) return wrong(message)
  if (error instanceof OptionsError) return wrong(`${message}\nionworks-mock --help lists commands and options`)
  if (code === 'EADDRINUSE') {
    const remedy = 'stop the program that uses it, or choose another port with --port (0 selects a free port)'
    return { message: `port ${port} of ${address} is in use: ${remedy}`, exitCode: PORT_IN_USE }
  }
  if (code === 'EACCES') return wrong(`no permission to listen on port ${port}: choose another port with --port`)
  if (syscall === 'listen' || syscall === 'getaddrinfo')
    return wrong(`cannot listen on this address (${message}): choose an address of this machine with --host`)
  return { message: `internal error; please report it with this stack trace: ${stack}`, exitCode: FAILED }
}
