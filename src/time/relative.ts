import { parseDuration } from './duration.js'
import { type Instant, later, parseInstant } from './instant.js'

/** Up to this length, milliseconds are exact to the microsecond. */
const MAX_MS = 250 * 366 * 24 * 60 * 60 * 1000

/**
 * Resolves a time of a fixture: an instant with its offset, or an ISO 8601 duration counted from `start`. Undefined for
 * any other string, and for a day that is not in the calendar.
 */
export function resolveTime(text: string, start: Instant): Instant | undefined {
  if (!/^[+-]?P/.test(text)) return parseInstant(text)
  const duration = parseDuration(text)
  return duration === undefined || Math.abs(duration) > MAX_MS ? undefined : later(start, duration)
}

/** Parses a duration that is not negative, in milliseconds; undefined for any other string. */
export function nonNegativeDuration(text: string): number | undefined {
  const duration = parseDuration(text)
  return duration !== undefined && duration >= 0 && duration <= MAX_MS ? duration : undefined
}
