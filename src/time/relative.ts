import { parseDuration } from './duration.js'
import { type Instant, later, parseInstant } from './instant.js'

/** So long, milliseconds are exact to the microsecond. */
const FARTHEST_MS = 250 * 366 * 24 * 60 * 60 * 1000

/**
 * Resolves a time of a fixture: an instant with its offset as it is, an ISO 8601 duration counted from the start of the
 * mock. Undefined for a text that is neither, or for no day of the calendar.
 */
export function resolveTime(text: string, start: Instant): Instant | undefined {
  if (!/^[+-]?P/.test(text)) return parseInstant(text)
  const duration = parseDuration(text)
  return duration === undefined || Math.abs(duration) > FARTHEST_MS ? undefined : later(start, duration)
}

export const isTime = (text: unknown): boolean =>
  typeof text === 'string' && resolveTime(text, '2000-01-01T00:00:00Z') !== undefined

/** Reads how long something takes, in milliseconds; undefined for a text that does not say. */
export function resolveLength(text: string): number | undefined {
  const duration = parseDuration(text)
  return duration !== undefined && duration >= 0 && duration <= FARTHEST_MS ? duration : undefined
}

export const isLength = (text: unknown): boolean => typeof text === 'string' && resolveLength(text) !== undefined
