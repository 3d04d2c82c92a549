import type { ElementStatus, Pipeline, PipelineElement, PipelineStatus } from '../contract/index.js'
import type { Instant } from '../time/instant.js'
import type { Plan } from './plan.js'

/** A pipeline with its elements, in their order of execution. Never changed in place: a change makes a new one. */
export interface PipelineState {
  readonly pipeline: Readonly<Pipeline>
  readonly elements: readonly Readonly<PipelineElement>[]
  /** What becomes of it as time passes. Left out: nothing, until something is done to it. */
  readonly plan?: Plan
  /** Since when the element that runs, or is the next to run, has had its time. Left out: its time has not begun. */
  readonly since?: Instant
  /** When a cancel that was asked for takes effect. */
  readonly cancelAt?: Instant
}

/** One status that moved, and when. */
export type Transition = { readonly id: string; readonly at: Instant } & (
  | { readonly kind: 'pipeline'; readonly from: PipelineStatus; readonly to: PipelineStatus }
  | { readonly kind: 'element'; readonly from: ElementStatus; readonly to: ElementStatus }
)

/** What a rule made of a pipeline: the next state, and what moved. Nothing changed: the very state it was given. */
export interface Outcome {
  readonly next: PipelineState
  readonly transitions: readonly Transition[]
}

export const unchanged = (state: PipelineState): Outcome => ({ next: state, transitions: [] })

/**
 * An ended pipeline does not change any more (seen: the official client's terminal set).
 */
export const hasEnded = (status: PipelineStatus | ElementStatus) => status !== 'pending' && status !== 'running'

/** Failed and canceled pipelines count as failed (documented for jobs, inferred for pipelines). */
export const hasFailed = (status: PipelineStatus) => status === 'failed' || status === 'canceled'
