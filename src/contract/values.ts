import { Kind, Type, TypeRegistry } from '@sinclair/typebox'
import { ISO_DURATION, nonNegativeDuration, SHORT_DURATION } from '../time/duration.js'
import { DATE_TIME, OUT_OF_YEARS, parseInstant } from '../time/instant.js'
import { isTime } from '../time/relative.js'
import { expected } from './schema.js'

/**
 * Returns the schema of a string for which the function `check` returns true. `check` can test conditions that a
 * pattern cannot express.
 */
export function Text(
  kind: string,
  check: (text: string, schema: Record<string, unknown>) => boolean,
  options: object = {},
) {
  TypeRegistry.Set<Record<string, unknown>>(`ionworks-mock:${kind}`, (schema, value) =>
    typeof value === 'string' ? check(value, schema) : false,
  )
  return Type.Unsafe<string>({ [Kind]: `ionworks-mock:${kind}`, type: 'string', ...options })
}

/** Pattern of a duration, for published schemas. */
export const DURATION_PATTERN = `([+]?${ISO_DURATION}|${SHORT_DURATION})`

/**
 * Schema of a duration without a minus sign. To set a maximum, copy this schema and add the keyword `maxMs`, in
 * milliseconds.
 */
export const Duration = Text(
  'Duration',
  (text, { maxMs = Infinity }) => Number(nonNegativeDuration(text)) <= Number(maxMs),
  {
    pattern: `^${DURATION_PATTERN}$`,
    [expected]: 'a duration of at least 0, with at most microsecond precision (250ms, 30s, 5m, 2h, PT30S)',
  },
)

/** Schema of a date and time with a UTC offset. */
export const DateTime = Text('DateTime', (text) => parseInstant(text) !== undefined, {
  format: 'date-time',
  pattern: DATE_TIME,
  not: { pattern: OUT_OF_YEARS },
  [expected]: 'a date and time with a UTC offset, such as 2026-10-01T12:00:00Z',
})

/**
 * Schema of a time in a fixture: a date and time with a UTC offset, or an ISO 8601 duration that is added to the time
 * at which the fixture is loaded.
 */
export const RelativeTime = Text('RelativeTime', isTime, {
  pattern: `${DATE_TIME}|^[+-]?${ISO_DURATION}$`,
  not: { pattern: OUT_OF_YEARS },
  [expected]:
    'a date and time with a UTC offset, such as 2026-09-14T08:15:30Z, or an ISO 8601 duration ' +
    'from the time at which the fixture is loaded, without years and months, such as -PT2H',
})

/**
 * Schema of an id. An id with a slash could not be part of a path. The server decodes a path and then splits the path
 * into segments, so even an encoded slash would separate two segments.
 */
export const RecordId = Text('RecordId', (text) => text !== '' && !text.includes('/') && text.isWellFormed(), {
  pattern: '^[^/\\ud800-\\udfff]+$',
  [expected]: 'a non-empty string without slashes or lone surrogates',
})
