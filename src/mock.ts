import type { AddressInfo } from 'node:net'
import { Type } from '@sinclair/typebox'
import type { FastifyBaseLogger, FastifyInstance, InjectOptions } from 'fastify'
import { pino } from 'pino'
import { closeWhenIdle } from './http/connections.js'
import { addressOf, controlOver } from './control/handle.js'
import type { MockControl } from './control/mock-control.js'
import type { Seeded } from './contract/control.js'
import { Closed } from './contract/schema.js'
import { checkArgument } from './control/check.js'
import { inProcess } from './control/in-process.js'
import { checkOptions, type MockOptions } from './options/library.js'
import { timeOf } from './options/clock.js'
import { listenAddressOf, localUrl } from './options/host.js'
import type { Settings } from './options/options.js'
import { deepFreeze } from './pipelines/freeze.js'
import { machineTime } from './time/clock.js'
import { parseDuration } from './time/duration.js'
import { formatIssues } from './diagnostics/issue.js'
import { type FixtureSource, openFixtures, summaryOf, validateDocuments } from './fixtures/load.js'
import { buildServer } from './server.js'
import { SHIPPED_FIXTURES, SHIPPED_SOURCES } from './options/shipped.js'
import { parseSize } from './contract/settings.js'
import { clocksOf, takesOf } from './state/home.js'
import { JournalBudget } from './state/journal-budget.js'
import { Memory } from './state/memory.js'
import { DEFAULT_SANDBOX, Sandboxes } from './state/sandboxes.js'
import { version } from './options/package.js'
import { clearTimeout, setTimeout } from './time/timers.js'

/** A request for `inject`. */
export interface InjectedRequest {
  /** Default: `GET`. */
  method?: 'DELETE' | 'GET' | 'HEAD' | 'OPTIONS' | 'PATCH' | 'POST' | 'PUT'
  /** Path and query, such as `/pipelines/fit/cancel`. */
  url: string
  headers?: Readonly<Record<string, string | string[]>>
  query?: Readonly<Record<string, string | string[]>>
  /** The body. An object is sent as JSON. */
  payload?: string | object
}

/** The response to an injected request. */
export interface InjectedResponse {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, number | string | string[] | undefined>>
  readonly body: string
  /** Parses the body as JSON. Throws if the body is not JSON. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the type of `Response.json` of `fetch`
  json(): any
}

/** The handle of a running mock. `await using` closes the mock at the end of the block. */
export interface Mock extends MockControl, AsyncDisposable {
  /**
   * Base URL of the mocked API, without a trailing slash. With the option `listen: false`, requests to this URL fail.
   */
  readonly url: string
  /** Port that the mock listens on, or 0 with the option `listen: false`. */
  readonly port: number
  /** Counts of the pipelines and elements that the mock started with, and warnings about the fixtures. */
  readonly seeded: Seeded
  /**
   * Sends a request to the mock without a network connection, with Fastify's `inject`. Rejects with an Error if a fault
   * closes the connection. Rejects with a ControlError if the request has an unknown key.
   * @example
   * const response = await mock.inject({ method: 'POST', url: '/pipelines/fit/cancel' })
   * response.statusCode // 200
   */
  inject(request: InjectedRequest | string): Promise<InjectedResponse>
  /**
   * Stops the mock. The mock accepts no new connections, and ends all calls of `waitFor`. A request that a fault with
   * the action `hold` or `hang` keeps waiting gets no response: the mock closes its connection. The mock sends all
   * other responses, including delayed responses. After the duration in the option `grace` (default: 5s), the mock
   * closes the connections that are still open. `close` resolves when all responses have ended. Further calls return
   * the same promise.
   */
  close(): Promise<void>
}

/**
 * Starts a mock. Resolves when the mock listens. By default the mock listens on a free port of 127.0.0.1, serves the
 * shipped battery lab, and logs nothing.
 * @throws OptionsError, which lists all invalid options. FixtureError, which lists all issues of the fixtures. A system
 *   error with a `code` such as `EADDRINUSE`, if the mock cannot listen on the address.
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
  const logger = (options.logger as FastifyBaseLogger | undefined) ?? loggerOf(settings.logLevel)
  const requested = [options.fixtures ?? settings.fixtures].flat() as readonly FixtureSource[]
  const sources = requested.flatMap((source) => (source === SHIPPED_FIXTURES ? SHIPPED_SOURCES : [source]))
  const fixtures = validateDocuments(await openFixtures(sources))
  const { clock, progress } = { ...fixtures.settings, ...givenSettings(options) }
  const source = typeof clock === 'function' ? timeOf(clock) : machineTime
  const newClock = clocksOf(typeof clock === 'string' ? clock : 'real', source)
  const loaded = fixtures.loadAt(newClock().now())
  for (const warning of formatIssues(loaded.warnings)) logger?.warn(warning)
  if (settings.strict)
    logger?.warn(
      'with --strict, pipelines lack is_terminal and is_failed; the official client requires these keys since version ' +
        '0.32, so omit --strict for this client',
    )

  const seeded = deepFreeze(summaryOf(loaded))
  const project_id = loaded.seed.project_id
  const home = { loaded, newClock, takes: takesOf(progress, undefined) }
  const memory = new Memory(parseSize(settings.memoryLimit))
  const onFirstDrop = () =>
    logger?.warn('the journals need too much memory: dropped the oldest requests; to keep more, raise --memory-limit')
  const sandboxes = new Sandboxes(
    { home, source, memory, budget: new JournalBudget(memory, onFirstDrop) },
    settings.maxSandboxes,
    (sandbox) =>
      logger?.warn(
        { sandbox },
        'too many sandboxes: evicted the sandbox that was idle longest; to keep more sandboxes, raise --max-sandboxes ' +
          'and --memory-limit',
      ),
  )
  const context = { sandboxes, memory, version: version() }

  const { strict, unknownPipeline, requireKey, control, controlToken: token, allowedHost: allowedHosts } = settings
  const { elementLimit } = settings
  const bodyLimit = parseSize(settings.bodyLimit)
  const app = await buildServer({
    ...{ strict, unknownPipeline, requireKey, bodyLimit, elementLimit, logger, context },
    guard: control ? { allowedHosts, token } : undefined,
  })
  const { url, port } = options.listen === false ? NOT_LISTENING : await listen(app, settings)

  const injected = new Set<Promise<InjectedResponse>>()
  const inject = (request: InjectedRequest | string) => {
    const response = sendTo(app, request).finally(() => injected.delete(response))
    injected.add(response)
    return response
  }

  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= stop(app, sandboxes, injected, parseDuration(settings.grace) as number)
    return closing
  }
  return {
    ...controlOver((name) => ({
      transport: inProcess(context, name ?? DEFAULT_SANDBOX),
      address: addressOf(url, project_id, name),
    })),
    port,
    seeded,
    inject,
    close,
    [Symbol.asyncDispose]: close,
  }
}

const loggerOf = (level: Settings['logLevel']) =>
  level === 'silent' ? undefined : pino({ level }, pino.destination({ dest: 2, sync: true }))

/** Returns the options that take precedence over the key `mock` of fixtures. */
const givenSettings = ({ clock, progress }: MockOptions) => ({
  ...(clock !== undefined && { clock }),
  ...(progress !== undefined && { progress }),
})

/** Address of a mock that does not listen. Requests to port 0 fail immediately. */
const NOT_LISTENING = { url: 'http://127.0.0.1:0', port: 0 }

async function listen(app: FastifyInstance, { host, port }: Settings) {
  closeWhenIdle(app.server)
  try {
    await app.listen({ host: listenAddressOf(host), port })
  } catch (error) {
    await app.close()
    throw error
  }
  const { port: actual } = app.server.address() as AddressInfo
  return { url: localUrl(host, actual), port: actual }
}

const any = Type.Optional(Type.Unknown())

/** Schema of the keys of an InjectedRequest. Fastify checks the values. */
const InjectedKeys = Closed({ method: any, url: Type.String(), headers: any, query: any, payload: any })

async function sendTo(app: FastifyInstance, request: InjectedRequest | string): Promise<InjectedResponse> {
  return app.inject(typeof request === 'string' ? request : (checkArgument(InjectedKeys, request) as InjectOptions))
}

/**
 * Closes the server. Resolves when no response is in flight. After the grace period, closes the connections of the
 * responses that are still in flight. An injected request has no connection. Only a fault with a delay can keep an
 * injected request waiting, and `abortHeld` ends this delay.
 */
async function stop(
  app: FastifyInstance,
  sandboxes: Sandboxes,
  injected: Iterable<Promise<unknown>>,
  graceMs: number,
): Promise<void> {
  sandboxes.close()
  const cut = setTimeout(() => {
    app.server.closeAllConnections()
    sandboxes.abortHeld()
  }, graceMs)
  await Promise.all([app.close(), Promise.allSettled(injected)]).finally(() => clearTimeout(cut))
}
