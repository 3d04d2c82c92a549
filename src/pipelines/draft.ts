import type { Pipeline, PipelineElement } from '../contract/index.js'
import { type Instant, laterOf } from '../time/instant.js'
import { hasEnded, type Outcome, type PipelineState, type Transition, unchanged } from './state.js'

/**
 * A pipeline while a rule changes it: stamps every change, and notes what moved. A record is stamped with the later of
 * the given instant and its own last change, so its time never runs backwards.
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

  changePipeline(change: Partial<Pipeline> & Pick<Pipeline, 'status'>, now: Instant): void {
    const before = this.#pipeline
    const at = laterOf(now, before.updated_at)
    this.#isChanged = true
    this.#pipeline = { ...before, ...change, updated_at: at }
    if (change.status !== before.status)
      this.#transitions.push({ kind: 'pipeline', id: before.id, from: before.status, to: change.status, at })
  }

  changeElement(i: number, change: Partial<PipelineElement> & Pick<PipelineElement, 'status'>, now: Instant): void {
    const before = this.#elements[i] as PipelineElement
    const at = laterOf(now, before.updated_at)
    this.#isChanged = true
    this.#elements[i] = { ...before, ...change, updated_at: at }
    if (change.status !== before.status)
      this.#transitions.push({ kind: 'element', id: before.id, from: before.status, to: change.status, at })
  }

  /** What came of it; `since` is when the time of its current element began, where that has moved. */
  outcome(since: { since?: Instant } = {}): Outcome {
    if (!this.#isChanged) return unchanged(this.#state)
    const { cancelAt, ...state } = this.#state
    // With its end, a pipeline forgets that it was to be canceled.
    const waits = cancelAt && !hasEnded(this.#pipeline.status)
    const next = { ...state, pipeline: this.#pipeline, elements: this.#elements, ...since, ...(waits && { cancelAt }) }
    return { next, transitions: this.#transitions }
  }
}
