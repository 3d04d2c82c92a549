import type { FaultPlan, PipelineChange, RequestFilter, Seeded } from '../contract/control.js'
import type { Pipeline, PipelineElement } from '../contract/index.js'
import type { FixtureSource } from '../fixtures/load.js'
import type { CreationPlan } from '../pipelines/creation-plan.js'
import type { FaultState } from './verbs/faults.js'
import type { PipelineFilter } from './verbs/pipelines.js'
import type { ReceivedRequest } from './verbs/requests.js'

/**
 * Reads and changes pipelines without a request to the mocked API. Therefore faults do not apply to these calls, and
 * the journal does not contain them. The returned pipelines have only the published keys, without `is_terminal` and
 * `is_failed`.
 */
export interface MockPipelines {
  /** Returns a pipeline. Rejects with code `pipeline_not_found` if the pipeline does not exist. */
  get(id: string): Promise<Readonly<Pipeline>>
  /**
   * Lists the pipelines that match every key of the filter. A filter can have the keys `project_id`, `status` and
   * `name`. Default: all pipelines. The pipelines that the mock started with, or that `seed` loaded, come first. The
   * pipelines that were added or created later follow.
   * @example
   * const running = await mock.pipelines.list({ status: 'running' })
   */
  list(filter?: PipelineFilter): Promise<readonly Readonly<Pipeline>[]>
  /**
   * Lists the elements of a pipeline in the order in which they run. Rejects with code `pipeline_not_found` if the
   * pipeline does not exist.
   */
  elements(id: string): Promise<readonly Readonly<PipelineElement>[]>
  /**
   * Adds the pipelines and plans of fixtures. A relative time in a fixture is a duration from the current time of the
   * clock.
   * @returns The counts of added pipelines and elements, and warnings about states that the real service would not
   *   return.
   * @throws FixtureError with all issues of all fixtures. ControlError with code `id_taken` if the sandbox already
   *   contains a pipeline or an element with one of the ids.
   */
  add(fixture: FixtureSource | readonly FixtureSource[]): Promise<Seeded>
  /**
   * Changes a pipeline. If `change.element` is given, changes the element of the pipeline with this `element_order`, id
   * or name instead. Then changes other records as the worker of the service would (all of this is assumed):
   *
   * - When an element starts, a pending pipeline starts, too.
   * - When an element completes, the next element starts. When the last element completes, the pipeline completes.
   * - When an element fails, the pipeline fails, and its elements that have not ended are skipped.
   * - When a pipeline is set to `running`, its next element starts, unless an element is already running. When a
   *   pipeline is set to `completed` or `canceled`, its elements that have not ended get the same status. When a
   *   pipeline is set to `failed`, its current element fails: the running element or, if no element is running, the
   *   next element.
   *
   * If the pipeline or the element has already ended, no other record changes.
   * @returns The changed pipeline.
   * @throws ControlError with code `pipeline_not_found` or `element_not_found`; with code `element_required` if the
   *   change has `result` or the status `skipped`, but not `element`.
   * @example
   * await mock.pipelines.set('fit', { element: 2, status: 'failed', error_code: 'SOLVER_ERROR' })
   * await mock.pipelines.set('fit', { status: 'completed' })
   */
  set(id: string, change: PipelineChange): Promise<Readonly<Pipeline>>
}

/**
 * The plans for pipelines that clients create: how long their elements run, and how they end. A reset of `data`
 * restores the plans of the initial fixtures. `seed` replaces all plans with the plans of the given fixtures.
 */
export interface MockPlans {
  /**
   * Adds a plan for pipelines that are created later. The plan takes precedence over all existing plans. Rejects with
   * code `too_many_plans` if the sandbox has 1000 plans.
   * @example
   * await mock.plans.add({ element_type: 'Data Fit', takes: '0s', ends_as: 'failed', error_code: 'SOLVER_ERROR' })
   */
  add(plan: CreationPlan): Promise<void>
  /** Lists the plans. If several plans match an element, the first of these plans applies. */
  list(): Promise<readonly CreationPlan[]>
}

/**
 * The clock of a sandbox. Pipelines, elements and journal entries get their times from this clock, and this clock
 * determines when elements end. If the clock moves forward, all changes that become due happen. Each change gets the
 * time at which the change was due. If the clock is set back, changes that have happened are kept, and running elements
 * keep their remaining time.
 */
export interface MockClock {
  /**
   * Returns the current time in UTC, such as `2026-09-14T08:15:30.123000Z`. The fraction is omitted if it is zero.
   */
  now(): Promise<string>
  /**
   * Stops the clock.
   * @param at The time to which the clock is set: a Date or an RFC 3339 string. Default: the current time of the
   *   clock.
   * @example
   * await mock.clock.freeze('2026-10-01T12:00:00Z')
   */
  freeze(at?: string | Date): Promise<void>
  /**
   * Moves the clock forward. A frozen clock stays frozen. Rejects with code `time_out_of_range` if the clock would
   * pass the year 9999.
   * @param by A non-negative duration: ISO 8601 without years and months (`PT30S`, `P1DT12H`), or a short form
   *   (`250ms`, `30s`, `5m`, `2h`). The smallest unit is a microsecond.
   * @example
   * await mock.clock.advance('30s')
   */
  advance(by: string): Promise<void>
  /** Lets the clock run from its current time. To restore the initial clock, use `reset('clock')`. */
  resume(): Promise<void>
}

/**
 * The journal of a sandbox: the last 1000 requests to operations of the mocked API, or fewer if the requests take much
 * memory. Requests to other paths and to the control API are not recorded.
 */
export interface MockRequests {
  /**
   * Lists the requests that match every key of the filter, oldest first. Default: all requests. A request without a
   * complete response has the status null.
   * @example
   * const cancels = await mock.requests.list({ operation: 'cancel_pipeline', status: 200 })
   */
  list(filter?: RequestFilter): Promise<readonly ReceivedRequest[]>
  /**
   * Resolves with the first request that matches every key of the filter. The request may have been received before
   * the call. If the filter has no `status`, a request matches as soon as it arrives. If the filter has a `status`, a
   * request matches when its response has been sent.
   * @param filter Default: any request matches.
   * @param options `timeout` is a duration in real time, at most 5m. Default: 5s.
   * @throws ExpectationError with code `request_not_received` after the timeout. ControlError with code
   *   `wait_too_long` if the timeout is above 5m, `sandbox_dropped` if the sandbox is dropped during the wait, or
   *   `mock_closed` if the mock is closed.
   * @example
   * await mock.requests.waitFor({ operation: 'cancel_pipeline', status: 200 }, { timeout: '10s' })
   */
  waitFor(filter?: RequestFilter, options?: { timeout?: string }): Promise<ReceivedRequest>
}

/** The faults of a sandbox. A fault replaces, delays or breaks the responses to matching requests. */
export interface MockFaults {
  /**
   * Adds a fault. Its plan selects requests by `operation` and `pipeline_id`. The fault skips the first `after` of
   * these requests (default: 0), and applies to the next `times` requests (default: 1; null: all later requests). A
   * plan has exactly one action: `respond`, `delay`, `disconnect`, `truncate`, `hang` or `hold`. If several faults
   * could apply to a request, only the fault that was added first applies. No fault applies to requests that match no
   * operation, such as requests to unknown paths. A sandbox has at most 1000 faults.
   * @returns The fault with its id.
   * @throws ControlError if the plan is invalid, or with code `too_many_faults`.
   * @example
   * await mock.faults.add({ operation: 'cancel_pipeline', times: 2, respond: { status: 503 } })
   * const { id } = await mock.faults.add({ operation: 'cancel_pipeline', hold: 'before' })
   */
  add(plan: FaultPlan): Promise<FaultState>
  /** Lists the faults in the order in which they were added, including faults that will not apply again. */
  list(): Promise<readonly FaultState[]>
  /**
   * Removes a fault, and closes the connections of the requests that the fault keeps waiting (`hold`, `delay` or
   * `hang`). Rejects with code `fault_not_found` if the fault does not exist.
   */
  remove(id: string): Promise<void>
  /**
   * Releases the requests that a fault with the action `hold` keeps waiting, so that these requests proceed. The
   * fault remains, and applies to later requests until it has applied `times` times.
   * @returns The number of released requests.
   * @throws ControlError with code `fault_not_found` if the fault does not exist, `fault_without_hold` if the fault
   *   has another action, or `nothing_held` if the fault currently holds no request.
   * @example
   * const { id } = await mock.faults.add({ operation: 'cancel_pipeline', hold: 'before' })
   * const response = fetch(`${mock.url}/pipelines/fit/cancel`, { method: 'POST' })
   * await mock.requests.waitFor({ operation: 'cancel_pipeline' })
   * await mock.faults.release(id)
   */
  release(id: string): Promise<number>
  /**
   * Asserts that every fault has applied to `times` requests or, if `times` is null, to at least one request.
   * @throws ExpectationError with code `faults_not_consumed`.
   */
  assertConsumed(): Promise<void>
}
