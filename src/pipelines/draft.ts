import type { Transition } from '../contract/control.js'
import type { Pipeline, PipelineElement } from '../contract/index.js'
import { type Instant, laterOf } from '../time/instant.js'
import { jobStatusOf } from './job.js'
import { hasEnded, type Outcome, type PipelineState, unchanged } from './state.js'

type Stamped = Readonly<Pipeline | PipelineElement>
type Change<R extends Stamped> = Partial<R> & Pick<R, 'status'>

/**
 * Collects changes to a pipeline and its elements. A change to a record (the pipeline or an element) also sets
 * `updated_at` of the record. `updated_at` never decreases, even if the clock was set back. A change of a status is
 * recorded as a transition.
 */
export class Draft {
  readonly #state: PipelineState
  readonly #elements: Readonly<PipelineElement>[]
  readonly #transitions: Transition[] = []
  #pipeline: Readonly<Pipeline>
  #isChanged = false

  constructor(state: PipelineState) {
    this.#state = state
    this.#pipeline = state.pipeline
    this.#elements = [...state.elements]
  }

  get pipeline(): Readonly<Pipeline> {
    return this.#pipeline
  }

  get elements(): readonly Readonly<PipelineElement>[] {
    return this.#elements
  }

  changePipeline(change: Change<Pipeline>, now: Instant): void {
    this.#pipeline = this.#changed('pipeline', this.#pipeline, change, now)
  }

  changeElement(i: number, change: Change<PipelineElement>, now: Instant): void {
    this.#elements[i] = this.#changed('element', this.#elements[i] as PipelineElement, change, now)
  }

  /** Sets the status of all elements that have not ended to `status`, and cancels the jobs of these elements. */
  endRest(status: 'canceled' | 'skipped', now: Instant): void {
    for (const [i, element] of this.#elements.entries())
      if (!hasEnded(element.status)) this.changeElement(i, { status, job_status: jobStatusOf(element, status) }, now)
  }

  /**
   * Returns the new state and the transitions. If nothing was changed, returns the previous state. `since` is empty,
   * or contains a new value for the `since` of the state.
   */
  outcome(since: { since?: Instant } = {}): Outcome {
    if (!this.#isChanged) return unchanged(this.#state)
    const { cancelAt, ...state } = this.#state
    // When a pipeline ends, a pending cancel is dropped.
    const isCancelPending = cancelAt && !hasEnded(this.#pipeline.status)
    const next = {
      ...state,
      pipeline: this.#pipeline,
      elements: this.#elements,
      ...since,
      ...(isCancelPending && { cancelAt }),
    }
    return { next, transitions: this.#transitions }
  }

  /** Returns a changed copy of a record. Adds a transition if the status changes. */
  #changed<R extends Stamped>(kind: Transition['kind'], before: R, change: Change<R>, now: Instant): R {
    const at = laterOf(now, before.updated_at)
    this.#isChanged = true
    if (change.status !== before.status)
      this.#transitions.push({ kind, id: before.id, from: before.status, to: change.status, at })
    return { ...before, ...change, updated_at: at }
  }
}
