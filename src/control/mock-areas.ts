import type { FaultPlan, PipelineChange, RequestFilter, Seeded } from '../contract/control.js'
import type { Pipeline, PipelineElement } from '../contract/index.js'
import type { FixtureSource } from '../fixtures/load.js'
import type { FaultState } from './verbs/faults.js'
import type { PipelineFilter } from './verbs/pipelines.js'
import type { ReceivedRequest } from './verbs/requests.js'

/**
 * Reads and changes pipelines without a request to the mocked API, so without faults and without an entry in the
 * journal. Records have the published keys, so `is_terminal` and `is_failed` are absent.
 */
export interface MockPipelines {
  /** Returns a pipeline. Rejects with code `pipeline_not_found` if it does not exist. */
  get(id: string): Promise<Readonly<Pipeline>>
  /**
   * Lists the pipelines whose `project_id`, `status` and `name` equal those of the filter. Default: all pipelines.
   * Seeded pipelines come first, in the order of the fixtures; added and created ones follow.
   * @example
   * const running = await mock.pipelines.list({ status: 'running' })
   */
  list(filter?: PipelineFilter): Promise<readonly Readonly<Pipeline>[]>
  /** Lists the elements of a pipeline in their order of execution. */
  elements(id: string): Promise<readonly Readonly<PipelineElement>[]>
  /**
   * Adds the pipelines of fixtures. Relative times in the fixtures count from the current time of the clock.
   * @returns The counts of added pipelines and elements, and warnings about states that the real service would not
   *   show.
   * @throws FixtureError with all issues of all fixtures; ControlError with code `id_taken` if an id already exists.
   */
  add(fixture: FixtureSource | readonly FixtureSource[]): Promise<Seeded>
  /**
   * Changes a pipeline, or the element that `change.element` names by its `element_order`, id or name. The
   * consequences are those of the same change by a worker of the service (assumed):
   *
   * - An element that completes starts the next one; when the last one completes, the pipeline completes.
   * - An element that fails skips the elements that have not ended, and fails the pipeline.
   * - A pipeline set to `running` starts its next element, `completed` completes its remaining elements, `failed`
   *   fails the current element, and `canceled` cancels the remaining elements.
   *
   * A pipeline or element that has ended takes any status, without consequences.
   * @returns The changed pipeline.
   * @throws ControlError with code `pipeline_not_found`, `element_not_found`, or `element_required` if `result` or
   *   the status `skipped` is set without `element`.
   * @example
   * await mock.pipelines.set('fit', { element: 2, status: 'failed', error_code: 'SOLVER_ERROR' })
   * await mock.pipelines.set('fit', { status: 'completed' })
   */
  set(id: string, change: PipelineChange): Promise<Readonly<Pipeline>>
}

/**
 * The clock of a sandbox. It gives the times of records and of journal entries, and decides when elements end. A
 * clock that is set forward lets the time in between pass. A clock that is set back undoes nothing, and elements keep
 * their remaining time.
 */
export interface MockClock {
  /** Returns the current time in UTC, such as `2026-09-14T08:15:30.123000Z`, without a fraction if it is zero. */
  now(): Promise<string>
  /**
   * Stops the clock.
   * @param at A Date, or an RFC 3339 string with an offset. Default: the current time of the clock.
   * @example
   * await mock.clock.freeze('2026-10-01T12:00:00Z')
   */
  freeze(at?: string | Date): Promise<void>
  /**
   * Moves the clock forward. A frozen clock stays frozen. Rejects with code `time_out_of_range` if the clock would
   * pass the year 9999.
   * @param by A duration that is not negative, to the microsecond: ISO 8601 of weeks to seconds (`PT30S`, `P1DT12H`)
   *   or short (`250ms`, `30s`, `5m`, `2h`).
   * @example
   * await mock.clock.advance('30s')
   */
  advance(by: string): Promise<void>
  /** Lets the clock run on from its current time. `reset('clock')` restores the clock of the start. */
  resume(): Promise<void>
}

/** The journal of a sandbox: the last 1000 requests to the mocked API, without those to the control API. */
export interface MockRequests {
  /**
   * Lists the requests that match every key of the filter, oldest first. Default: all requests. A request without a
   * response has the status null.
   * @example
   * const cancels = await mock.requests.list({ operation: 'cancel_pipeline', status: 200 })
   */
  list(filter?: RequestFilter): Promise<readonly ReceivedRequest[]>
  /**
   * Resolves with the first request that matches every key of the filter, also if it was received before the call. A
   * filter without `status` matches a request when it arrives; a filter with `status`, when its response is sent.
   * @param options `timeout` is a duration in real time. Default: 5s; at most 5m (`wait_too_long`).
   * @throws ExpectationError with code `request_not_received` after the timeout.
   * @example
   * await mock.requests.waitFor({ operation: 'cancel_pipeline', status: 200 }, { timeout: '10s' })
   */
  waitFor(filter?: RequestFilter, options?: { timeout?: string }): Promise<ReceivedRequest>
}

/** The faults of a sandbox. A fault replaces, delays or breaks the responses to matching requests. */
export interface MockFaults {
  /**
   * Adds a fault. A plan selects requests (`operation`, `pipeline_id`), skips the first `after` of them (default: 0),
   * applies to the next `times` (default: 1; null: all), and has exactly one action: `respond`, `delay`,
   * `disconnect`, `truncate`, `hang` or `hold`. If several faults would apply to a request, the one
   * added first does. Requests to unknown paths match no fault. A sandbox has at most 1000 faults.
   * @returns The fault with its id.
   * @throws ControlError if the plan is invalid, or with code `too_many_faults`.
   * @example
   * await mock.faults.add({ operation: 'cancel_pipeline', times: 2, respond: { status: 503 } })
   * const { id } = await mock.faults.add({ operation: 'cancel_pipeline', hold: 'before' })
   */
  add(plan: FaultPlan): Promise<FaultState>
  /** Lists the faults with their counts, in the order in which they were added. Exhausted faults are included. */
  list(): Promise<readonly FaultState[]>
  /**
   * Removes a fault, and closes the connections of the requests that it holds, delays or hangs. Rejects with code
   * `fault_not_found` if the fault does not exist.
   */
  remove(id: string): Promise<void>
  /**
   * Lets the requests that a fault with `hold` holds proceed. The fault stays, and still applies to later requests
   * unless it is exhausted.
   * @returns The number of released requests.
   * @throws ControlError with code `nothing_held` if the fault holds no request, `fault_without_hold` or
   *   `fault_not_found`.
   * @example
   * const { id } = await mock.faults.add({ operation: 'cancel_pipeline', hold: 'before' })
   * const response = fetch(`${mock.url}/pipelines/fit/cancel`, { method: 'POST' })
   * await mock.requests.waitFor({ operation: 'cancel_pipeline' })
   * await mock.faults.release(id)
   */
  release(id: string): Promise<number>
  /**
   * Asserts that every fault applied as often as planned; with `times: null`, at least once.
   * @throws ExpectationError with code `faults_not_consumed`.
   */
  assertConsumed(): Promise<void>
}
