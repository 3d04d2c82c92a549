/**
 * A time in UTC, in the format of the real service: `2026-09-14T08:15:30.123456Z`. The fraction has six digits, or is
 * absent if all six are zero. An Instant is a string, because a Date would lose the microseconds.
 */
export type Instant = string

/** Matches an Instant on one of the days 1 to 28 of a month, which exist in every month. */
const NORMALIZED =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.(?!000000)\d{6})?Z$/

const LEAP_YEAR = '(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)'
const DATE = [
  '\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\\d|2[0-8])',
  '\\d{4}-(?:0[13-9]|1[0-2])-(?:29|30)',
  '\\d{4}-(?:0[13578]|1[02])-31',
  `${LEAP_YEAR}-02-29`,
].join('|')
const HOURS = '(?:[01]\\d|2[0-3])'

/** Pattern of an RFC 3339 date and time with a UTC offset and at most nine decimals of a second. */
export const DATE_TIME = `^(${DATE})[Tt ](${HOURS}:[0-5]\\d:[0-5]\\d)(?:\\.(\\d{1,9}))?([Zz]|[+-]${HOURS}:[0-5]\\d)$`

/** Pattern of dates and times that may be outside the years 0 to 9999 in UTC. */
export const OUT_OF_YEARS = '^(0000-01-01.*[+]|9999-12-31.*-..:..$)'

const [PATTERN, BEYOND] = [new RegExp(DATE_TIME), new RegExp(OUT_OF_YEARS)]

/**
 * Parses an RFC 3339 date and time with a UTC offset and at most nine decimals of a second. Truncates the decimals to
 * microseconds. Returns undefined for any other string, for dates and times that do not exist (30 February), for leap
 * seconds, and for instants that may be outside the years 0 to 9999 in UTC.
 */
export function parseInstant(text: string): Instant | undefined {
  if (NORMALIZED.test(text)) return text
  const [match, date = '', time = '', fraction = '', offset = ''] = PATTERN.exec(text) ?? []
  if (match === undefined || BEYOND.test(text)) return undefined
  const micros = fraction.padEnd(6, '0').slice(0, 6)
  if (offset.toUpperCase() === 'Z') return write(`${date}T${time}`, micros)
  return instantAt(Date.parse(`${date}T${time}.${micros.slice(0, 3)}${offset}`), Number(micros.slice(3)))
}

const write = (seconds: string, micros: string): Instant =>
  micros === '000000' ? `${seconds}Z` : `${seconds}.${micros}Z`

/** The earliest and the latest Instant. */
export const EARLIEST: Instant = '0000-01-01T00:00:00Z'
export const LATEST: Instant = '9999-12-31T23:59:59.999999Z'

const FIRST = Date.parse(EARLIEST)
const LAST = Date.parse('9999-12-31T23:59:59.999Z')

/**
 * Returns the instant that is `ms` milliseconds and `micros` (0 to 999) microseconds after the start of 1970. Returns
 * undefined for an instant outside the years 0 to 9999.
 */
export function instantAt(ms: number, micros = 0): Instant | undefined {
  if (!(ms >= FIRST && ms <= LAST)) return undefined
  const iso = new Date(ms).toISOString()
  return write(iso.slice(0, 19), iso.slice(20, 23) + String(micros).padStart(3, '0'))
}

/**
 * Returns a negative number if `a` is earlier than `b`, a positive number if `a` is later, and 0 if both are equal.
 */
export function compareInstants(a: Instant, b: Instant): number {
  // In the same second, an instant with a fraction is later than an instant without a fraction. A comparison of the
  // strings would give the opposite result, because `…:30.500000Z` sorts before `…:30Z`.
  if (a.length !== b.length && a.startsWith(b.slice(0, 19))) return a.length - b.length
  return a < b ? -1 : a > b ? 1 : 0
}

export const laterOf = (a: Instant, b: Instant): Instant => (compareInstants(a, b) < 0 ? b : a)

/** Splits an instant into milliseconds since the start of 1970 and 0 to 999 remaining microseconds. */
function split(at: Instant): [ms: number, micros: number] {
  const fraction = at.slice(20, -1).padEnd(6, '0')
  return [Date.parse(`${at.slice(0, 19)}.${fraction.slice(0, 3)}Z`), Number(fraction.slice(3))]
}

/**
 * Returns the instant that is `ms` milliseconds after `at`. A fraction of a microsecond in `ms` is rounded. Returns
 * undefined for an instant outside the years 0 to 9999.
 */
export function later(at: Instant, ms: number): Instant | undefined {
  const whole = Math.floor(ms)
  const [start, rest] = split(at)
  const micros = rest + Math.round((ms - whole) * 1000)
  return instantAt(start + whole + Math.floor(micros / 1000), micros % 1000)
}

/**
 * Returns the instant that is `ms` milliseconds after `at`. If this instant is outside the years 0 to 9999, returns the
 * nearest instant in these years.
 */
export const moved = (at: Instant, ms: number): Instant => later(at, ms) ?? (ms < 0 ? EARLIEST : LATEST)

/** Returns how many milliseconds `to` is after `from`. The result is negative if `to` is earlier than `from`. */
export function millisecondsFrom(from: Instant, to: Instant): number {
  const [start, startMicros] = split(from)
  const [end, endMicros] = split(to)
  return end - start + (endMicros - startMicros) / 1000
}
