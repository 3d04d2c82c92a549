const ISO = /^([+-]?)P(?=.)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/
const SHORT = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const LENGTHS = [7 * DAY, DAY, HOUR, MINUTE, SECOND]
const UNITS: Record<string, number> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR }

/**
 * Reads a duration in milliseconds, to the microsecond: ISO 8601 of fixed length (`-PT2H`, `P1DT30M`) or short (`250ms`,
 * `30s`, `5m`, `2h`). Undefined for anything else: what is finer, and years and months, whose length depends on when they
 * begin.
 */
export function parseDuration(text: string): number | undefined {
  const length = lengthOf(text)
  if (length === undefined) return undefined
  // Of 1.001 s the floating point product is a little less than 1001 ms.
  const micros = Math.round(length * 1000)
  const isWhole = Math.abs(length * 1000 - micros) <= 1e-4 + Math.abs(micros) * 1e-15
  return isWhole && Number.isSafeInteger(micros) ? micros / 1000 : undefined
}

function lengthOf(text: string): number | undefined {
  const [, count, unit] = SHORT.exec(text) ?? []
  if (count && unit) return Number(count) * (UNITS[unit] as number)
  const [match, sign, ...parts] = ISO.exec(text) ?? []
  if (match === undefined) return undefined
  const length = LENGTHS.reduce((sum, unitLength, i) => sum + unitLength * Number(parts[i] ?? 0), 0)
  return sign === '-' ? -length : length
}
