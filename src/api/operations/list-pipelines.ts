import { type Static, Type } from '@sinclair/typebox'
import type { Pipeline, ValidationError } from '../../contract/index.js'
import { Model, Nullable, Parameters, Reference, StringEnum } from '../../contract/schema.js'
import { compareInstants } from '../../time/instant.js'
import { invalid, sendError } from '../errors.js'
import { faultAt, noTime } from '../fastapi/error-types.js'
import { compareTexts, type Filter, readFilter } from './filter.js'
import { type Api, type ApiContext, operation } from '../operation.js'

const ORDERS = ['id', 'name', 'description', 'status', 'created_at', 'updated_at', 'created_by_email'] as const

type Field = (typeof ORDERS)[number]

const isTime = (field: Field) => field === 'created_at' || field === 'updated_at'

const Optional = Type.Optional(Nullable(Type.String()))

/** Names and order are the client's (seen); defaults and bounds those of the sibling `/simple_pipelines` (documented). */
const Query = Parameters({
  project_id: Type.String(),
  limit: Type.Integer({ default: 10, minimum: 1, maximum: 100 }),
  skip: Type.Integer({ default: 0, minimum: 0 }),
  id: Optional,
  name: Optional,
  description: Optional,
  status: Optional,
  created_by_email: Optional,
  created_at: Optional,
  updated_at: Optional,
  created_at_gt: Optional,
  created_at_lt: Optional,
  updated_at_gt: Optional,
  updated_at_lt: Optional,
  order_by: StringEnum(ORDERS, { default: 'created_at' }),
  order: StringEnum(['asc', 'desc'], { default: 'desc' }),
})
type Query = Static<typeof Query>

/** Which field a parameter filters, and the operator that it stands for: the bounds are inclusive, for all their names (seen). */
const FILTERS: { parameter: keyof Query; field: Field; operator?: string }[] = [
  ...ORDERS.map((field) => ({ parameter: field, field })),
  { parameter: 'created_at_gt', field: 'created_at', operator: 'gte.' },
  { parameter: 'created_at_lt', field: 'created_at', operator: 'lte.' },
  { parameter: 'updated_at_gt', field: 'updated_at', operator: 'gte.' },
  { parameter: 'updated_at_lt', field: 'updated_at', operator: 'lte.' },
]

/** `GET /pipelines` (seen: the official client): a page of a project's pipelines. What matches nothing is an empty page. */
export function listPipelines(app: Api, { served }: ApiContext) {
  const PipelineList = Model('PipelineListResponse', {
    pipelines: Type.Array(Reference(served.schema)),
    count: Type.Integer({ description: 'Number of items in this page' }),
    total: Type.Integer({ description: 'Total number of matching items' }),
  })
  app.addSchema(PipelineList)
  app.route({
    ...operation(
      {
        name: 'list_pipelines',
        method: 'GET',
        url: '/pipelines',
        summary: 'List pipelines',
        answer: Reference(PipelineList),
      },
      // A parameter with a default need not be sent, but it is always there to be read.
      { querystring: { ...Query, required: ['project_id'] } },
    ),
    handler(request, reply) {
      const { project_id, skip, limit } = request.query
      const { filters, faults } = readFilters(request.query)
      if (faults.length > 0) return sendError(reply, invalid(faults))
      const matching = request.visit.sandbox
        .pipelines(project_id)
        .map(({ pipeline }) => pipeline)
        .filter((pipeline) => filters.every(({ field, passes }) => passes(pipeline[field])))
        .sort(comparison(request.query))
      const page = matching.slice(skip, skip + limit).map(served.serve)
      return reply.send({ pipelines: page, count: page.length, total: matching.length })
    },
  })
}

/** What the service says of a bound that is no time is not known; that it is a 422, and how it reads, is ours. */
function readFilters(query: Query) {
  const filters: { field: Field; passes: Filter }[] = []
  const faults: ValidationError[] = []
  for (const { parameter, field, operator = '' } of FILTERS) {
    const text = query[parameter]
    if (typeof text !== 'string') continue
    const passes = readFilter(operator + text, isTime(field))
    if (passes) filters.push({ field, passes })
    else faults.push(faultAt(['query', parameter], text, noTime))
  }
  return { filters, faults }
}

/** Ties keep the order of the seed, whatever the direction; nulls are the largest values, as in Postgres (inferred). */
function comparison({ order_by, order }: Query) {
  const sign = order === 'asc' ? 1 : -1
  const compare = isTime(order_by) ? compareInstants : compareTexts
  return (a: Pipeline, b: Pipeline) => {
    const [x, y] = [a[order_by], b[order_by]]
    if (x === null || y === null) return sign * (Number(x === null) - Number(y === null))
    return sign * compare(x, y)
  }
}
