import { Kind, Type, TypeRegistry } from '@sinclair/typebox'
import { parseInstant } from '../time/instant.js'
import { nonNegativeDuration, resolveTime } from '../time/relative.js'
import { expected } from './schema.js'

/** A string that passes `check`, which says more than a pattern can. */
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

/** A duration that is not negative; with `maxMs`, of at most so many milliseconds. */
export const Duration = Text(
  'Duration',
  (text, { maxMs = Infinity }) => Number(nonNegativeDuration(text)) <= Number(maxMs),
  {
    pattern: '^(\\d+(\\.\\d+)?(ms|s|m|h)|[+]?P[0-9WDTHMS.]+)$',
    [expected]: 'a duration to the microsecond (30s, 5m, 250ms, 2h or PT30S)',
  },
)

/** An instant with its offset. */
export const DateTime = Text('DateTime', (text) => parseInstant(text) !== undefined, {
  format: 'date-time',
  [expected]: 'a time with its offset (2026-10-01T12:00:00Z)',
})

/** A time of a fixture. */
export const RelativeTime = Text('RelativeTime', (text) => resolveTime(text, '2000-01-01T00:00:00Z') !== undefined, {
  pattern:
    '^(\\d{4}-\\d\\d-\\d\\d[Tt ]\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?([Zz]|[+-]\\d\\d:\\d\\d)|[+-]?P[0-9WDTHMS.]+)$',
  [expected]: 'a time with its offset (2026-09-14T08:15:30Z) or a duration from the start in weeks to seconds (-PT2H)',
})

/** An id that fits into a path. Paths are decoded before they are routed, so an id with a slash is never reached. */
export const RecordId = Text('RecordId', (text) => text !== '' && !text.includes('/') && text.isWellFormed(), {
  pattern: '^[^/]+$',
  [expected]: 'a string that is not empty and has no slash and no lone surrogate',
})
