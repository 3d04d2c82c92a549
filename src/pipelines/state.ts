import type { Transition } from '../contract/control.js'
import type { ElementStatus, Pipeline, PipelineElement, PipelineStatus } from '../contract/index.js'
import type { Instant } from '../time/instant.js'
import type { Plan } from './plan.js'

/** A pipeline and its elements, in execution order. Immutable: every change creates a new object. */
export interface PipelineState {
  readonly pipeline: Readonly<Pipeline>
  readonly elements: readonly Readonly<PipelineElement>[]
  /** How the pipeline progresses by itself. Absent: it has no plan of its own (see `startClock`). */
  readonly plan?: Plan
  /** Start of the running time of the current element. Absent: progress has not started. */
  readonly since?: Instant
  /** When the pending cancel takes effect. Absent: no cancel is pending. */
  readonly cancelAt?: Instant
}

/** The result of a rule. If the rule changed nothing, `next` is the previous state object. */
export interface Outcome {
  readonly next: PipelineState
  readonly transitions: readonly Transition[]
}

export const unchanged = (state: PipelineState): Outcome => ({ next: state, transitions: [] })

/** Returns whether a status is final. The official client has the same list of final statuses. */
export const hasEnded = (status: PipelineStatus | ElementStatus) => status !== 'pending' && status !== 'running'

/**
 * Returns whether a pipeline counts as failed. A canceled pipeline counts as failed, too. This is documented for
 * jobs, and inferred for pipelines.
 */
export const hasFailed = (status: PipelineStatus) => status === 'failed' || status === 'canceled'
