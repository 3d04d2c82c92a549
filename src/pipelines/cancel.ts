import { Draft } from './draft.js'
import { type Instant, later } from '../time/instant.js'
import { jobStatusOf } from './job.js'
import { hasEnded, type Outcome, type PipelineState, unchanged } from './state.js'

/**
 * Cancels a pipeline and all its elements that have not ended (documented). A pipeline that has ended is returned as
 * it is, so a second cancel changes nothing (seen: the official client's docstring).
 *
 * Where the plan says that a cancel takes its time, the pipeline is returned as it is and goes on until then (that it may
 * still run in the answer: seen); asking again changes nothing.
 */
export function cancel(state: PipelineState, now: Instant): Outcome {
  if (hasEnded(state.pipeline.status) || state.cancelAt) return unchanged(state)
  const delay = state.plan?.cancel_takes ?? 0
  const cancelAt = delay > 0 ? later(now, delay) : undefined
  return cancelAt ? { next: { ...state, cancelAt }, transitions: [] } : takeEffect(state, now)
}

/**
 * What a cancel does, once it does it. The job of an element that has one is canceled with it; `error` and `error_code`
 * stay null: there is no code for a cancel (both inferred).
 */
export function takeEffect(state: PipelineState, at: Instant): Outcome {
  const draft = new Draft(state)
  cancelAll(draft, at)
  return draft.outcome()
}

export function cancelAll(draft: Draft, at: Instant): void {
  draft.changePipeline({ status: 'canceled' }, at)
  for (const [i, element] of draft.elements.entries()) {
    const job_status = jobStatusOf(element, 'canceled')
    if (!hasEnded(element.status)) draft.changeElement(i, { status: 'canceled', job_status }, at)
  }
}
