#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import closeWithGrace from 'close-with-grace'
import { pino } from 'pino'
import pretty from 'pino-pretty'
import { readArguments } from './arguments.js'
import type { Mock } from './handle.js'
import { help } from './help.js'
import { startMock } from './mock.js'
import { OptionsError, type Settings, SHIPPED_FIXTURES } from './options.js'
import { FixtureError, formatFault } from './seed/fault.js'
import { loadSeed } from './seed/load.js'
import { realClock } from './state/clock.js'

const FAILED = 1
const WRONG_INPUT = 2
const PORT_IN_USE = 3

const STDERR = 2

/** Does what the command line asks for; returns the mock that it started, if it started one. */
async function run(): Promise<Mock | undefined> {
  const { command, settings, warnings } = readArguments(process.argv.slice(2), process.env)
  if (settings.help) print(help())
  else if (settings.version) print(version())
  else {
    for (const warning of warnings) complain(`warning: ${warning}`)
    if (command === 'start') return start(settings)
    await validate(settings)
  }
  return undefined
}

async function start(settings: Settings): Promise<Mock> {
  const { help: _help, version: _version, json, ...options } = settings
  const level = options.logLevel
  const logger = level === 'silent' ? {} : { logger: pino({ level, base: null }, destination()) }
  const mock = await startMock({ ...options, ...logger })
  const { url, port } = mock
  print(
    json
      ? JSON.stringify({ event: 'ready', url, port, pid: process.pid, version: version() })
      : await welcome(mock, options),
  )
  return mock
}

/** Written at once, so that nothing is lost when the process ends. */
const destination = () =>
  process.stderr.isTTY
    ? pretty({ destination: STDERR, sync: true, messageFormat: '{method} {path} {status} {msg}', singleLine: true })
    : pino.destination({ dest: STDERR, sync: true })

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

async function validate({ fixtures }: Settings): Promise<void> {
  const { seed, documents, warnings } = await loadSeed(fixtures, realClock())
  for (const warning of warnings) complain(`warning: ${formatFault(warning)}`)
  const found = [count(seed.pipelines.length, 'pipeline'), count(seed.elementCount, 'element')].join(' and ')
  print(`${found} in ${count(documents, 'file')}: no faults, ${count(warnings.length, 'warning')}`)
}

const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`

const version = (): string => JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version

const print = (text: string) => process.stdout.write(`${text}\n`)
const complain = (text: string) => process.stderr.write(`${text}\n`)

/** What went wrong and what to do about it, and the exit code that says the same to a script. */
function explain(error: NodeJS.ErrnoException & { port?: number; address?: string }): [message: string, code: number] {
  if (error instanceof FixtureError) return [error.message, WRONG_INPUT]
  if (error instanceof OptionsError) return [`${error.message}\nionworks-mock --help lists what there is`, WRONG_INPUT]
  const { code, port, address } = error
  if (code === 'EADDRINUSE')
    return [
      `port ${port} of ${address} is in use: stop what listens there, or choose another with --port (0: any)`,
      PORT_IN_USE,
    ]
  if (code === 'EACCES') return [`port ${port} may not be listened on: choose one above 1023 with --port`, WRONG_INPUT]
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return [`this machine has no such address (${error.message}): choose another with --host`, WRONG_INPUT]
  return [`this should not have happened, please report it: ${error.stack}`, FAILED]
}

try {
  const mock = await run()
  if (mock)
    closeWithGrace({ delay: false }, async ({ err }) => {
      if (err) complain(explain(err)[0])
      await mock.close()
    })
} catch (error) {
  const [message, code] = explain(error as Error)
  complain(message)
  process.exitCode = code
}
