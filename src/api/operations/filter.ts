import { compareInstants, type Instant, parseInstant } from '../../time/instant.js'

/** A function that returns whether a field with the given value passes the filter. */
export type Filter = (value: string | null) => boolean

type Compare = (a: string, b: string) => number

/** Compares strings by their UTF-16 code units, independently of the locale. */
export const compareStrings: Compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0)

/** The comparison of each operator, for values that are not null. Null passes no comparison, as in SQL. */
const OPERATORS: Record<string, (value: string, operand: string, compare: Compare) => boolean> = {
  eq: (value, operand, compare) => compare(value, operand) === 0,
  neq: (value, operand, compare) => compare(value, operand) !== 0,
  gt: (value, operand, compare) => compare(value, operand) > 0,
  gte: (value, operand, compare) => compare(value, operand) >= 0,
  lt: (value, operand, compare) => compare(value, operand) < 0,
  lte: (value, operand, compare) => compare(value, operand) <= 0,
  like: isLike,
  ilike: (value, operand) => isLike(value.toLowerCase(), operand.toLowerCase()),
}

/**
 * Parses a filter in the operator syntax of PostgREST (seen in the official client), such as `gte.2025-01-01`,
 * `ilike.%lgm50%` or `in.(completed,failed)`. A string without an operator selects the values that are equal to the
 * string.
 *
 * If `isTime` is true, the values of the field are times, and the operand of every operator except `like`, `ilike`
 * and `is` must be a time. Returns undefined if such an operand is not a time.
 */
export function readFilter(text: string, isTime: boolean): Filter | undefined {
  if (text === 'is.null') return (value) => value === null
  const list = /^in\.\((.*)\)$/s.exec(text)?.[1]
  if (list !== undefined) {
    const filters = splitList(list).map((item) => readFilter(`eq.${item}`, isTime))
    return filters.includes(undefined) ? undefined : (value) => filters.some((filter) => filter?.(value))
  }
  const [, name = 'eq', rest = text] = /^(eq|neq|gt|gte|lt|lte|like|ilike)\.(.*)$/s.exec(text) ?? []
  const operand = isTime && !name.endsWith('like') ? readTime(rest) : rest
  if (operand === undefined) return undefined
  const compare = isTime ? compareInstants : compareStrings
  return (value) => value !== null && OPERATORS[name]?.(value, operand, compare) === true
}

/**
 * Parses a time. A date without a time means midnight in UTC, and a time without an offset is in UTC (both assumed).
 */
function readTime(text: string): Instant | undefined {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00` : text.replace(' ', 'T')
  return parseInstant(time) ?? parseInstant(`${time}Z`)
}

/**
 * Splits the list of the operator `in` at its commas. An item in double quotes can contain commas, and double quotes
 * after a backslash.
 */
const splitList = (list: string): string[] =>
  [...list.matchAll(/\s*(?:"((?:[^"\\]|\\.)*)"|([^,]*))\s*(?:,|$)/gy)]
    .filter(({ 0: found, index }) => found !== '' || index === 0)
    .map(([, quoted, bare]) => quoted?.replace(/\\(.)/gs, '$1') ?? String(bare).trim())

/**
 * Returns whether a text matches a pattern of the SQL operator LIKE: `%` (or `*`, as in PostgREST) matches any text,
 * and `_` matches one character. The search backtracks only to the latest `%`, so its time is at most proportional to
 * the length of the text times the length of the pattern.
 */
function isLike(text: string, pattern: string): boolean {
  const [letters, marks] = [[...text], [...pattern]]
  let [at, mark, star, resume] = [0, 0, -1, 0]
  while (at < letters.length) {
    if (marks[mark] === '%' || marks[mark] === '*') [star, resume] = [mark++, at]
    else if (marks[mark] === '_' || (mark < marks.length && marks[mark] === letters[at]))
      [at, mark] = [at + 1, mark + 1]
    else if (star === -1) return false
    else [mark, at] = [star + 1, ++resume]
  }
  return marks.slice(mark).every((rest) => rest === '%' || rest === '*')
}
