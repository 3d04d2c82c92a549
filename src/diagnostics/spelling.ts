import { closestMatch } from 'leven'

/** The candidate that `word` misspells: its letters in another order, or at most a third of them wrong; case is ignored. */
export function misspelt(word: string, candidates: readonly string[]): string | undefined {
  const meant = word.toLowerCase()
  const lower = candidates.map((candidate) => candidate.toLowerCase())
  const maxDistance = Math.max(1, Math.floor((meant.length + 1) / 3))
  const match =
    closestMatch(meant, lower, { maxDistance }) ?? lower.find((candidate) => letters(candidate) === letters(meant))
  return match === undefined ? undefined : candidates[lower.indexOf(match)]
}

const letters = (word: string) => [...word].sort().join('')

/** The candidate that `word` was most likely meant to be: misspelt, else the shortest of which one is part of the other. */
function nearest(word: string, candidates: readonly string[]): string | undefined {
  const related = candidates.filter((candidate) => isPart(word, candidate) || isPart(candidate, word))
  return misspelt(word, candidates) ?? related.sort((a, b) => a.length - b.length)[0]
}

const isPart = (part: string, whole: string) => part.length > 2 && whole.toLowerCase().includes(part.toLowerCase())

/** `; did you mean "running"?`, or nothing where no candidate is near. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const candidate = nearest(word, candidates)
  return candidate === undefined ? '' : `; did you mean ${JSON.stringify(candidate)}?`
}
