import type { ElementStatus, JobErrorCode, PipelineStatus } from '../contract/index.js'
import { cancelAll } from './cancel.js'
import { Draft } from './draft.js'
import type { Instant } from '../time/instant.js'
import { jobStatusOf } from './job.js'
import { currentOf, fail, finish, start } from './progress.js'
import { hasEnded, type Outcome, type PipelineState } from './state.js'

/** What the service's own worker would come to, of an element or of a whole pipeline. */
export interface Change {
  /** Its place in the order of execution, from 0. Left out: the pipeline itself is meant. */
  readonly element?: number
  readonly status?: ElementStatus
  readonly result?: Readonly<Record<string, unknown>> | null
  readonly error?: string | null
  readonly error_code?: JobErrorCode | null
}

/**
 * Puts a pipeline, or one of its elements, into a state, with all that follows from it in a run of the service: when an
 * element completes, the next one starts, and with the last the pipeline completes; when one fails, later ones are skipped
 * and the pipeline fails. A pipeline that has ended is put into any state without consequences (all of it assumed).
 */
export const set =
  (change: Change) =>
  (state: PipelineState, now: Instant): Outcome => {
    const draft = new Draft(state)
    if (change.element !== undefined) setElement(draft, change.element, change, now)
    else setPipeline(draft, change, now)
    return draft.outcome(hasMoved(state, draft) ? { since: now } : {})
  }

/** Whether another element runs now, or is to run next, or this one has only just begun. */
function hasMoved(before: PipelineState, { pipeline, elements }: Draft): boolean {
  const i = currentOf({ elements })
  return (
    pipeline.status !== before.pipeline.status ||
    i !== currentOf(before) ||
    elements[i]?.status !== before.elements[i]?.status
  )
}

function setElement(draft: Draft, i: number, { status, result, error, error_code }: Change, now: Instant): void {
  const element = draft.elements[i] as PipelineState['elements'][number]
  const more = {
    ...(result !== undefined && { result }),
    ...(error !== undefined && { error }),
    ...(error_code !== undefined && { error_code }),
  }
  const runs = !hasEnded(draft.pipeline.status) && !hasEnded(element.status)
  if (!runs || (status !== 'running' && status !== 'completed' && status !== 'failed')) {
    const to = status ?? element.status
    if (status === undefined && Object.keys(more).length === 0) return
    const job_status = to === element.status ? element.job_status : jobStatusOf(element, to)
    return draft.changeElement(i, { status: to, job_status, ...more }, now)
  }
  start(draft, i, now)
  if (status === 'running') {
    if (Object.keys(more).length > 0) draft.changeElement(i, { status, ...more }, now)
    return
  }
  finish(draft, i, { ends_as: status, ...more }, now)
}

function setPipeline(draft: Draft, { status, error, error_code }: Change, now: Instant): void {
  const before = draft.pipeline
  const to = (status ?? before.status) as PipelineStatus
  const said = { ...(error !== undefined && { error }), ...(error_code !== undefined && { error_code }) }
  const runs = !hasEnded(before.status)
  if (runs && to === 'failed') {
    const i = currentOf(draft)
    if (i === -1) return fail(draft, { error: error ?? null, error_code: error_code ?? null }, now)
    start(draft, i, now)
    return finish(draft, i, { ends_as: 'failed', ...said }, now)
  }
  if (runs && to === 'completed')
    for (let i = currentOf(draft); i !== -1; i = currentOf(draft)) {
      start(draft, i, now)
      finish(draft, i, { ends_as: 'completed' }, now)
    }
  if (runs && to === 'canceled') cancelAll(draft, now)
  if (runs && to === 'running') start(draft, currentOf(draft), now)
  if (draft.pipeline.status !== to || Object.keys(said).length > 0) draft.changePipeline({ status: to, ...said }, now)
}
