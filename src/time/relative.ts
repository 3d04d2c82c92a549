import { parseDuration } from './duration.js'
import { type Instant, later, parseInstant } from './instant.js'

const isDuration = (text: string) => /^[+-]?P/.test(text)

/** Returns whether a text is a date and time with a UTC offset, or an ISO 8601 duration. */
export const isTime = (text: string): boolean =>
  (isDuration(text) ? parseDuration(text) : parseInstant(text)) !== undefined

/**
 * Converts a time in a fixture to an instant. `text` is a date and time with a UTC offset, or an ISO 8601 duration
 * that is added to `start`. Returns undefined for any other string, and for an instant outside the years 0 to 9999.
 */
export function resolveTime(text: string, start: Instant): Instant | undefined {
  if (!isDuration(text)) return parseInstant(text)
  const duration = parseDuration(text)
  return duration === undefined ? undefined : later(start, duration)
}
