import type { PipelineElement } from '../contract/index.js'
import { cancelNow } from './cancel.js'
import { Draft } from './draft.js'
import { compareInstants, type Instant, later, millisecondsFrom, moved } from '../time/instant.js'
import { defaultJobId, jobStatusOf } from './job.js'
import { type Plan, type Step, runningTimeOf } from './plan.js'
import { defaultResult } from './result.js'
import { hasEnded, type Outcome, type PipelineState, unchanged } from './state.js'

/**
 * Starts the progress of a pipeline, unless the progress has already started. The progress starts at the time `since`.
 * If the plan has the key `elapsed`, the progress starts earlier by this duration. `takes` is the default running time
 * of elements in milliseconds. If `takes` is given, a plan without `takes` gets this value, and a pipeline without a
 * plan gets a plan with only this value.
 *
 * Returns the pipeline unchanged if the pipeline has ended, or if the pipeline has no plan and `takes` is not given.
 */
export function startClock(state: PipelineState, since: Instant, takes?: number): PipelineState {
  if (hasEnded(state.pipeline.status) || (!state.plan && takes === undefined)) return state
  const hasTakes = takes === undefined || state.plan?.takes !== undefined
  const plan: Plan = hasTakes ? (state.plan as Plan) : { ...state.plan, takes }
  if (state.since) return plan === state.plan ? state : { ...state, plan }
  const cancelAt = plan.cancel_in === undefined ? undefined : later(since, plan.cancel_in)
  const begun = plan.elapsed ? moved(since, -plan.elapsed) : since
  return { ...state, since: begun, plan, ...(cancelAt && { cancelAt }) }
}

/**
 * Returns the values of `elapsed` and `cancel_in` for a copy of the given pipeline. A sandbox that loads the copy at
 * the time `now` applies the same future transitions to the copy as to the given pipeline. All transitions of the given
 * pipeline that are due at `now` must be applied before this call.
 */
export function progressAt(state: PipelineState, now: Instant): Pick<Plan, 'elapsed' | 'cancel_in'> {
  const { pipeline, plan, since, cancelAt } = state
  if (hasEnded(pipeline.status)) return {}
  // The elapsed time matters only if the element ends by itself. Then this time is less than the maximum duration. The
  // time is negative if the clock function of a test went back.
  const isTimed = since !== undefined && runningTimeOf(plan, new Draft(state).current) !== null
  const elapsed = isTimed ? millisecondsFrom(since, now) : 0
  return { ...(elapsed > 0 && { elapsed }), ...(cancelAt && { cancel_in: millisecondsFrom(now, cancelAt) }) }
}

/**
 * Moves all future transitions of a pipeline by `ms` milliseconds. A negative number moves the transitions to earlier
 * times. No time moves beyond the years 0 to 9999.
 */
export function postpone(state: PipelineState, ms: number): PipelineState {
  const { since, cancelAt } = state
  return { ...state, ...(since && { since: moved(since, ms) }), ...(cancelAt && { cancelAt: moved(cancelAt, ms) }) }
}

/**
 * Applies every transition that is due at `now` or earlier. Each transition gets the time at which the transition was
 * due, so the result does not depend on how often this function is called. It is documented that elements run one
 * after another. All other rules of this function are assumed.
 */
export function settle(state: PipelineState, now: Instant): Outcome {
  const { since, cancelAt } = state
  if (since === undefined || hasEnded(state.pipeline.status)) return unchanged(state)
  if (!cancelAt || compareInstants(cancelAt, now) > 0) return progress(state, since, now)
  const { next, transitions } = progress(state, since, cancelAt)
  if (hasEnded(next.pipeline.status)) return { next, transitions }
  const canceled = cancelNow(new Draft(next), cancelAt)
  return { next: canceled.next, transitions: [...transitions, ...canceled.transitions] }
}

/**
 * Runs the elements one after another, from the time `from` to the time `until`. If there is no element to run, the
 * pipeline runs for the `takes` of its plan.
 */
function progress(state: PipelineState, from: Instant, until: Instant): Outcome {
  let since = from
  const draft = new Draft(state)
  while (compareInstants(since, until) <= 0 && !hasEnded(draft.pipeline.status)) {
    const i = draft.current
    const takes = runningTimeOf(state.plan, i)
    if (takes === null) break
    start(draft, i, since)
    const end = later(since, takes)
    if (!end || compareInstants(end, until) > 0) break
    finish(draft, i, state.plan?.steps?.[i] ?? {}, end)
    since = end
  }
  return draft.outcome({ since })
}

/**
 * Starts the pipeline if the pipeline is pending. If the element at index `i` is pending, starts the element and its
 * job, if elements of this type have a job.
 */
export function start(draft: Draft, i: number, at: Instant): void {
  if (draft.pipeline.status === 'pending') draft.changePipeline({ status: 'running' }, at)
  const element = draft.elements[i]
  if (element?.status !== 'pending') return
  const running = { ...element, status: 'running' as const }
  const started = { ...running, job_id: element.job_id ?? defaultJobId(running) }
  draft.changeElement(i, { ...started, job_status: jobStatusOf(started, 'running') }, at)
}

/**
 * Ends the element at index `i`, if this element exists. If an element has failed, fails the pipeline. If no element
 * has failed, starts the next element, or completes the pipeline if all elements have ended.
 */
export function finish(
  draft: Draft,
  i: number,
  { ends_as = 'completed', result, error = null, error_code = null }: Step,
  at: Instant,
): void {
  const element = draft.elements[i]
  if (element) {
    const change = ends_as === 'failed' ? { error, error_code } : { result: resultOf(element, result) }
    draft.changeElement(i, { status: ends_as, job_status: jobStatusOf(element, ends_as), ...change }, at)
  }
  const { failed } = draft
  if (failed) return fail(draft, failed, at)
  const next = draft.current
  if (next === -1) draft.changePipeline({ status: 'completed' }, at)
  else start(draft, next, at)
}

/** Returns the result of an element that completes. `planned` is null if the result must not change. */
const resultOf = (element: Readonly<PipelineElement>, planned: Step['result']) =>
  planned ?? element.result ?? (planned === null ? null : defaultResult(element))

/** Fails a pipeline with the given error, and skips the elements that have not ended. */
export function fail(
  draft: Draft,
  { error, error_code }: Pick<PipelineElement, 'error' | 'error_code'>,
  at: Instant,
): void {
  draft.endRest('skipped', at)
  draft.changePipeline({ status: 'failed', error, error_code }, at)
}
