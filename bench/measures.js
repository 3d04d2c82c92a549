// What was measured, with all samples.

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** The list, begun later in each round, so that none is always first. */
export const rotated = (list, round) => list.map((_, i) => list[(i + round) % list.length])

/** All measures of a run. Samples of one measure are of the same rounds, in the same order, for all its subjects. */
export class Measures {
  list = []

  /** Adds the sample of a round; undefined is one that cannot be had here. `against` is what a subject is compared with. */
  add({ section, measure, unit, against }, subject, sample) {
    if (sample === undefined) return
    let found = this.#find(measure, subject)
    if (!found) this.list.push((found = { section, measure, subject, unit, against, samples: [] }))
    found.samples.push(sample)
  }

  /** The median of a measure, or undefined if it was not taken. */
  median(measure, subject) {
    const found = this.#find(measure, subject)
    return found && median(found.samples)
  }

  /** How a subject compares with another: the median of the ratios of each round. */
  ratio(measure, subject, against) {
    const [one, other] = [this.#find(measure, subject), this.#find(measure, against)]
    const rounds = Math.min(one?.samples.length ?? 0, other?.samples.length ?? 0)
    if (rounds === 0) return undefined
    return median(one.samples.slice(0, rounds).map((sample, round) => sample / other.samples[round]))
  }

  #find(measure, subject) {
    return this.list.find((one) => one.measure === measure && one.subject === subject)
  }
}
