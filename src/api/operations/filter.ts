import { compareInstants, type Instant, parseInstant } from '../../time/instant.js'
import { datetimeParsing, type ErrorType, stringTooLong, valueError } from '../fastapi/error-types.js'
import { compileLike } from './like.js'

/** A function that returns whether a field with the given value passes the filter. */
export type Filter = (value: string | null) => boolean

type Compare = (a: string, b: string) => number

/** Compares strings by their UTF-16 code units, independently of the locale. */
export const compareStrings: Compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0)

/** Returns whether a value that is not null matches an operand. */
type Operator = (value: string, operand: string, compare: Compare) => boolean

const differs: Operator = (value, operand, compare) => compare(value, operand) !== 0

/** The operators that compare a value with one operand. */
const OPERATORS: Readonly<Record<string, Operator>> = {
  eq: (value, operand, compare) => compare(value, operand) === 0,
  neq: differs,
  gt: (value, operand, compare) => compare(value, operand) > 0,
  gte: (value, operand, compare) => compare(value, operand) >= 0,
  lt: (value, operand, compare) => compare(value, operand) < 0,
  lte: (value, operand, compare) => compare(value, operand) <= 0,
  isdistinct: differs,
}

const NAMES = [...Object.keys(OPERATORS), 'like', 'ilike', 'in']
const SUPPORTED = new RegExp(`^(${NAMES.join('|')}|is)\\.(.*)$`, 's')

/** Matches the other operators of PostgREST. `(any)` and `(all)` are modifiers of operators. */
const UNSUPPORTED =
  /^(i?match|(pl|ph|w)?fts(\(\w+\))?|cs|cd|ov|sl|sr|nxr|nxl|adj|(eq|[gl]te?|i?like|i?match)\((any|all)\))\./

const unsupportedFilter = valueError(
  `Unsupported filter: use ${NAMES.slice(0, -1).join('., ')}. or in.(…) with a value, or is.null or is.not_null, ` +
    'each also after not.; to search for text that begins with an operator, put eq. before the text',
)

/** Maximum length of a pattern. The limit of the real service is unknown. */
const MAX_PATTERN_LENGTH = 1000

/**
 * Parses a filter in the operator syntax of PostgREST (seen in the official client), such as `gte.2025-01-01`,
 * `not.ilike.%lgm50%` or `in.(completed,failed)`. A string that does not begin with an operator of PostgREST and a
 * dot selects the values that are equal to the string.
 *
 * As in SQL, null matches neither an operator nor its negation. The exceptions are `is` and `isdistinct`.
 *
 * If `isTime` is true, the values of the field are times, and the operand of every operator except `like`, `ilike`
 * and `is` must be a time. Returns an error if such an operand is not a time, if a pattern is too long, or if the
 * filter is not supported. The response of the real service to an unsupported filter is unknown.
 */
export function readFilter(text: string, isTime: boolean): Filter | ErrorType {
  const isNegated = text.startsWith('not.')
  const operation = isNegated ? text.slice('not.'.length) : text
  const [, name, rest = ''] = SUPPORTED.exec(operation) ?? []
  if (name === undefined)
    return isNegated || UNSUPPORTED.test(text) ? unsupportedFilter : readFilter(`eq.${text}`, isTime)
  if (name === 'is') {
    if (!/^(not_)?null$/i.test(rest)) return unsupportedFilter
    const selectsNull = (rest.length === 'null'.length) !== isNegated
    return (value) => (value === null) === selectsNull
  }
  if (name === 'like' || name === 'ilike') return readPattern(rest, name === 'ilike', isNegated)
  const texts = name === 'in' ? splitList(rest) : [rest]
  if (!texts) return unsupportedFilter
  const operands = isTime ? texts.flatMap((operand) => readTime(operand) ?? []) : texts
  if (operands.length < texts.length) return datetimeParsing
  if (name === 'in') {
    const items = new Set(operands)
    return (value) => value !== null && items.has(value) !== isNegated
  }
  const compare = isTime ? compareInstants : compareStrings
  const matches = OPERATORS[name] as Operator
  const selectsNull = name === 'isdistinct' && !isNegated
  const [operand] = operands as [string]
  return (value) => (value === null ? selectsNull : matches(value, operand, compare) !== isNegated)
}

function readPattern(pattern: string, ignoresCase: boolean, isNegated: boolean): Filter | ErrorType {
  if (pattern.length > MAX_PATTERN_LENGTH) return stringTooLong(MAX_PATTERN_LENGTH)
  const fold = (text: string) => (ignoresCase ? text.toLowerCase() : text)
  const matches = compileLike(fold(pattern))
  return (value) => value !== null && matches(fold(value)) !== isNegated
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
 * after a backslash. As in PostgREST, `in.()` selects nothing. Returns undefined if the list is not in parentheses.
 */
function splitList(text: string): string[] | undefined {
  const list = /^\((.*)\)$/s.exec(text)?.[1]
  if (list === undefined) return undefined
  return [...list.matchAll(/\s*(?:"((?:[^"\\]|\\.)*)"|([^,]*))\s*(?:,|$)/gy)]
    .filter(([found]) => found !== '')
    .map(([, quoted, bare]) => quoted?.replace(/\\(.)/gs, '$1') ?? String(bare).trim())
}
