import { parseDuration } from './duration.js'
import { type Instant, later, parseInstant } from './instant.js'

/**
 * Maximum duration, about 250 years. Up to this limit, a number of milliseconds can represent every microsecond.
 */
const MAX_MS = 250 * 366 * 24 * 60 * 60 * 1000

/**
 * Converts a time in a fixture to an instant. `text` is a date and time with a UTC offset, or an ISO 8601 duration
 * that is added to `start`. Returns undefined for any other string, and for dates and durations out of range.
 */
export function resolveTime(text: string, start: Instant): Instant | undefined {
  if (!/^[+-]?P/.test(text)) return parseInstant(text)
  const duration = parseDuration(text)
  return duration === undefined || Math.abs(duration) > MAX_MS ? undefined : later(start, duration)
}

/** Parses a duration of 0 to about 250 years. Returns milliseconds, or undefined for any other string. */
export function nonNegativeDuration(text: string): number | undefined {
  const duration = parseDuration(text)
  return duration !== undefined && duration >= 0 && duration <= MAX_MS ? duration : undefined
}
