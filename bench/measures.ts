import type { Section } from './report.js'

/**
 * A quantity that the benchmark measures, such as requests per second, for one or more subjects. The subjects are the
 * things that the measure compares: servers, functions, or numbers of records such as `10 pipelines`.
 */
export interface Measure {
  readonly section: Section
  readonly measure: string
  readonly unit: string
  /**
   * The subject with which the report compares all subjects. If absent, the report shows no ratios for this measure.
   */
  readonly against?: string
}

/** The samples of a measure for one subject, in the order of the rounds. */
export interface Series extends Measure {
  readonly subject: string
  readonly samples: number[]
}

/** Returns the median of numbers, or NaN if the array is empty. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return ((sorted[(sorted.length - 1) >> 1] ?? NaN) + (sorted[sorted.length >> 1] ?? NaN)) / 2
}

/** Returns a list that starts at another item in each round, so that no item is always measured first. */
export function rotated<T>(list: readonly T[], round: number): T[] {
  const first = round % list.length
  return [...list.slice(first), ...list.slice(0, first)]
}

/**
 * All samples of a run. If a measure has several subjects, their samples with the same index come from the same
 * round.
 */
export class Measures {
  readonly list: Series[] = []

  /** Adds a sample. Ignores undefined, which means that the value is unknown or that the server has failed. */
  add(measure: Measure, subject: string, sample: number | undefined): void {
    if (sample === undefined) return
    const series = this.#find(measure.measure, subject)
    if (series) series.samples.push(sample)
    else this.list.push({ ...measure, subject, samples: [sample] })
  }

  /** Returns the median of the samples, or NaN if there are none. */
  median(measure: string, subject: string): number {
    return median(this.#find(measure, subject)?.samples ?? [])
  }

  /**
   * Divides each sample of `subject` by the sample of `against` from the same round. Returns the median quotient, or
   * NaN if one of the subjects has no samples.
   */
  ratio(measure: string, subject: string, against: string): number {
    const others = this.#find(measure, against)?.samples ?? []
    const samples = this.#find(measure, subject)?.samples.slice(0, others.length) ?? []
    return median(samples.map((sample, round) => sample / (others[round] as number)))
  }

  #find(measure: string, subject: string): Series | undefined {
    return this.list.find((series) => series.measure === measure && series.subject === subject)
  }
}
