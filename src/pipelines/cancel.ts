import { Draft } from './draft.js'
import { type Instant, later } from '../time/instant.js'
import { hasEnded, type Outcome, type PipelineState, unchanged } from './state.js'

/**
 * Cancels a pipeline and all its elements that have not ended (documented). A pipeline that has ended is returned
 * unchanged, so a second cancel has no effect (seen: the docstring of the official client).
 *
 * If the plan delays cancels (`cancel_takes`), the pipeline runs until the delay has passed (seen: the pipeline in
 * the response may still be running). Further cancels in the meantime have no effect.
 */
export function cancel(state: PipelineState, now: Instant): Outcome {
  if (hasEnded(state.pipeline.status) || state.cancelAt) return unchanged(state)
  const delay = state.plan?.cancel_takes ?? 0
  const cancelAt = delay > 0 ? later(now, delay) : undefined
  return cancelAt ? { next: { ...state, cancelAt }, transitions: [] } : cancelNow(new Draft(state), now)
}

/** Cancels a pipeline and its elements at once. That it cancels their jobs and sets no `error` is inferred. */
export function cancelNow(draft: Draft, at: Instant): Outcome {
  draft.changePipeline({ status: 'canceled' }, at)
  draft.endRest('canceled', at)
  return draft.outcome()
}
