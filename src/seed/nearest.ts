import { closestMatch } from 'leven'

/** The candidate that `word` was most likely meant to be, case ignored; none if all differ in more than a third. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const maxDistance = Math.ceil(word.length / 3)
  const lower = candidates.map((candidate) => candidate.toLowerCase())
  const match = closestMatch(word.toLowerCase(), lower, { maxDistance })
  return match === undefined ? undefined : candidates[lower.indexOf(match)]
}

/** `; did you mean "running"?`, or nothing where no candidate is near. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const candidate = nearest(word, candidates)
  return candidate === undefined ? '' : `; did you mean ${JSON.stringify(candidate)}?`
}
