import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { closeWhenIdle } from './http/connections.js'
import type { InjectOptions, Response } from 'light-my-request'
import { addressOf, controlOver, type MockControl } from './control/handle.js'
import type { Seeded } from './contract/control.js'
import { inProcess } from './control/in-process.js'
import { checkOptions, type MockOptions } from './options/library.js'
import { OPTIONS, OptionsError, type Settings, show } from './options/options.js'
import { parseClock, parseProgress } from './options/values.js'
import { DEFAULTS } from './pipelines/records.js'
import { Clock, isDate, machineTime, type TimeSource } from './time/clock.js'
import { parseDuration } from './time/duration.js'
import { type Instant, instantAt } from './time/instant.js'
import { formatIssue } from './diagnostics/issue.js'
import { type FixtureSource, loadSeed, summaryOf } from './fixtures/load.js'
import { buildServer } from './server.js'
import { SHIPPED_FIXTURES, SHIPPED_SOURCES } from './options/shipped.js'
import { JournalBudget } from './state/journal.js'
import { Sandbox } from './state/sandbox.js'
import { DEFAULT_SANDBOX, Sandboxes } from './state/sandboxes.js'
import { version } from './options/package.js'

/** A running mock, and its default sandbox. */
export interface Mock extends MockControl, AsyncDisposable {
  /** Without a trailing slash. With `listen: false`, an address where nothing listens. */
  readonly url: string
  readonly port: number
  /** What was seeded at the start. */
  readonly seeded: Seeded
  /** Makes a request without a connection. */
  inject(request: InjectOptions | string): Promise<Response>
  /** Stops the mock. Resolves when the responses in flight are sent, or cut off after `grace`. */
  close(): Promise<void>
}

/**
 * Starts a mock, and resolves once it listens.
 * @throws OptionsError if an option is invalid, FixtureError with all issues of the fixtures, or the error of the system
 *   (code EADDRINUSE, …) if it cannot listen on the address.
 */
export async function startMock(options: MockOptions = {}): Promise<Mock> {
  const settings = checkOptions(options)
  const newClock = clocksOf(options.clock ?? OPTIONS.clock.default)
  const logger = options.logger ?? loggerOf(settings.logLevel)
  const asked = [options.fixtures ?? settings.fixtures].flat() as readonly FixtureSource[]
  const sources = asked.flatMap((source) => (source === SHIPPED_FIXTURES ? SHIPPED_SOURCES : [source]))
  const loaded = await loadSeed(sources, newClock().now())
  for (const warning of loaded.warnings) logger?.warn(formatIssue(warning))

  const seeded = summaryOf(loaded)
  const project_id = loaded.seed.project_id ?? DEFAULTS.project_id
  const shared = { newClock, takes: parseProgress(settings.progress), budget: new JournalBudget() }
  const sandboxes = new Sandboxes(
    () => new Sandbox(loaded.seed, shared),
    settings.maxSandboxes,
    (sandbox) => logger?.warn({ sandbox }, 'evicted, as the longest idle sandbox above the limit (--max-sandboxes)'),
  )
  const info = { version: version(), project_id, ...seeded }
  const closed = new AbortController()
  const contextOf = (name: string) => ({ sandbox: sandboxes.get(name), sandboxes, info, signal: closed.signal })

  const { strict, unknownPipeline, requireKey, control, controlToken: token, allowedHost: allowedHosts } = settings
  const app = await buildServer({
    ...{ strict, unknownPipeline, requireKey, logger, contextOf },
    sandboxOf: (name) => sandboxes.get(name),
    guard: control ? { allowedHosts, token } : undefined,
  })
  const { url, port } = options.listen === false ? NOWHERE : await listen(app, settings)

  let closing: Promise<void> | undefined
  const close = () => {
    closed.abort()
    sandboxes.abortHeld()
    closing ??= stop(app, parseDuration(settings.grace) as number)
    return closing
  }
  return {
    ...controlOver((name) => ({
      transport: inProcess(() => contextOf(name ?? DEFAULT_SANDBOX)),
      address: addressOf(url, project_id, name),
    })),
    port,
    seeded,
    inject: async (request) => app.inject(request),
    close,
    [Symbol.asyncDispose]: close,
  }
}

const loggerOf = (level: Settings['logLevel']) =>
  level === 'silent' ? undefined : pino({ level }, pino.destination({ dest: 2, sync: true }))

/** Makes the clocks of sandboxes: clocks that are frozen at the start are frozen at the same instant. */
function clocksOf(option: NonNullable<MockOptions['clock']>): () => Clock {
  if (typeof option === 'function') return () => new Clock(timeOf(option))
  const { frozen, at = machineTime() } = parseClock(option) as NonNullable<ReturnType<typeof parseClock>>
  return () => new Clock(machineTime, frozen ? at : undefined)
}

/** The time source of a program, checked each time. */
function timeOf(now: () => Date): TimeSource {
  return (): Instant => {
    const date: unknown = now()
    const at = isDate(date) ? instantAt(date.getTime()) : undefined
    if (at !== undefined) return at
    const message = `clock: returned ${show(date)}, expected a Date in the years 0 to 9999`
    throw new OptionsError([{ code: 'invalid_value', option: 'clock', message }])
  }
}

/** Nothing can connect to port 0: a request that should have been injected fails at once, with this address. */
const NOWHERE = { url: 'http://127.0.0.1:0', port: 0 }

/** For this name Fastify would open a second server, whose connections a stop could not close; clients try both. */
const ADDRESSES: Record<string, string> = { localhost: '127.0.0.1' }

/** Addresses that mean all interfaces are reached by the loopback address. */
const REACHED_AS: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

async function listen(app: FastifyInstance, { host, port }: Settings) {
  closeWhenIdle(app.server)
  try {
    await app.listen({ host: ADDRESSES[host] ?? host, port })
  } catch (error) {
    await app.close()
    throw error
  }
  const { port: actual } = app.server.address() as AddressInfo
  const name = REACHED_AS[host] ?? host
  return { url: `http://${name.includes(':') ? `[${name}]` : name}:${actual}`, port: actual }
}

async function stop(app: FastifyInstance, graceMs: number): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), graceMs)
  await app.close().finally(() => clearTimeout(cut))
}
