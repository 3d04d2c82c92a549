import type { PipelineChange } from '../contract/control.js'
import type { ElementStatus, PipelineElement, PipelineStatus } from '../contract/index.js'
import type { Instant } from '../time/instant.js'
import { cancelNow } from './cancel.js'
import { Draft } from './draft.js'
import { defaultJobId, jobStatusOf } from './job.js'
import { fail, finish, start } from './progress.js'
import { hasEnded, type Outcome, type PipelineState } from './state.js'

/**
 * Returns a rule that changes a pipeline or, if `index` is given, the element at this index. A new status also
 * changes other records. All of the following is assumed:
 *
 * - When an element starts, its pipeline starts. When an element completes, the next element starts. When the last
 *   element completes, the pipeline completes. When an element fails, the pipeline fails, and the remaining elements
 *   are skipped.
 * - When a pipeline starts, its current element starts. When a pipeline completes or is canceled, its remaining
 *   elements complete or are canceled, too. When a pipeline fails, its current element fails, and the remaining
 *   elements are skipped.
 * - If the pipeline or the element to change has already ended, no other record changes.
 */
export const set =
  ({ status, result, error, error_code }: Omit<PipelineChange, 'element'>, index?: number) =>
  (state: PipelineState, now: Instant): Outcome => {
    const draft = new Draft(state)
    const outcome = { ...(error !== undefined && { error }), ...(error_code !== undefined && { error_code }) }
    if (index === undefined) setPipeline(draft, status as PipelineStatus | undefined, outcome, now)
    else setElement(draft, index, status, { ...(result !== undefined && { result }), ...outcome }, now)
    return draft.outcome(hasMoved(state, draft) ? { since: now } : {})
  }

/**
 * Returns whether the status of the pipeline has changed, or a different element is current, or the status of the
 * current element has changed.
 */
function hasMoved(before: PipelineState, { pipeline, elements, current: i }: Draft): boolean {
  return (
    pipeline.status !== before.pipeline.status ||
    i !== new Draft(before).current ||
    elements[i]?.status !== before.elements[i]?.status
  )
}

type ElementOutcome = Partial<Pick<PipelineElement, 'result' | 'error' | 'error_code'>>
type PipelineOutcome = Omit<ElementOutcome, 'result'>

const isEmpty = (outcome: object) => Object.keys(outcome).length === 0

function setElement(
  draft: Draft,
  i: number,
  to: ElementStatus | undefined,
  outcome: ElementOutcome,
  now: Instant,
): void {
  const before = draft.elements[i] as PipelineElement
  const isRunning = !hasEnded(draft.pipeline.status) && !hasEnded(before.status)
  if (isRunning && (to === 'running' || to === 'completed' || to === 'failed')) {
    start(draft, i, now)
    if (to !== 'running') return finish(draft, i, { ends_as: to, ...outcome }, now)
    if (!isEmpty(outcome)) draft.changeElement(i, { status: to, ...outcome }, now)
    return
  }
  if (to === undefined && isEmpty(outcome)) return
  const status = to ?? before.status
  if (status === before.status) return draft.changeElement(i, { status, ...outcome }, now)
  const job_id = before.job_id ?? defaultJobId({ ...before, status })
  draft.changeElement(i, { status, job_id, job_status: jobStatusOf({ ...before, job_id }, status), ...outcome }, now)
}

/**
 * The changes that a new status of a pipeline causes in its elements. `failCurrent` makes the changes for `failed`.
 */
const CONSEQUENCES: Partial<Record<PipelineStatus, (draft: Draft, now: Instant) => void>> = {
  running: (draft, now) => start(draft, draft.current, now),
  completed(draft, now) {
    for (let i = draft.current; i !== -1; i = draft.current) {
      start(draft, i, now)
      finish(draft, i, {}, now)
    }
  },
  canceled: (draft, now) => void cancelNow(draft, now),
}

function setPipeline(draft: Draft, status: PipelineStatus | undefined, outcome: PipelineOutcome, now: Instant): void {
  const to = status ?? draft.pipeline.status
  if (!hasEnded(draft.pipeline.status)) {
    if (to === 'failed') return failCurrent(draft, outcome, now)
    CONSEQUENCES[to]?.(draft, now)
  }
  if (draft.pipeline.status !== to || !isEmpty(outcome)) draft.changePipeline({ status: to, ...outcome }, now)
}

/** Fails the current element, and then the pipeline. If there is no current element, fails only the pipeline. */
function failCurrent(draft: Draft, outcome: PipelineOutcome, now: Instant): void {
  const i = draft.current
  if (i === -1) return fail(draft, { error: null, error_code: null, ...outcome }, now)
  start(draft, i, now)
  finish(draft, i, { ends_as: 'failed', ...outcome }, now)
}
