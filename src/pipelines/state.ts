import type { Transition } from '../contract/control.js'
import type { ElementStatus, Pipeline, PipelineElement, PipelineStatus } from '../contract/index.js'
import type { Instant } from '../time/instant.js'
import type { Plan } from './plan.js'

/** A pipeline, and its elements in the order of execution. Immutable: every change creates a new object. */
export interface PipelineState {
  readonly pipeline: Readonly<Pipeline>
  readonly elements: readonly Readonly<PipelineElement>[]
  /**
   * How the pipeline progresses by itself. A pipeline of a fixture has a plan if the pipeline or one of its elements
   * has the key `mock`. A pipeline that a request created has a plan if a creation plan matches. If the mock has a
   * default running time, `startClock` adds a plan to a pipeline without a plan, unless the pipeline has ended.
   */
  readonly plan?: Plan
  /** Set if the objects in the plan are also objects in the creation plans. */
  readonly sharesPlan?: true
  /** The time from which the running time of the current element is counted. Absent if progress has not started. */
  readonly since?: Instant
  /** The time at which the pending cancel takes effect. Absent if no cancel is pending. */
  readonly cancelAt?: Instant
}

/**
 * The result of a rule, which is a function that changes a pipeline. If nothing changed, `next` is the previous
 * object.
 */
export interface Outcome {
  readonly next: PipelineState
  readonly transitions: readonly Transition[]
}

export const unchanged = (state: PipelineState): Outcome => ({ next: state, transitions: [] })

/** Returns whether a status is final (seen in the official client). */
export const hasEnded = (status: PipelineStatus | ElementStatus) => status !== 'pending' && status !== 'running'

/**
 * Returns whether a pipeline with this status counts as failed. A canceled pipeline counts as failed, too. This is
 * documented for jobs, and assumed for pipelines.
 */
export const hasFailed = (status: PipelineStatus) => status === 'failed' || status === 'canceled'

/** Returns the keys of a pipeline that the service derives from its status (seen in the official client). */
export const flagsOf = (status: PipelineStatus) => ({ is_terminal: hasEnded(status), is_failed: hasFailed(status) })
