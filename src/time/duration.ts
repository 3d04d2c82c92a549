const ISO = /^([+-]?)P(?=.)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/
const SHORT = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Lengths of the units in an ISO 8601 duration, in milliseconds: week, day, hour, minute, second. */
const ISO_UNITS = [7 * DAY, DAY, HOUR, MINUTE, SECOND]
const SHORT_UNITS: Record<string, number> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR }

/**
 * Parses a duration in ISO 8601 (`-PT2H`, `P1DT30M`) or in short form (`250ms`, `30s`, `5m`, `2h`). Returns the
 * number of milliseconds. Returns undefined for any other string, for a duration that is not a whole number of
 * microseconds, and for a duration above about 285 years, because the number would not be exact. Years and months are
 * not accepted, because their length depends on the date.
 */
export function parseDuration(text: string): number | undefined {
  const length = lengthOf(text)
  if (length === undefined) return undefined
  // The check has a tolerance, because floating-point numbers are inexact: 1.001 * 1000 is 1000.9999999999999.
  const micros = Math.round(length * 1000)
  const isWhole = Math.abs(length * 1000 - micros) <= 1e-4 + Math.abs(micros) * 1e-15
  return isWhole && Number.isSafeInteger(micros) ? micros / 1000 : undefined
}

function lengthOf(text: string): number | undefined {
  const [, count, unit] = SHORT.exec(text) ?? []
  if (count && unit) return Number(count) * (SHORT_UNITS[unit] as number)
  const [match, sign, ...parts] = ISO.exec(text) ?? []
  if (match === undefined) return undefined
  const length = ISO_UNITS.reduce((sum, unitLength, i) => sum + unitLength * Number(parts[i] ?? 0), 0)
  return sign === '-' ? -length : length
}
