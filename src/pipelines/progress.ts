import type { PipelineElement } from '../contract/index.js'
import { takeEffect } from './cancel.js'
import { Draft } from './draft.js'
import { compareInstants, EARLIEST, LATEST, type Instant, later } from '../time/instant.js'
import { jobIdOf, jobStatusOf } from './job.js'
import type { Ending, Plan } from './plan.js'
import { hasEnded, type Outcome, type PipelineState, unchanged } from './state.js'

/**
 * Lets the time of a pipeline begin, unless it has. `takes` milliseconds is how long its elements run where its plan does
 * not say. One that has ended, or that nothing becomes of by itself, stays as it is.
 */
export function begin(state: PipelineState, since: Instant, takes?: number): PipelineState {
  if (hasEnded(state.pipeline.status) || (!state.plan && takes === undefined)) return state
  const isSaid = takes === undefined || state.plan?.takes !== undefined
  const plan: Plan = isSaid ? (state.plan as Plan) : { ...state.plan, takes }
  if (state.since) return plan === state.plan ? state : { ...state, plan }
  const cancelAt = plan.cancel_in === undefined ? undefined : later(since, plan.cancel_in)
  return { ...state, since, plan, ...(cancelAt && { cancelAt }) }
}

/** Moves what is still to come by so many milliseconds, for a clock that was set. */
export function postpone(state: PipelineState, ms: number): PipelineState {
  const moved = (at: Instant) => later(at, ms) ?? (ms < 0 ? EARLIEST : LATEST)
  const { since, cancelAt } = state
  return { ...state, ...(since && { since: moved(since) }), ...(cancelAt && { cancelAt: moved(cancelAt) }) }
}

/**
 * What has become of a pipeline by now: everything that was due by its plan, each with its own instant (that elements run
 * one after another: documented; all else: assumed). What is due at the very instant has happened. Settling in steps
 * comes to the same as settling at once.
 */
export function settle(state: PipelineState, now: Instant): Outcome {
  const { since, cancelAt } = state
  if (since === undefined || hasEnded(state.pipeline.status)) return unchanged(state)
  if (!cancelAt || compareInstants(cancelAt, now) > 0) return progress(state, since, now)
  const { next, transitions } = progress(state, since, cancelAt)
  if (hasEnded(next.pipeline.status)) return { next, transitions }
  const canceled = takeEffect(next, cancelAt)
  return { next: canceled.next, transitions: [...transitions, ...canceled.transitions] }
}

/** Elements run in their order; a pipeline without any runs as long as one would. */
function progress(state: PipelineState, from: Instant, until: Instant): Outcome {
  let since = from
  const draft = new Draft(state)
  while (compareInstants(since, until) <= 0 && !hasEnded(draft.pipeline.status)) {
    const i = currentOf(draft)
    const step = state.plan?.steps?.[i]
    const takes = step?.takes === undefined ? state.plan?.takes : step.takes
    if (typeof takes !== 'number') break
    start(draft, i, since)
    const end = later(since, takes)
    if (!end || compareInstants(end, until) > 0) break
    finish(draft, i, step ?? COMPLETED, end)
    since = end
  }
  return draft.outcome({ since })
}

const COMPLETED: Ending = { ends_as: 'completed' }

/** The element that runs, or else the next that would; -1 if none is left. */
export function currentOf({ elements }: Pick<PipelineState, 'elements'>): number {
  const running = elements.findIndex(({ status }) => status === 'running')
  return running === -1 ? elements.findIndex(({ status }) => status === 'pending') : running
}

/** Starts an element that waits, and its pipeline with it; the element gets its job. */
export function start(draft: Draft, i: number, at: Instant): void {
  if (draft.pipeline.status === 'pending') draft.changePipeline({ status: 'running' }, at)
  const element = draft.elements[i]
  if (element?.status !== 'pending') return
  const started = { ...element, status: 'running' as const, job_id: element.job_id ?? jobIdOf(element.id) }
  draft.changeElement(i, { ...started, job_status: jobStatusOf(started, 'running') }, at)
}

/** Ends an element, and what depends on it: the next one starts, or the later ones are skipped, or the pipeline ends. */
export function finish(
  draft: Draft,
  i: number,
  { ends_as, result, error = null, error_code = null }: Ending,
  at: Instant,
): void {
  const element = draft.elements[i]
  if (element) {
    const change = ends_as === 'failed' ? { error, error_code } : { result: result ?? element.result }
    draft.changeElement(i, { status: ends_as, job_status: jobStatusOf(element, ends_as), ...change }, at)
  }
  const failed = draft.elements.find(({ status }) => status === 'failed')
  if (failed) return fail(draft, failed, at)
  const next = currentOf(draft)
  if (next === -1) draft.changePipeline({ status: 'completed' }, at)
  else start(draft, next, at)
}

/** A pipeline fails with the error of its element; what has not ended is skipped. */
export function fail(
  draft: Draft,
  { error, error_code }: Pick<PipelineElement, 'error' | 'error_code'>,
  at: Instant,
): void {
  for (const [i, element] of draft.elements.entries()) {
    const job_status = jobStatusOf(element, 'skipped')
    if (!hasEnded(element.status)) draft.changeElement(i, { status: 'skipped', job_status }, at)
  }
  draft.changePipeline({ status: 'failed', error, error_code }, at)
}
