import type { Section } from './report.js'

export interface Measure {
  readonly section: Section
  readonly measure: string
  readonly unit: string
  /** The subject that the others are compared with. */
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

/** Returns the list rotated by the number of the round, so that no item is always measured first. */
export function rotated<T>(list: readonly T[], round: number): T[] {
  const first = round % list.length
  return [...list.slice(first), ...list.slice(0, first)]
}

/** All measures of a run. The nth sample of a measure belongs to the same round for all subjects. */
export class Measures {
  readonly list: Series[] = []

  /** Adds the sample of a round. Ignores undefined: the system does not report it, or the server has failed. */
  add(measure: Measure, subject: string, sample: number | undefined): void {
    if (sample === undefined) return
    const series = this.#find(measure.measure, subject)
    if (series) series.samples.push(sample)
    else this.list.push({ ...measure, subject, samples: [sample] })
  }

  /** Returns the median of a measure, or NaN if it was not taken. */
  median(measure: string, subject: string): number {
    return median(this.#find(measure, subject)?.samples ?? [])
  }

  /** Returns the median of the ratios of all rounds between two subjects, or NaN if one of them was not measured. */
  ratio(measure: string, subject: string, against: string): number {
    const others = this.#find(measure, against)?.samples ?? []
    const samples = this.#find(measure, subject)?.samples.slice(0, others.length) ?? []
    return median(samples.map((sample, round) => sample / (others[round] as number)))
  }

  #find(measure: string, subject: string): Series | undefined {
    return this.list.find((series) => series.measure === measure && series.subject === subject)
  }
}
