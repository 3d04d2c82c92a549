import type { Measures } from './measures.js'
import type { Subject } from './subjects.js'

/** The numbers of repetitions in a full run. `seconds` and `warmup` are durations of the load in seconds. */
export const FULL = { rounds: 5, seconds: 2, warmup: 3, starts: 15, processes: 3, resets: 15, cancels: 10_000 }
/** The same numbers for a run with `--quick`. */
export const QUICK = { rounds: 2, seconds: 1, warmup: 1, starts: 4, processes: 1, resets: 5, cancels: 2000 }

/** The input of a section of the benchmark. A section adds its results to `measures`, and notes to `notes`. */
export interface Context {
  readonly measures: Measures
  readonly plan: typeof FULL
  readonly subjects: readonly Subject[]
  /** The body of the mock's response to a cancel. The other servers should send the same body. */
  readonly body: string
  /** Notes for the report. Each note is one line of Markdown. */
  readonly notes: string[]
}
