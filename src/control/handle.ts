import type { Pipeline, PipelineElement } from '../contract/index.js'
import { instantAt } from '../time/instant.js'
import type { Document } from '../diagnostics/source.js'
import type { Fixture } from '../fixtures/schema.js'
import { type FixtureSource, openFixtures } from '../fixtures/load.js'
import { isDate } from '../time/clock.js'
import type { ResetPart } from '../state/sandbox.js'
import { DEFAULT_SANDBOX } from '../state/sandboxes.js'
import type { Caller } from './calls.js'
import { checkSandboxName } from './check.js'
import { ExpectationError, told } from './expectation.js'
import type {
  FaultPlan,
  FaultState,
  PipelineChange,
  PipelineFilter,
  ReceivedRequest,
  RequestFilter,
  SandboxState,
  Seeded,
} from './shapes.js'

/**
 * A sandbox of a mock: a world of its own over the fixtures. Every verb returns a promise, for the mock may be in another
 * process. Where there is no such thing, or what is sent is not right, it rejects with a ControlError, and nothing has
 * changed.
 */
export interface MockSandbox {
  /** Without a trailing slash. */
  readonly url: string
  /** What the program under test needs, under the official client's own names. */
  readonly env: {
    readonly IONWORKS_API_URL: string
    readonly IONWORKS_API_KEY: string
    /** The project of the first pipeline of the fixtures that the mock was started with. */
    readonly IONWORKS_PROJECT_ID: string
  }
  readonly pipelines: MockPipelines
  readonly clock: MockClock
  readonly requests: MockRequests
  readonly faults: MockFaults
  /** Back to the start; or some parts alone, and then snapshots stay. Requests that faults hold are cut off. */
  reset(...only: ResetPart[]): Promise<void>
  /** Replaces all pipelines, until the next reset. Rejects with a FixtureError that lists every fault. */
  seed(fixture: FixtureSource | readonly FixtureSource[]): Promise<Seeded>
  /** All pipelines as a fixture that seeds to the same state, remaining times included. */
  state(): Promise<Fixture>
  /** Remembers the data by a name. */
  snapshot(name: string): Promise<void>
  /** Back to the data that a name stands for; the clock stays, and what was to come then is as far away now. */
  restore(name: string): Promise<void>
  /** Rejects with an ExpectationError unless the pipeline is canceled with all that had not ended. */
  expectCanceled(pipeline_id: string): Promise<void>
  /** Rejects with an ExpectationError unless so many requests were received that match; `times` left out: at least one. */
  verify(expected: RequestFilter & { times?: number }): Promise<void>
}

/** The state, past the wire: records are as published. */
export interface MockPipelines {
  get(id: string): Promise<Readonly<Pipeline>>
  /** All that match, in the order of the seed. */
  list(filter?: PipelineFilter): Promise<readonly Readonly<Pipeline>[]>
  /** In their order of execution. */
  elements(id: string): Promise<readonly Readonly<PipelineElement>[]>
  /** Adds pipelines. Rejects with a FixtureError that lists every fault. */
  add(fixture: FixtureSource | readonly FixtureSource[]): Promise<Seeded>
  /**
   * Puts a pipeline, or one of its elements, into a state, as the service's own worker would: when an element completes
   * the next one starts, and with the last the pipeline completes; when one fails, later ones are skipped and the pipeline
   * fails. An ended pipeline is put into any state, without consequences.
   */
  set(id: string, change: PipelineChange): Promise<Readonly<Pipeline>>
}

/**
 * The clock of a sandbox. Durations are ISO 8601 (`PT30S`) or short (`250ms`, `30s`, `5m`, `2h`), to the microsecond. Set
 * forward, the time in between passes; set back, none does, and what is still to come is as far away as it was.
 */
export interface MockClock {
  /** As a client reads it: `2026-09-14T08:15:30.123000Z`. */
  now(): Promise<string>
  /** Stands still from here on, or at an instant with its offset. */
  freeze(at?: string | Date): Promise<void>
  /** Moves it on, frozen or not. */
  advance(by: string): Promise<void>
  /** Runs on from the time that it tells. */
  resume(): Promise<void>
}

/** The last 1000 requests to the mocked API. */
export interface MockRequests {
  /** Those that match, the oldest first. One that is not answered yet has the status null. */
  list(filter?: RequestFilter): Promise<readonly ReceivedRequest[]>
  /** The first that matches, as soon as it is there. Rejects with an ExpectationError after the timeout; left out: 5s. */
  waitFor(filter?: RequestFilter, options?: { timeout?: string }): Promise<ReceivedRequest>
}

/** What is to go wrong. */
export interface MockFaults {
  add(plan: FaultPlan): Promise<FaultState>
  list(): Promise<readonly FaultState[]>
  /** Takes a fault away; requests that it holds are cut off. */
  remove(id: string): Promise<void>
  /** Lets the requests go on that a fault holds, and tells how many they were. Rejects if there is none yet. */
  release(id: string): Promise<number>
  /** Rejects with an ExpectationError unless every fault has met all the requests that it was made for. */
  assertConsumed(): Promise<void>
}

/** The sandboxes of a mock, and its default one. */
export interface MockControl extends MockSandbox {
  /**
   * The sandbox of that name, made when it is first used.
   * @throws ControlError if no sandbox can have that name.
   */
  sandbox(name: string): MockSandbox
  readonly sandboxes: {
    /** The named ones, the longest idle first. */
    list(): Promise<readonly SandboxState[]>
    /** Forgets one. */
    drop(name: string): Promise<void>
  }
}

/** The way to a sandbox, wherever that is. */
export interface Transport {
  readonly call: Caller
  /** Fixtures that were read here take their places with them where they can. */
  readonly load: (verb: 'seed' | 'add_pipelines', documents: readonly Document[]) => Promise<Seeded>
}

/** The handle of a sandbox, in process and over HTTP alike. */
export function handleOver({ call, load }: Transport, place: Pick<MockSandbox, 'url' | 'env'>): MockSandbox {
  const open = (fixture: FixtureSource | readonly FixtureSource[]) => openFixtures([fixture].flat() as FixtureSource[])
  const received = async (filter: RequestFilter = {}) => call('list_requests', { query: queryOf(filter) })
  return {
    ...place,
    pipelines: {
      get: (id) => call('get_pipeline', { params: { id } }),
      list: (filter = {}) => call('list_pipelines', { query: defined(filter) }),
      elements: (id) => call('get_elements', { params: { id } }),
      add: async (fixture) => load('add_pipelines', await open(fixture)),
      set: (id, change) => call('set_pipeline', { params: { id }, body: change }),
    },
    clock: {
      now: async () => (await call('get_clock', {})).now,
      freeze: async (at) => {
        const now = isDate(at) ? (instantAt(at.getTime()) ?? 'no time') : at
        await call('set_clock', { body: { mode: 'frozen', ...(now !== undefined && { now }) } })
      },
      advance: async (by) => void (await call('advance_clock', { body: { by } })),
      resume: async () => void (await call('set_clock', { body: { mode: 'offset' } })),
    },
    requests: {
      list: received,
      async waitFor(filter = {}, { timeout = '5s' } = {}) {
        const [request] = await call('wait_for_request', { query: { ...queryOf(filter), timeout } })
        if (request) return request
        throw new ExpectationError(`no request ${told(filter)} came within ${timeout}`, await received())
      },
    },
    faults: {
      add: (plan) => call('add_fault', { body: plan }),
      list: () => call('list_faults', {}),
      remove: async (id) => void (await call('remove_fault', { params: { id } })),
      release: async (id) => (await call('release_fault', { params: { id } })).released,
      async assertConsumed() {
        const left = (await call('list_faults', {})).filter(({ consumed }) => !consumed)
        if (left.length === 0) return
        const lines = left.map(({ id, fired, matched, held: _, consumed: __, ...plan }) =>
          [
            `${id} has met ${fired} of ${plan.times === null ? 'any' : (plan.times ?? 1)} requests, and ${matched} matched`,
            JSON.stringify(plan),
          ].join(': '),
        )
        throw new ExpectationError(`not every fault was met\n${lines.join('\n')}`, await received())
      },
    },
    reset: async (...only) => void (await call('reset', { body: only.length > 0 ? { only } : {} })),
    seed: async (fixture) => load('seed', await open(fixture)),
    state: () => call('get_state', {}),
    snapshot: async (name) => void (await call('snapshot', { params: { name } })),
    restore: async (name) => void (await call('restore', { params: { name } })),
    async expectCanceled(pipeline_id) {
      const params = { id: pipeline_id }
      const { status } = await call('get_pipeline', { params })
      const open = (await call('get_elements', { params })).filter((one) => /pending|running/.test(one.status))
      if (status === 'canceled' && open.length === 0) return
      const elements = open.map((one) => `, its element ${JSON.stringify(one.name)} is ${one.status}`).join('')
      const message = `the pipeline ${JSON.stringify(pipeline_id)} is ${status}${elements}: expected canceled`
      throw new ExpectationError(message, await received({ pipeline_id }))
    },
    async verify({ times, ...filter }) {
      const { length } = await received(filter)
      if (times === undefined ? length > 0 : length === times) return
      const wanted = times === undefined ? 'at least one' : times
      throw new ExpectationError(
        `${length === 0 ? 'no request' : length === 1 ? '1 request' : `${length} requests`} ${told(filter)} came: expected ${wanted}`,
        await received(),
      )
    },
  }
}

/** The handle of a mock and of all its sandboxes, each reached by its name; without one, the default. */
export function controlOver(
  reach: (name?: string) => { transport: Transport; place: Pick<MockSandbox, 'url' | 'env'> },
): MockControl {
  const { transport, place } = reach()
  return {
    ...handleOver(transport, place),
    sandbox(name) {
      const there = reach(checkSandboxName(name))
      return handleOver(there.transport, there.place)
    },
    sandboxes: {
      list: () => transport.call('list_sandboxes', {}),
      drop: async (name) => void (await transport.call('drop_sandbox', { params: { name } })),
    },
  }
}

/** Where a sandbox is reached, and what the program under test needs for that. */
export function placeOf(root: string, project_id: string, name?: string): Pick<MockSandbox, 'url' | 'env'> {
  const url = name === undefined ? root : `${root}/_sandbox/${name}`
  const key = `mock_${name ?? DEFAULT_SANDBOX}`
  return { url, env: { IONWORKS_API_URL: url, IONWORKS_API_KEY: key, IONWORKS_PROJECT_ID: project_id } }
}

/** In a query, numbers are texts. */
const queryOf = ({ status, ...rest }: RequestFilter) => ({
  ...defined(rest),
  ...(status !== undefined && { status: String(status) }),
})

/** A key that is undefined is as good as left out. */
const defined = <T extends object>(given: T): T =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T
