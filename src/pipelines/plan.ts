import type { JobErrorCode } from '../contract/index.js'

/** How an element ends. */
export interface Ending {
  readonly ends_as: 'completed' | 'failed'
  /** What a completed one came to. Left out: what its record holds already. */
  readonly result?: Readonly<Record<string, unknown>> | null
  /** What a failed one says, for people and for programs. Left out: null. */
  readonly error?: string | null
  readonly error_code?: JobErrorCode | null
}

/** What becomes of an element by itself. */
export interface Step extends Ending {
  /** Milliseconds from its start to its end; null: until something is done to it. Left out: the plan says. */
  readonly takes?: number | null
}

/** What becomes of a pipeline by itself. Lengths are in milliseconds, and whole. */
export interface Plan {
  /** From the start to the end of each element that does not say so itself; null or left out: until something is done to it. */
  readonly takes?: number | null
  /** For each element, in their order. */
  readonly steps?: readonly Step[]
  /** From the call of a cancel to its effect. Left out: none. */
  readonly cancel_takes?: number
  /** From the beginning of its time to the effect of a cancel that was asked for before. Left out: there was none. */
  readonly cancel_in?: number
}
