/**
 * A moment in UTC as the service writes it: `2026-09-14T08:15:30.123456Z`, six digits of fraction, none when they
 * are all zero. Kept as text, so that what a fixture says is what a client reads.
 */
export type Instant = string

/** Most times come as they are written anyway; the last days of the months take a closer look. */
const AS_WRITTEN =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.(?!000000)\d{6})?Z$/

const PATTERN = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/

/**
 * Reads an RFC 3339 date and time with its offset; a fraction finer than a microsecond is cut. Undefined for any
 * other text, for what is no day of the calendar (30 February), and for what UTC puts outside the years 0 to 9999.
 */
export function parseInstant(text: string): Instant | undefined {
  if (AS_WRITTEN.test(text)) return text
  const [match, date = '', time = '', fraction = '', offset = ''] = PATTERN.exec(text) ?? []
  if (match === undefined) return undefined
  const day = new Date(Date.parse(`${date}T${time}Z`)).getUTCDate()
  if (day !== Number(date.slice(8))) return undefined
  const micros = fraction.padEnd(6, '0').slice(0, 6)
  if (offset.toUpperCase() === 'Z') return write(`${date}T${time}`, micros)
  return instantAt(Date.parse(`${date}T${time}.${micros.slice(0, 3)}${offset}`), Number(micros.slice(3)))
}

const write = (seconds: string, micros: string): Instant =>
  micros === '000000' ? `${seconds}Z` : `${seconds}.${micros}Z`

/** The first and the last instant that can be written. */
export const EARLIEST: Instant = '0000-01-01T00:00:00Z'
export const LATEST: Instant = '9999-12-31T23:59:59.999999Z'

const FIRST = Date.parse(EARLIEST)
const LAST = Date.parse('9999-12-31T23:59:59.999Z')

/** The instant so many whole milliseconds and microseconds after the start of 1970; undefined outside the years 0 to 9999. */
export function instantAt(ms: number, micros = 0): Instant | undefined {
  if (!(ms >= FIRST && ms <= LAST)) return undefined
  const iso = new Date(ms).toISOString()
  return write(iso.slice(0, 19), iso.slice(20, 23) + String(micros).padStart(3, '0'))
}

/** Negative if the first is earlier, positive if it is later. */
export function compareInstants(a: Instant, b: Instant): number {
  // Of one second, the one with a fraction is later; as texts, `…:30Z` and `…:30.5Z` sort the wrong way.
  if (a.length !== b.length && a.startsWith(b.slice(0, 19))) return a.length - b.length
  return a < b ? -1 : a > b ? 1 : 0
}

export const laterOf = (a: Instant, b: Instant): Instant => (compareInstants(a, b) < 0 ? b : a)

/** An instant as whole milliseconds and the microseconds of the next one. */
function split(at: Instant): [ms: number, micros: number] {
  const fraction = at.slice(20, -1).padEnd(6, '0')
  return [Date.parse(`${at.slice(0, 19)}.${fraction.slice(0, 3)}Z`), Number(fraction.slice(3))]
}

/** The instant so many milliseconds after another, to the microsecond; undefined outside the years 0 to 9999. */
export function later(at: Instant, ms: number): Instant | undefined {
  const whole = Math.floor(ms)
  const [start, rest] = split(at)
  const micros = rest + Math.round((ms - whole) * 1000)
  return instantAt(start + whole + Math.floor(micros / 1000), micros % 1000)
}

/** How many milliseconds one instant is after another, to the microsecond. */
export function millisecondsFrom(from: Instant, to: Instant): number {
  const [start, startMicros] = split(from)
  const [end, endMicros] = split(to)
  return end - start + (endMicros - startMicros) / 1000
}
