import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { closeOnlyWhatIsIdle } from './http/connections.js'
import type { InjectOptions, Response } from 'light-my-request'
import { controlOver, type MockControl, placeOf } from './control/handle.js'
import type { Seeded } from './control/shapes.js'
import { inProcess } from './control/in-process.js'
import { checkOptions, type MockOptions } from './options/library.js'
import { OPTIONS, readClock, readProgress, type Settings } from './options/options.js'
import { DEFAULTS } from './pipelines/defaults.js'
import { parseDuration } from './time/duration.js'
import { type Instant, instantAt } from './time/instant.js'
import { formatFault } from './diagnostics/issue.js'
import { type FixtureSource, loadSeed, summaryOf } from './fixtures/load.js'
import { buildServer } from './server.js'
import { SHIPPED_FIXTURES, SHIPPED_SOURCES } from './options/shipped.js'
import { Clock, isDate, machineTime, type TimeSource } from './time/clock.js'
import { JournalBudget } from './state/journal.js'
import { Sandbox } from './state/sandbox.js'
import { DEFAULT_SANDBOX, Sandboxes } from './state/sandboxes.js'
import { version } from './options/version.js'

/** A running mock, and its default sandbox. */
export interface Mock extends MockControl, AsyncDisposable {
  /** Without a trailing slash. With `listen: false`, one that nothing answers. */
  readonly url: string
  readonly port: number
  /** What it was started with. */
  readonly seeded: Seeded
  /** Makes a request without a connection. */
  inject(request: InjectOptions | string): Promise<Response>
  /** Stops accepting, and resolves when the answers in flight have been sent, or cut after `grace`. */
  close(): Promise<void>
}

/**
 * Starts a mock, and resolves once it listens.
 * @throws OptionsError if an option cannot be right, FixtureError with every fault of the fixtures, or the error of
 *   the system (code EADDRINUSE, …) if the address cannot be listened on.
 */
export async function startMock(options: MockOptions = {}): Promise<Mock> {
  const settings = checkOptions(options)
  const newClock = clocksOf(options.clock ?? OPTIONS.clock.default)
  const logger = options.logger ?? loggerOf(settings.logLevel)
  const asked = [options.fixtures ?? settings.fixtures].flat() as FixtureSource[]
  const sources = asked.flatMap((source) => (source === SHIPPED_FIXTURES ? SHIPPED_SOURCES : [source]))
  const loaded = await loadSeed(sources, newClock().now())
  for (const warning of loaded.warnings) logger?.warn(formatFault(warning))

  const seeded = summaryOf(loaded)
  const project_id = loaded.seed.project_id ?? DEFAULTS.project_id
  const shared = { newClock, takes: readProgress(settings.progress), budget: new JournalBudget() }
  const sandboxes = new Sandboxes(
    () => new Sandbox(loaded.seed, shared),
    settings.maxSandboxes,
    (sandbox) => logger?.warn({ sandbox }, 'dropped, as the longest idle of too many (--max-sandboxes)'),
  )
  const info = { version: version(), project_id, ...seeded }
  const closed = new AbortController()
  const worldOf = (name: string) => ({ sandbox: sandboxes.get(name), sandboxes, info, signal: closed.signal })

  const { strict, unknownPipeline, requireKey, control, controlToken: token, allowedHost: allowedHosts } = settings
  const app = await buildServer({
    ...{ strict, unknownPipeline, requireKey, logger, worldOf },
    sandboxOf: (name) => sandboxes.get(name),
    guard: control ? { allowedHosts, token } : undefined,
  })
  const { url, port } = options.listen === false ? NOWHERE : await listen(app, settings)

  let closing: Promise<void> | undefined
  const close = () => {
    closed.abort()
    sandboxes.cutHeld()
    closing ??= stop(app, parseDuration(settings.grace) as number)
    return closing
  }
  return {
    ...controlOver((name) => ({
      transport: inProcess(name ?? DEFAULT_SANDBOX, worldOf),
      place: placeOf(url, project_id, name),
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

/** What makes the clock of a sandbox: one that is frozen at the start is so at the same instant in all of them. */
function clocksOf(option: NonNullable<MockOptions['clock']>): () => Clock {
  if (typeof option === 'function') return () => new Clock(timeOf(option))
  const { frozen, at = machineTime() } = readClock(option) as NonNullable<ReturnType<typeof readClock>>
  return () => new Clock(machineTime, frozen ? at : undefined)
}

/** The time that a program tells; it is checked each time, for it may be wrong later. */
function timeOf(now: () => Date): TimeSource {
  return (): Instant => {
    const date: unknown = now()
    const at = isDate(date) ? instantAt(date.getTime()) : undefined
    if (at === undefined) throw new RangeError('clock: it returned no Date of the years 0 to 9999')
    return at
  }
}

/** Port 0 cannot be connected to: a call that should have been injected fails at once, and says where it went. */
const NOWHERE = { url: 'http://127.0.0.1:0', port: 0 }

/** Fastify opens a second server for this name, whose connections nobody could cut at a stop; clients try both. */
const ADDRESSES: Record<string, string> = { localhost: '127.0.0.1' }

/** Addresses that stand for all of a machine's are reached by its loopback. */
const REACHED_AS: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

async function listen(app: FastifyInstance, { host, port }: Settings) {
  closeOnlyWhatIsIdle(app.server)
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

/** How often a stop looks for connections that were kept alive by an answer which had begun before it. */
const SWEEP_MS = 20

async function stop(app: FastifyInstance, graceMs: number): Promise<void> {
  const sweep = setInterval(() => app.server.closeIdleConnections(), SWEEP_MS)
  const cut = setTimeout(() => app.server.closeAllConnections(), graceMs)
  try {
    await app.close()
  } finally {
    clearInterval(sweep)
    clearTimeout(cut)
  }
}
