import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { closeWhenIdle } from './http/connections.js'
import type { InjectOptions, Response } from 'light-my-request'
import { addressOf, controlOver } from './control/handle.js'
import type { MockControl } from './control/mock-control.js'
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

/** The handle of a running mock. `await using` closes the mock at the end of the block. */
export interface Mock extends MockControl, AsyncDisposable {
  /** Base URL of the mocked API, without a trailing slash. With `listen: false`, no server listens there. */
  readonly url: string
  /** Port that the mock listens on; 0 with `listen: false`. */
  readonly port: number
  /** Counts of the pipelines and elements that the mock started with, and warnings about the fixtures. */
  readonly seeded: Seeded
  /**
   * Makes a request without a network connection, with Fastify's `inject`. Rejects if a fault closes the connection.
   * @example
   * const response = await mock.inject({ method: 'POST', url: '/pipelines/fit/cancel' })
   * response.statusCode // 200
   */
  inject(request: InjectOptions | string): Promise<Response>
  /**
   * Stops the mock. It accepts no new connections, and closes the connections of the requests that faults hold, delay
   * or hang. It sends the other responses in flight, but cuts them off after the duration `grace` (default: 5s).
   * Resolves when no response is in flight. Later calls resolve at the same time as the first.
   */
  close(): Promise<void>
}

/**
 * Starts a mock, and resolves when it listens. By default the mock listens on a free port of 127.0.0.1, serves the
 * shipped battery lab, and logs nothing.
 * @throws OptionsError with all invalid options. FixtureError with all issues of the fixtures. An error of the system
 *   with a `code` such as `EADDRINUSE`, if the mock cannot listen on the address.
 * @example
 * const mock = await startMock({
 *   fixtures: { pipelines: [{ id: 'fit', name: 'fit', status: 'running' }] },
 *   clock: 'frozen@2026-10-01T12:00:00Z',
 * })
 * await fetch(`${mock.url}/pipelines/fit/cancel`, { method: 'POST' })
 * await mock.expectCanceled('fit')
 * await mock.close()
 */
export async function startMock(options: MockOptions = {}): Promise<Mock> {
  const settings = checkOptions(options)
  const newClock = clocksOf(options.clock ?? OPTIONS.clock.default)
  const logger = options.logger ?? loggerOf(settings.logLevel)
  const requested = [options.fixtures ?? settings.fixtures].flat() as readonly FixtureSource[]
  const sources = requested.flatMap((source) => (source === SHIPPED_FIXTURES ? SHIPPED_SOURCES : [source]))
  const loaded = await loadSeed(sources, newClock().now())
  for (const warning of loaded.warnings) logger?.warn(formatIssue(warning))

  const seeded = summaryOf(loaded)
  const project_id = loaded.seed.project_id ?? DEFAULTS.project_id
  const shared = { newClock, takes: parseProgress(settings.progress), budget: new JournalBudget() }
  const sandboxes = new Sandboxes(
    () => new Sandbox(loaded.seed, shared),
    settings.maxSandboxes,
    (sandbox) =>
      logger?.warn(
        { sandbox },
        'too many sandboxes: the one that was idle longest is evicted; to keep more, raise --max-sandboxes',
      ),
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
  const { url, port } = options.listen === false ? NOT_LISTENING : await listen(app, settings)

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

/** Returns a function that makes the clock of a sandbox. If clocks start frozen, all have the same time. */
function clocksOf(option: NonNullable<MockOptions['clock']>): () => Clock {
  if (typeof option === 'function') return () => new Clock(timeOf(option))
  const { frozen, at = machineTime() } = parseClock(option) as NonNullable<ReturnType<typeof parseClock>>
  return () => new Clock(machineTime, frozen ? at : undefined)
}

/** Makes a time source from the function in the option `clock`, and checks the values that the function returns. */
function timeOf(now: () => Date): TimeSource {
  return (): Instant => {
    const date: unknown = now()
    const at = isDate(date) ? instantAt(date.getTime()) : undefined
    if (at !== undefined) return at
    const message = `clock: the function returned ${show(date)}, expected a Date in the years 0 to 9999`
    throw new OptionsError([{ code: 'invalid_value', option: 'clock', message }])
  }
}

/** Address of a mock that does not listen. Port 0 makes a request over the network fail at once. */
const NOT_LISTENING = { url: 'http://127.0.0.1:0', port: 0 }

/**
 * Addresses to listen on instead of a host name. For `localhost`, Fastify would open one server for IPv4 and one for
 * IPv6, and `close` could not close the connections of the second. IPv4 is enough: clients of `localhost` try both.
 */
const LISTEN_ADDRESSES: Record<string, string> = { localhost: '127.0.0.1' }

/** Maps an address that stands for all interfaces to the loopback address that the URL of the mock contains. */
const LOOPBACK: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

async function listen(app: FastifyInstance, { host, port }: Settings) {
  closeWhenIdle(app.server)
  try {
    await app.listen({ host: LISTEN_ADDRESSES[host] ?? host, port })
  } catch (error) {
    await app.close()
    throw error
  }
  const { port: actual } = app.server.address() as AddressInfo
  const name = LOOPBACK[host] ?? host
  return { url: `http://${name.includes(':') ? `[${name}]` : name}:${actual}`, port: actual }
}

async function stop(app: FastifyInstance, graceMs: number): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), graceMs)
  await app.close().finally(() => clearTimeout(cut))
}
