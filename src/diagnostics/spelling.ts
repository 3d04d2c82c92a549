import { closestMatch } from 'leven'

/**
 * Returns the candidate that is most similar to `word`. Upper and lower case count as equal. A candidate is similar if
 * its edit distance from `word` is at most 1 or, for a longer word, at most about a third of its length. A candidate
 * with the same letters in another order is similar, too. Returns undefined if no candidate is similar.
 */
export function closestName(word: string, candidates: readonly string[]): string | undefined {
  const meant = word.toLowerCase()
  const lower = candidates.map((candidate) => candidate.toLowerCase())
  const maxDistance = Math.max(1, Math.floor((meant.length + 1) / 3))
  const match =
    closestMatch(meant, lower, { maxDistance }) ?? lower.find((candidate) => letters(candidate) === letters(meant))
  return match === undefined ? undefined : candidates[lower.indexOf(match)]
}

const letters = (word: string) => [...word].sort().join('')

/**
 * Returns the candidate that is most similar to `word`. If no candidate is similar, returns the shortest candidate
 * that contains `word` or is contained in `word`.
 */
function nearest(word: string, candidates: readonly string[]): string | undefined {
  const related = candidates.filter((candidate) => isPart(word, candidate) || isPart(candidate, word))
  return closestName(word, candidates) ?? related.sort((a, b) => a.length - b.length)[0]
}

const isPart = (part: string, whole: string) => part.length > 2 && whole.toLowerCase().includes(part.toLowerCase())

/** Returns a hint such as `; did you mean "running"?`, or an empty string if `nearest` returns no candidate. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const candidate = nearest(word, candidates)
  return candidate === undefined ? '' : `; did you mean ${JSON.stringify(candidate)}?`
}

/** Formats a count with its noun, such as `1 issue` or `2 issues`. */
export const countOf = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`
