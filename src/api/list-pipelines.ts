import { type Static, Type } from '@sinclair/typebox'
import type { Pipeline } from '../contract/index.js'
import { Model, Nullable, Parameters, Reference, StringEnum } from '../contract/schema.js'
import { compareInstants } from '../pipelines/instant.js'
import { type Api, type ApiContext, operation } from './operation.js'

const ORDERS = ['id', 'name', 'description', 'status', 'created_at', 'updated_at', 'created_by_email'] as const

/** Names, defaults and bounds are those of the sibling `/simple_pipelines` (documented), with the client's `skip` (seen). */
const Query = Parameters({
  project_id: Type.String(),
  limit: Type.Integer({ default: 10, minimum: 1, maximum: 100 }),
  skip: Type.Integer({ default: 0, minimum: 0 }),
  status: Type.Optional(Nullable(Type.String())),
  name: Type.Optional(Nullable(Type.String())),
  order_by: StringEnum(ORDERS, { default: 'created_at' }),
  order: StringEnum(['asc', 'desc'], { default: 'desc' }),
})
type Query = Static<typeof Query>

/** `GET /pipelines` (seen: the official client): a page of a project's pipelines. What matches nothing is an empty page. */
export function listPipelines(app: Api, { sandboxOf, served }: ApiContext) {
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
      const matching = sandboxOf(request)
        .pipelines(project_id)
        .map(({ pipeline }) => pipeline)
        .filter((pipeline) => matches(pipeline, request.query))
        .sort(comparison(request.query))
      const page = matching.slice(skip, skip + limit).map(served.serve)
      return reply.send({ pipelines: page, count: page.length, total: matching.length })
    },
  })
}

const matches = (pipeline: Pipeline, { status, name }: Query) =>
  (status ?? pipeline.status) === pipeline.status && (name ?? pipeline.name) === pipeline.name

/** Ties keep the order of the seed, whatever the direction; nulls are the largest values, as in Postgres (inferred). */
function comparison({ order_by, order }: Query) {
  const sign = order === 'asc' ? 1 : -1
  const compare = order_by === 'created_at' || order_by === 'updated_at' ? compareInstants : compareTexts
  return (a: Pipeline, b: Pipeline) => {
    const [x, y] = [a[order_by], b[order_by]]
    if (x === null || y === null) return sign * (Number(x === null) - Number(y === null))
    return sign * compare(x, y)
  }
}

const compareTexts = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
