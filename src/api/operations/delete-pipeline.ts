import { Type } from '@sinclair/typebox'
import { Parameters } from '../../contract/schema.js'
import { sendError, unknown } from '../errors.js'
import { type Api, type ApiContext, operation } from '../operation.js'

/** `DELETE /pipelines/{pipeline_id}` (seen: the official client): with its elements. That it answers 204 is assumed. */
export function deletePipeline(app: Api, { unknownPipeline }: ApiContext) {
  app.route({
    ...operation(
      {
        name: 'delete_pipeline',
        method: 'DELETE',
        url: '/pipelines/:pipeline_id',
        summary: 'Delete a pipeline',
        status: 204,
      },
      { params: Parameters({ pipeline_id: Type.String() }) },
    ),
    handler(request, reply) {
      const { pipeline_id } = request.params
      if (!request.visit.sandbox.delete(pipeline_id))
        return sendError(reply, unknown('pipeline', pipeline_id, unknownPipeline))
      return reply.code(204).send()
    },
  })
}
