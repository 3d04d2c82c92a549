import { type Instant, laterOf } from './instant.js'
import { hasEnded, type Outcome, type PipelineState, type Transition } from './state.js'

/**
 * Cancels a pipeline and all its elements that have not ended (documented). A pipeline that has ended is returned as
 * it is, so a second cancel changes nothing (seen: the official client's docstring).
 *
 * A record is stamped with the later of `now` and its own last change, so its time never runs backwards. The job of
 * an element that has one is canceled with it; `error` and `error_code` stay null: there is no code for a cancel
 * (both inferred).
 */
export function cancel(state: PipelineState, now: Instant): Outcome {
  const { pipeline, elements } = state
  if (hasEnded(pipeline.status)) return { next: state, transitions: [] }

  const transitions: Transition[] = []
  const stamp = (record: { updated_at: Instant }) => laterOf(now, record.updated_at)

  const canceled = { ...pipeline, status: 'canceled' as const, updated_at: stamp(pipeline) }
  transitions.push({
    kind: 'pipeline',
    id: pipeline.id,
    from: pipeline.status,
    to: 'canceled',
    at: canceled.updated_at,
  })

  const next = elements.map((element) => {
    if (hasEnded(element.status)) return element
    const at = stamp(element)
    transitions.push({ kind: 'element', id: element.id, from: element.status, to: 'canceled', at })
    const job_status = element.job_id === null ? element.job_status : 'canceled'
    return { ...element, status: 'canceled' as const, updated_at: at, job_status }
  })

  return { next: { pipeline: canceled, elements: next }, transitions }
}
