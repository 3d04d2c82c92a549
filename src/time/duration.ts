const SECONDS = '\\d+(\\.\\d{1,6})?S'
const TIME = `T(\\d+H(\\d+M)?(${SECONDS})?|\\d+M(${SECONDS})?|${SECONDS})`
const DATE = '(\\d+W(\\d+D)?|\\d+D)'

/**
 * Pattern of ISO 8601 durations without a sign. Years and months are not allowed, because their length depends on the
 * date. The smallest unit is a microsecond.
 */
export const ISO_DURATION = `P(${DATE}(${TIME})?|${TIME})`

/** Pattern of durations in short form: `250ms`, `30s`, `5m`, `2h`. The smallest unit is a microsecond. */
export const SHORT_DURATION = '(\\d+(\\.\\d{1,3})?m|\\d+(\\.\\d{1,6})?)s|\\d+(\\.\\d{1,6})?[mh]'

const PATTERN = new RegExp(`^([+-]?${ISO_DURATION}|${SHORT_DURATION})$`)
const PART = /(\d+)(\.\d+)?(ms|[smhWDHMS])/g

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** The units of durations, in milliseconds. */
const UNITS: Readonly<Record<string, number>> = {
  ...{ ms: 1, s: SECOND, m: MINUTE, h: HOUR },
  ...{ W: 7 * DAY, D: DAY, H: HOUR, M: MINUTE, S: SECOND },
}

/** 10,000 years in milliseconds. No two instants are further apart. */
const LONGEST = 10_000 * 366 * DAY

/**
 * Parses a duration in ISO 8601 (`-PT2H`, `P1DT30M`) or in short form (`250ms`, `30s`, `5m`, `2h`). Returns the
 * number of milliseconds. Returns undefined for any other string. A duration of more than 10,000 years is shortened
 * to 10,000 years. Up to 250 years, the result is exact to the microsecond.
 */
export function parseDuration(text: string): number | undefined {
  if (!PATTERN.test(text)) return undefined
  let [ms, micros] = [0, 0]
  for (const [, count, fraction = 0, unit] of text.matchAll(PART)) {
    const length = UNITS[unit as string] as number
    ms += Number(count) * length
    micros += Math.round(Number(fraction) * length * 1000)
  }
  const duration = Math.min(ms + micros / 1000, LONGEST)
  return text.startsWith('-') ? -duration : duration
}

/** Parses a duration without a minus sign. Returns undefined for any other string. */
export const nonNegativeDuration = (text: string) => (text.startsWith('-') ? undefined : parseDuration(text))

/** Formats a number of milliseconds, rounded to microseconds, as a duration: `1500.25ms`. */
export const durationText = (ms: number) => `${Number(ms.toFixed(3))}ms`
