import type { PipelineElement } from '../contract/index.js'
import { Draft } from './draft.js'
import { jobStatusOf } from './job.js'
import { type Instant, later } from '../time/instant.js'
import { hasEnded, type Outcome, type PipelineState, unchanged } from './state.js'

/**
 * Cancels a pipeline and all its elements that have not ended (documented). Returns an ended pipeline unchanged, so a
 * second cancel has no effect (seen in a docstring of the official client).
 *
 * If the plan has a `cancel_takes` above 0, the cancel takes effect after this delay. If the delay would end after the
 * year 9999, the cancel takes effect at once. During the delay, the pipeline progresses as before the cancel, and
 * further cancels have no effect. Such delays are seen in the official client: the client accepts a pipeline that is
 * still running in the response to a cancel.
 */
export function cancel(state: PipelineState, now: Instant): Outcome {
  if (hasEnded(state.pipeline.status) || state.cancelAt) return unchanged(state)
  const delay = state.plan?.cancel_takes ?? 0
  const cancelAt = delay > 0 ? later(now, delay) : undefined
  return cancelAt ? { next: { ...state, cancelAt }, transitions: [] } : cancelNow(new Draft(state), now)
}

/**
 * Cancels a pipeline that has not ended, all its elements that have not ended, and the jobs of these elements, at the
 * time `at`. Two details are assumed: the jobs are canceled too, and `error` is not set.
 */
export function cancelNow(draft: Draft, at: Instant): Outcome {
  draft.changePipeline({ status: 'canceled' }, at)
  draft.endRest('canceled', at)
  return draft.outcome()
}

/**
 * Returns a rule that cancels the job of the element at `index` (documented) and, at once, the whole pipeline
 * (assumed). A job that has ended does not change. If the pipeline has already ended, only the job and its element are
 * canceled.
 */
export const cancelJob =
  (index: number) =>
  (state: PipelineState, now: Instant): Outcome => {
    const element = state.elements[index] as PipelineElement
    if (hasEnded(element.status)) return unchanged(state)
    const draft = new Draft(state)
    if (!hasEnded(state.pipeline.status)) return cancelNow(draft, now)
    draft.changeElement(index, { status: 'canceled', job_status: jobStatusOf(element, 'canceled') }, now)
    return draft.outcome()
  }
