import { Type } from '@sinclair/typebox'
import { Parameters, Reference } from '../../contract/schema.js'
import { sendError, unknown } from '../errors.js'
import { type Api, type ApiContext, operation } from '../operation.js'

/** `GET /pipelines/{pipeline_id}` (documented). */
export function getPipeline(app: Api, { served, unknownPipeline }: ApiContext) {
  app.route({
    ...operation(
      {
        name: 'get_pipeline',
        method: 'GET',
        url: '/pipelines/:pipeline_id',
        summary: 'Get pipeline metadata',
        answer: Reference(served.schema),
      },
      { params: Parameters({ pipeline_id: Type.String() }) },
    ),
    handler(request, reply) {
      const { pipeline_id } = request.params
      const state = request.visit.sandbox.pipeline(pipeline_id)
      if (!state) return sendError(reply, unknown('pipeline', pipeline_id, unknownPipeline))
      return reply.serializer(String).send(served.write(state.pipeline))
    },
  })
}
