import { parseDuration } from './duration.js'
import { type Instant, later, parseInstant } from './instant.js'

/** Limit of durations, about 250 years: floating point milliseconds up to it are exact to the microsecond. */
const MAX_MS = 250 * 366 * 24 * 60 * 60 * 1000

/**
 * Returns the instant of a time in a fixture: a date and time with a UTC offset, or an ISO 8601 duration relative to
 * `start`. Returns undefined for any other string, and for dates and durations out of range.
 */
export function resolveTime(text: string, start: Instant): Instant | undefined {
  if (!/^[+-]?P/.test(text)) return parseInstant(text)
  const duration = parseDuration(text)
  return duration === undefined || Math.abs(duration) > MAX_MS ? undefined : later(start, duration)
}

/** Returns a duration of 0 to about 250 years in milliseconds; undefined for any other string. */
export function nonNegativeDuration(text: string): number | undefined {
  const duration = parseDuration(text)
  return duration !== undefined && duration >= 0 && duration <= MAX_MS ? duration : undefined
}
