import type { Transition } from '../contract/control.js'
import type { ElementStatus, Pipeline, PipelineElement, PipelineStatus } from '../contract/index.js'
import type { Instant } from '../time/instant.js'
import type { Plan } from './plan.js'

/** A pipeline with its elements, in their order of execution. Never changed in place: a change makes a new one. */
export interface PipelineState {
  readonly pipeline: Readonly<Pipeline>
  readonly elements: readonly Readonly<PipelineElement>[]
  /** What becomes of it as time passes. Absent: nothing, until something is done to it. */
  readonly plan?: Plan
  /** When the time of the current element began. Absent: it has not begun. */
  readonly since?: Instant
  /** When a pending cancel takes effect. */
  readonly cancelAt?: Instant
}

/** What a rule makes of a pipeline: the next state, which is the given one if nothing changed, and the transitions. */
export interface Outcome {
  readonly next: PipelineState
  readonly transitions: readonly Transition[]
}

export const unchanged = (state: PipelineState): Outcome => ({ next: state, transitions: [] })

/** An ended pipeline does not change any more (seen: the official client's terminal set). */
export const hasEnded = (status: PipelineStatus | ElementStatus) => status !== 'pending' && status !== 'running'

/** Failed and canceled pipelines count as failed (documented for jobs, inferred for pipelines). */
export const hasFailed = (status: PipelineStatus) => status === 'failed' || status === 'canceled'
