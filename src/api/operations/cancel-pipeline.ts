import { Type } from '@sinclair/typebox'
import { Parameters, Reference } from '../../contract/schema.js'
import { cancel } from '../../pipelines/cancel.js'
import { sendError, unknown } from '../errors.js'
import { type Api, type ApiContext, operation } from '../operation.js'

/** `POST /pipelines/{pipeline_id}/cancel` (documented). No body is declared, so none is read. */
export function cancelPipeline(app: Api, { served, unknownPipeline }: ApiContext) {
  app.route({
    ...operation(
      {
        name: 'cancel_pipeline',
        method: 'POST',
        url: '/pipelines/:pipeline_id/cancel',
        summary: 'Cancel a pipeline',
        description: 'Cancel a running pipeline and all its non-terminal elements.',
        answer: Reference(served.schema),
      },
      { params: Parameters({ pipeline_id: Type.String() }) },
    ),
    handler(request, reply) {
      const { pipeline_id } = request.params
      const outcome = request.visit.apply(cancel, pipeline_id)
      if (!outcome) return sendError(reply, unknown('pipeline', pipeline_id, unknownPipeline))
      return reply.serializer(String).send(served.write(outcome.next.pipeline))
    },
  })
}
