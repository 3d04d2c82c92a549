import type { ValidationError } from '../../contract/index.js'
import { HttpError } from '../../http/error.js'
import { compareInstants } from '../../time/instant.js'
import { invalid } from '../errors.js'
import { validationError } from '../fastapi/error-types.js'
import { compareStrings, type Filter, readFilter } from './filter.js'

/** The values of the fields by which records can be filtered and sorted. */
type Values<F extends string> = Readonly<Record<F, string | null>>

/** A query that filters and sorts records with the fields `F`. */
interface ListQuery<F extends string> extends Readonly<Record<string, unknown>> {
  readonly order_by: F
  readonly order: 'asc' | 'desc'
}

/** A parsed query for a list of records. */
interface Listing<F extends string> {
  /** The fields that filter or sort the records. */
  readonly used: readonly F[]
  readonly passes: (record: Values<F>) => boolean
  readonly compare: (a: Values<F>, b: Values<F>) => number
}

const TIMES: readonly string[] = ['created_at', 'updated_at']

/**
 * Suffixes of parameter names, each with the operator that the suffix stands for. For example,
 * `created_at_gt=2025-01-01` has the same effect as `created_at=gte.2025-01-01`.
 * The bounds are inclusive despite the names of the parameters (seen in the official client).
 */
const BOUNDS = { _gt: 'gte.', _lt: 'lte.' }

/**
 * Parses a query for a list of records with the given fields. Each field is also the name of a filter. It is assumed
 * that the real service responds with a 422 to an invalid time and to a pattern that is too long.
 * @throws HttpError with a 422 that lists every error.
 */
export function listingOf<F extends string>(fields: readonly F[], query: ListQuery<F>): Listing<F> {
  const filters: { field: F; passes: Filter }[] = []
  const errors: ValidationError[] = []
  const read = (field: F, parameter: string, operator: string) => {
    const text = query[parameter]
    if (typeof text !== 'string') return
    const filter = readFilter(operator + text, TIMES.includes(field))
    if (typeof filter === 'function') filters.push({ field, passes: filter })
    else errors.push(validationError(['query', parameter], text, filter))
  }
  for (const field of fields) read(field, field, '')
  for (const field of fields.filter((field) => TIMES.includes(field)))
    for (const [suffix, operator] of Object.entries(BOUNDS)) read(field, field + suffix, operator)
  if (errors.length > 0) throw new HttpError(invalid(errors))
  return {
    used: [query.order_by, ...filters.map(({ field }) => field)],
    passes: (record) => filters.every(({ field, passes }) => passes(record[field])),
    compare: comparison(query),
  }
}

/**
 * Returns a function that compares two records by the field `order_by`, in the direction `order`. Null is the largest
 * value: it is assumed that the real service sorts nulls as Postgres does. Records with equal values keep their order,
 * ascending and descending.
 */
function comparison<F extends string>({ order_by, order }: ListQuery<F>) {
  const sign = order === 'asc' ? 1 : -1
  const compare = TIMES.includes(order_by) ? compareInstants : compareStrings
  return (a: Values<F>, b: Values<F>) => {
    const [x, y] = [a[order_by], b[order_by]]
    if (x === null || y === null) return sign * (Number(x === null) - Number(y === null))
    return sign * compare(x, y)
  }
}
