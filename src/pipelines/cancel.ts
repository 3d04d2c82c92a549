import { Draft } from './draft.js'
import { type Instant, later } from '../time/instant.js'
import { hasEnded, type Outcome, type PipelineState, unchanged } from './state.js'

/**
 * Cancels a pipeline and all its elements that have not ended (documented). A pipeline that has ended is returned as it
 * is, so a second cancel changes nothing (seen: the docstring of the official client).
 *
 * If the plan delays cancels, the pipeline is returned as it is and runs on until then (that it may still run in the
 * response: seen). To ask again changes nothing.
 */
export function cancel(state: PipelineState, now: Instant): Outcome {
  if (hasEnded(state.pipeline.status) || state.cancelAt) return unchanged(state)
  const delay = state.plan?.cancel_takes ?? 0
  const cancelAt = delay > 0 ? later(now, delay) : undefined
  return cancelAt ? { next: { ...state, cancelAt }, transitions: [] } : cancelNow(new Draft(state), now)
}

/** Cancels now. Jobs are canceled with their elements; `error` and `error_code` stay null (both inferred). */
export function cancelNow(draft: Draft, at: Instant): Outcome {
  draft.changePipeline({ status: 'canceled' }, at)
  draft.endRest('canceled', at)
  return draft.outcome()
}
