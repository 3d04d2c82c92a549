import type { FaultPlan, PipelineChange, RequestFilter, ResetPart, Seeded } from '../contract/control.js'
import type { Pipeline, PipelineElement } from '../contract/index.js'
import type { FixtureSource } from '../fixtures/load.js'
import type { Fixture } from '../fixtures/schema.js'
import { DEFAULT_SANDBOX } from '../state/sandboxes.js'
import { checkSandboxName } from './check.js'
import { assertConsumed, expectCanceled, verify, waitFor } from './expectations.js'
import { bind, type Transport } from './verb.js'
import { clock } from './verbs/clock.js'
import { type FaultState, faults } from './verbs/faults.js'
import { mock } from './verbs/mock.js'
import { type PipelineFilter, pipelines } from './verbs/pipelines.js'
import { type ReceivedRequest, requests } from './verbs/requests.js'
import { type SandboxState, sandboxes } from './verbs/sandboxes.js'

/**
 * A sandbox of a mock: a world of its own over the fixtures. Every method returns a promise, because the mock may be in
 * another process. If a record does not exist, or an argument is invalid, it rejects with a ControlError, and nothing has
 * changed.
 */
export interface MockSandbox {
  /** Without a trailing slash. */
  readonly url: string
  /** Environment variables for the program under test, under the official client's own names. */
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
  /** Resets the sandbox as if it were new, or only parts of it; then snapshots stay. Aborts requests that faults hold. */
  reset(...only: ResetPart[]): Promise<void>
  /** Replaces all pipelines, until the next reset. Rejects with a FixtureError that lists all issues. */
  seed(fixture: FixtureSource | readonly FixtureSource[]): Promise<Seeded>
  /** Exports all pipelines as a fixture that seeds to the same state, remaining times included. */
  state(): Promise<Fixture>
  /** Saves the data under a name. */
  snapshot(name: string): Promise<void>
  /** Restores the data of a snapshot. The clock stays, and what was to come then is as far away now. */
  restore(name: string): Promise<void>
  /** Rejects with an ExpectationError unless the pipeline is canceled, with all elements that had not ended. */
  expectCanceled(pipeline_id: string): Promise<void>
  /** Rejects with an ExpectationError unless `times` matching requests were received. Default: at least one. */
  verify(expected: RequestFilter & { times?: number }): Promise<void>
}

/** Reads and changes the state directly, without a request to the mocked API. Records are as published. */
export interface MockPipelines {
  get(id: string): Promise<Readonly<Pipeline>>
  /** The pipelines that match, in the order of the seed. */
  list(filter?: PipelineFilter): Promise<readonly Readonly<Pipeline>[]>
  /** The elements of a pipeline, in their order of execution. */
  elements(id: string): Promise<readonly Readonly<PipelineElement>[]>
  /** Adds pipelines. Rejects with a FixtureError that lists all issues. */
  add(fixture: FixtureSource | readonly FixtureSource[]): Promise<Seeded>
  /**
   * Puts a pipeline, or one of its elements, into a state, as the worker of the service would: when an element completes,
   * the next one starts, and with the last the pipeline completes; when one fails, later ones are skipped and the pipeline
   * fails. An ended pipeline is put into any state, without consequences.
   */
  set(id: string, change: PipelineChange): Promise<Readonly<Pipeline>>
}

/**
 * The clock of a sandbox. Durations are ISO 8601 (`PT30S`) or short (`250ms`, `30s`, `5m`, `2h`), to the microsecond. Set
 * forward, the time in between passes. Set back, none does, and what is to come is as far away as it was.
 */
export interface MockClock {
  /** As a client reads it: `2026-09-14T08:15:30.123000Z`. */
  now(): Promise<string>
  /** Stops the clock now, or at an instant with its offset. */
  freeze(at?: string | Date): Promise<void>
  /** Moves the clock on, frozen or not. */
  advance(by: string): Promise<void>
  /** Lets the clock run on from its current time. */
  resume(): Promise<void>
}

/** The journal: the last 1000 requests to the mocked API. */
export interface MockRequests {
  /** The requests that match, the oldest first. One without a response has the status null. */
  list(filter?: RequestFilter): Promise<readonly ReceivedRequest[]>
  /** Resolves with the first matching request. Rejects with an ExpectationError after the timeout. Default: 5s. */
  waitFor(filter?: RequestFilter, options?: { timeout?: string }): Promise<ReceivedRequest>
}

/** Faults: what goes wrong, with which requests. */
export interface MockFaults {
  add(plan: FaultPlan): Promise<FaultState>
  list(): Promise<readonly FaultState[]>
  /** Removes a fault, and aborts the requests that it holds. */
  remove(id: string): Promise<void>
  /** Releases the requests that a fault holds, and resolves with their number. Rejects if there are none. */
  release(id: string): Promise<number>
  /** Rejects with an ExpectationError unless every fault applied as often as planned. */
  assertConsumed(): Promise<void>
}

/** The sandboxes of a mock, and its default one. */
export interface MockControl extends MockSandbox {
  /**
   * Returns the sandbox of a name, which is made on first use.
   * @throws ControlError if no sandbox can have that name.
   */
  sandbox(name: string): MockSandbox
  readonly sandboxes: {
    /** The named sandboxes, the longest idle first. */
    list(): Promise<readonly SandboxState[]>
    /** Drops a sandbox. */
    drop(name: string): Promise<void>
  }
}

type Address = Pick<MockSandbox, 'url' | 'env'>

/** The handle of a sandbox, in process and over HTTP alike. */
const handleOver = (transport: Transport, address: Address): MockSandbox => ({
  ...address,
  ...bind({ ...mock, expectCanceled, verify }, transport),
  pipelines: bind(pipelines, transport),
  clock: bind(clock, transport),
  requests: bind({ ...requests, waitFor }, transport),
  faults: bind({ ...faults, assertConsumed }, transport),
})

/** The handle of a mock and of its sandboxes; `reach` finds the way to a sandbox by its name, or to the default one. */
export function controlOver(reach: (name?: string) => { transport: Transport; address: Address }): MockControl {
  const { transport, address } = reach()
  return {
    ...handleOver(transport, address),
    sandbox(name) {
      const there = reach(checkSandboxName(name))
      return handleOver(there.transport, there.address)
    },
    sandboxes: bind(sandboxes, transport),
  }
}

/** The address of a sandbox, and the environment of the program under test. */
export function addressOf(root: string, project_id: string, name?: string): Address {
  const url = name === undefined ? root : `${root}/_sandbox/${name}`
  const key = `mock_${name ?? DEFAULT_SANDBOX}`
  return { url, env: { IONWORKS_API_URL: url, IONWORKS_API_KEY: key, IONWORKS_PROJECT_ID: project_id } }
}
