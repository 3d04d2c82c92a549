import { PIPELINE_FIELDS, type PipelineQuery, type ValidationError } from '../../contract/index.js'
import type { PipelineState } from '../../pipelines/state.js'
import { compareInstants } from '../../time/instant.js'
import { HttpError } from '../../http/error.js'
import { invalid } from '../errors.js'
import { validationError } from '../fastapi/error-types.js'
import { compareStrings, type Filter, readFilter } from './filter.js'
import type { Call } from './index.js'

type Field = (typeof PIPELINE_FIELDS)[number]

/** The fields that change as time passes. */
const MOVING: readonly Field[] = ['status', 'updated_at']

const isTime = (field: Field) => field === 'created_at' || field === 'updated_at'

/**
 * The query parameters that filter pipelines, each with the field that the parameter filters. `operator` is put in
 * front of the value of the parameter: `created_at_gt=2025-01-01` has the same effect as `created_at=gte.2025-01-01`.
 * The bounds are inclusive despite the names of the parameters (seen in the official client).
 */
const FILTERS: { parameter: keyof PipelineQuery; field: Field; operator?: string }[] = [
  ...PIPELINE_FIELDS.map((field) => ({ parameter: field, field })),
  { parameter: 'created_at_gt', field: 'created_at', operator: 'gte.' },
  { parameter: 'created_at_lt', field: 'created_at', operator: 'lte.' },
  { parameter: 'updated_at_gt', field: 'updated_at', operator: 'gte.' },
  { parameter: 'updated_at_lt', field: 'updated_at', operator: 'lte.' },
]

export function listPipelines({ sandbox, query, write }: Call<'list_pipelines'>): string {
  const { project_id, skip, limit } = query
  const { filters, errors } = readFilters(query)
  if (errors.length > 0) throw new HttpError(invalid(errors))
  const now = sandbox.clock.now()
  const used: Field[] = [query.order_by, ...filters.map(({ field }) => field)]
  // Applying due transitions takes most of the time. If possible, only the pipelines of the page get their transitions.
  const isMoving = used.some((field) => MOVING.includes(field))
  const matching = (isMoving ? sandbox.pipelines(project_id, now) : sandbox.unsettled(project_id))
    .filter(({ pipeline }) => filters.every(({ field, passes }) => passes(pipeline[field])))
    .sort(comparison(query))
  const page = matching.slice(skip, skip + limit).map((state) => write.record(sandbox.settle(state, now).pipeline))
  return JSON.stringify({ pipelines: page, count: page.length, total: matching.length })
}

/**
 * Parses the filters of a query. The real service is assumed to respond with a 422 to an invalid time and to a pattern
 * that is too long.
 */
function readFilters(query: PipelineQuery) {
  const filters: { field: Field; passes: Filter }[] = []
  const errors: ValidationError[] = []
  for (const { parameter, field, operator = '' } of FILTERS) {
    const text = query[parameter]
    if (typeof text !== 'string') continue
    const filter = readFilter(operator + text, isTime(field))
    if (typeof filter === 'function') filters.push({ field, passes: filter })
    else errors.push(validationError(['query', parameter], text, filter))
  }
  return { filters, errors }
}

/**
 * Returns a function that compares two pipelines by the field `order_by`, in the direction `order`. Null is the
 * largest value, as in Postgres (assumed). Pipelines with equal values are listed in the order of the sandbox, in
 * both directions.
 */
function comparison({ order_by, order }: PipelineQuery) {
  const sign = order === 'asc' ? 1 : -1
  const compare = isTime(order_by) ? compareInstants : compareStrings
  return ({ pipeline: a }: PipelineState, { pipeline: b }: PipelineState) => {
    const [x, y] = [a[order_by], b[order_by]]
    if (x === null || y === null) return sign * (Number(x === null) - Number(y === null))
    return sign * compare(x, y)
  }
}
