import { parseDuration } from '../pipelines/duration.js'
import { type Instant, instantAt, parseInstant } from '../pipelines/instant.js'

/** A thousand years: from any start that a clock tells, so far is a time that can be written. */
const FARTHEST_MS = 1000 * 366 * 24 * 60 * 60 * 1000

/**
 * Resolves a time of a fixture: an instant with its offset as it is, an ISO 8601 duration counted from the start of the
 * mock. Undefined for a text that is neither, or for no day of the calendar.
 */
export function resolveTime(text: string, start: Instant): Instant | undefined {
  if (!/^[+-]?P/.test(text)) return parseInstant(text)
  const duration = parseDuration(text)
  if (duration === undefined || Math.abs(duration) > FARTHEST_MS) return undefined
  return instantAt(Date.parse(start) + duration)
}

export const isTime = (text: unknown): boolean =>
  typeof text === 'string' && resolveTime(text, '2000-01-01T00:00:00Z') !== undefined
