import type { Transition } from '../contract/control.js'
import type { ElementStatus, Pipeline, PipelineElement, PipelineStatus } from '../contract/index.js'
import type { Instant } from '../time/instant.js'
import type { Plan } from './plan.js'

/** An immutable pipeline with its elements, in their order of execution. */
export interface PipelineState {
  readonly pipeline: Readonly<Pipeline>
  readonly elements: readonly Readonly<PipelineElement>[]
  /** How the pipeline progresses by itself. Absent: it does not. */
  readonly plan?: Plan
  /** Start of the running time of the current element. Absent: progress has not started. */
  readonly since?: Instant
  /** When the pending cancel takes effect. */
  readonly cancelAt?: Instant
}

/** The result of a rule: the next state, which is the same object if nothing changed, and the transitions. */
export interface Outcome {
  readonly next: PipelineState
  readonly transitions: readonly Transition[]
}

export const unchanged = (state: PipelineState): Outcome => ({ next: state, transitions: [] })

/** Returns whether a status is final (seen: the terminal statuses in the official client). */
export const hasEnded = (status: PipelineStatus | ElementStatus) => status !== 'pending' && status !== 'running'

/** Failed and canceled pipelines count as failed (documented for jobs, inferred for pipelines). */
export const hasFailed = (status: PipelineStatus) => status === 'failed' || status === 'canceled'
