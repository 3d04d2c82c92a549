import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { closeOnlyWhatIsIdle } from './connections.js'
import type { Mock, Seeded } from './handle.js'
import { checkOptions, type MockOptions } from './library-options.js'
import type { Settings } from './options.js'
import { DEFAULTS } from './pipelines/defaults.js'
import { parseDuration } from './pipelines/duration.js'
import { type Instant, instantAt } from './pipelines/instant.js'
import { formatFault } from './seed/fault.js'
import { type FixtureSource, type Loaded, loadSeed } from './seed/load.js'
import { buildServer } from './server.js'
import { type Clock, realClock } from './state/clock.js'
import { Sandbox } from './state/sandbox.js'

/**
 * Starts a mock, and resolves once it listens.
 * @throws OptionsError if an option cannot be right, FixtureError with every fault of the fixtures, or the error of
 *   the system (code EADDRINUSE, …) if the address cannot be listened on.
 */
export async function startMock(options: MockOptions = {}): Promise<Mock> {
  const settings = checkOptions(options)
  const clock = options.clock ? clockOf(options.clock) : realClock
  const load = (fixtures: FixtureSource | readonly FixtureSource[]) => loadSeed([fixtures].flat(), clock())

  const logger = options.logger ?? loggerOf(settings.logLevel)
  const loaded = await load(options.fixtures ?? settings.fixtures)
  for (const warning of loaded.warnings) logger?.warn(formatFault(warning))
  const sandbox = new Sandbox(loaded.seed, clock)
  const { strict, unknownPipeline, requireKey } = settings
  const app = await buildServer({ strict, unknownPipeline, requireKey, logger, sandboxOf: () => sandbox })
  const address = options.listen === false ? NOWHERE : await listen(app, settings)

  const known = <T>(found: T | undefined, id: string): T => {
    if (found === undefined) throw new RangeError(`there is no pipeline ${JSON.stringify(id)}: see pipelines.list()`)
    return found
  }
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= stop(app, parseDuration(settings.grace) as number)
    return closing
  }

  return {
    ...address,
    env: {
      IONWORKS_API_URL: address.url,
      IONWORKS_API_KEY: 'mock_default',
      IONWORKS_PROJECT_ID: loaded.seed.pipelines[0]?.pipeline.project_id ?? DEFAULTS.project_id,
    },
    seeded: summary(loaded),
    pipelines: {
      get: async (id) => known(sandbox.pipeline(id), id).pipeline,
      list: async ({ project_id, ...filter } = {}) =>
        sandbox
          .pipelines(project_id)
          .map(({ pipeline }) => pipeline)
          .filter(({ status, name }) => status === (filter.status ?? status) && name === (filter.name ?? name)),
      elements: async (id) => known(sandbox.pipeline(id), id).elements,
    },
    seed: async (fixture) => {
      const replacement = await load(fixture)
      sandbox.replace(replacement.seed)
      return summary(replacement)
    },
    reset: async () => sandbox.reset(),
    inject: async (request) => app.inject(request),
    close,
    [Symbol.asyncDispose]: close,
  }
}

const loggerOf = (level: Settings['logLevel']) =>
  level === 'silent' ? undefined : pino({ level }, pino.destination({ dest: 2, sync: true }))

/** A clock that a program brought; what it returns is checked each time, for a clock may be wrong later. */
function clockOf(now: () => Date): Clock {
  return (): Instant => {
    const date: unknown = now()
    const at = isDate(date) ? instantAt(date.getTime()) : undefined
    if (at === undefined) throw new RangeError('clock: it returned no Date of the years 0 to 9999')
    return at
  }
}

/** Of any realm: test runners give each file its own globals. */
const isDate = (value: unknown): value is Date => Object.prototype.toString.call(value) === '[object Date]'

const summary = ({ seed, documents, warnings }: Loaded): Seeded => ({
  pipelines: seed.pipelines.length,
  elements: seed.elementCount,
  documents,
  warnings: warnings.map(formatFault),
})

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
