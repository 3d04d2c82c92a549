import { Type } from '@sinclair/typebox'
import { PipelineUpdate } from '../../contract/index.js'
import { Parameters, Reference } from '../../contract/schema.js'
import { update } from '../../pipelines/update.js'
import { sendError, unknown } from '../errors.js'
import { type Api, type ApiContext, operation } from '../operation.js'

/** `PATCH /pipelines/{pipeline_id}` (seen: the official client): changes its name and description. */
export function updatePipeline(app: Api, { served, unknownPipeline }: ApiContext) {
  app.route({
    ...operation(
      {
        name: 'update_pipeline',
        method: 'PATCH',
        url: '/pipelines/:pipeline_id',
        summary: 'Update pipeline name/description',
        answer: Reference(served.schema),
      },
      { params: Parameters({ pipeline_id: Type.String() }), body: Reference(PipelineUpdate) },
    ),
    handler(request, reply) {
      const { pipeline_id } = request.params
      const outcome = request.visit.apply(update(request.body), pipeline_id)
      if (!outcome) return sendError(reply, unknown('pipeline', pipeline_id, unknownPipeline))
      return reply.serializer(String).send(served.write(outcome.next.pipeline))
    },
  })
}
