import type { Transition } from '../contract/control.js'
import type { ElementStatus, Pipeline, PipelineElement } from '../contract/index.js'
import { type Instant, laterOf } from '../time/instant.js'
import { jobStatusOf } from './job.js'
import { hasEnded, type Outcome, type PipelineState, unchanged } from './state.js'

type Stamped = Readonly<Pipeline | PipelineElement>
type Change<R extends Stamped> = Partial<R> & Pick<R, 'status'>

const NONE = { pending: 0, running: 0, completed: 0, failed: 0, skipped: 0, canceled: 0 }

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
  /** Number of elements with each status. With these numbers, `current` and `failed` rarely search all elements. */
  readonly #counts: Record<ElementStatus, number> = { ...NONE }
  /** All elements before this index have ended. */
  #open = 0

  constructor(state: PipelineState) {
    this.#state = state
    this.#pipeline = state.pipeline
    this.#elements = [...state.elements]
    for (const { status } of this.#elements) this.#counts[status]++
  }

  get pipeline(): Readonly<Pipeline> {
    return this.#pipeline
  }

  get elements(): readonly Readonly<PipelineElement>[] {
    return this.#elements
  }

  /**
   * The index of the first running element. If no element is running, the index of the first pending element. If no
   * element is pending either, -1.
   */
  get current(): number {
    const { running, pending } = this.#counts
    if (running === 0 && pending === 0) return -1
    while (hasEnded(this.#statusOf(this.#open))) this.#open++
    if (running === 0) return this.#open
    let i = this.#open
    while (this.#statusOf(i) !== 'running') i++
    return i
  }

  /** The first failed element. Undefined if no element has failed. */
  get failed(): Readonly<PipelineElement> | undefined {
    return this.#counts.failed === 0 ? undefined : this.#elements.find(({ status }) => status === 'failed')
  }

  #statusOf(i: number): ElementStatus {
    return (this.#elements[i] as PipelineElement).status
  }

  changePipeline(change: Change<Pipeline>, now: Instant): void {
    this.#pipeline = this.#changed('pipeline', this.#pipeline, change, now)
  }

  changeElement(i: number, change: Change<PipelineElement>, now: Instant): void {
    this.#counts[this.#statusOf(i)]--
    this.#counts[change.status]++
    if (!hasEnded(change.status)) this.#open = Math.min(this.#open, i)
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
