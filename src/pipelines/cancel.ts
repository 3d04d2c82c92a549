import { Draft } from './draft.js'
import { type Instant, later } from '../time/instant.js'
import { hasEnded, type Outcome, type PipelineState, unchanged } from './state.js'

/**
 * Cancels a pipeline and all its elements that have not ended (documented). A pipeline that has ended is returned
 * unchanged, so a second cancel has no effect (seen in a docstring of the official client).
 *
 * If the plan has `cancel_takes`, the cancel takes effect after this delay. Until then, the pipeline keeps running,
 * and further cancels have no effect. The official client expects such a delay: the pipeline in the response to a
 * cancel may still be running (seen).
 */
export function cancel(state: PipelineState, now: Instant): Outcome {
  if (hasEnded(state.pipeline.status) || state.cancelAt) return unchanged(state)
  const delay = state.plan?.cancel_takes ?? 0
  const cancelAt = delay > 0 ? later(now, delay) : undefined
  return cancelAt ? { next: { ...state, cancelAt }, transitions: [] } : cancelNow(new Draft(state), now)
}

/**
 * Immediately cancels a pipeline, all its elements that have not ended, and the jobs of these elements. Two details
 * are inferred: the service cancels the jobs, too, and sets no `error`.
 */
export function cancelNow(draft: Draft, at: Instant): Outcome {
  draft.changePipeline({ status: 'canceled' }, at)
  draft.endRest('canceled', at)
  return draft.outcome()
}
