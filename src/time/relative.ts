import { parseDuration } from './duration.js'
import { type Instant, later, parseInstant } from './instant.js'

/**
 * Maximum duration in milliseconds, about 250 years. Up to this limit, a number of milliseconds is exact to the
 * microsecond.
 */
const MAX_MS = 250 * 366 * 24 * 60 * 60 * 1000

/**
 * Converts a time in a fixture to an instant. `text` is a date and time with a UTC offset, or an ISO 8601 duration
 * that is added to `start`. Returns undefined for any other string, for a duration longer than the maximum, and if
 * the result is outside the years 0 to 9999.
 */
export function resolveTime(text: string, start: Instant): Instant | undefined {
  if (!/^[+-]?P/.test(text)) return parseInstant(text)
  const duration = parseDuration(text)
  return duration === undefined || Math.abs(duration) > MAX_MS ? undefined : later(start, duration)
}

/** Parses a duration from 0 to the maximum. Returns the number of milliseconds, or undefined for any other string. */
export function nonNegativeDuration(text: string): number | undefined {
  const duration = parseDuration(text)
  return duration !== undefined && duration >= 0 && duration <= MAX_MS ? duration : undefined
}
