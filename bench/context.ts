import type { Measures } from './measures.js'
import type { Subject } from './subjects.js'

export const FULL = { rounds: 5, seconds: 2, warmup: 3, starts: 15, processes: 3, resets: 15, cancels: 10_000 }
export const QUICK = { rounds: 2, seconds: 1, warmup: 1, starts: 4, processes: 1, resets: 5, cancels: 2000 }

/** The inputs of every section, and the places for its results. */
export interface Context {
  readonly measures: Measures
  readonly plan: typeof FULL
  readonly subjects: readonly Subject[]
  /** The body of the response to a cancel. */
  readonly body: string
  /** Notes that the report lists. */
  readonly notes: string[]
}
