import { Type } from '@sinclair/typebox'
import { PipelineElement } from '../../contract/index.js'
import { Parameters, Reference } from '../../contract/schema.js'
import { sendError, unknown } from '../errors.js'
import { type Api, type ApiContext, operation } from '../operation.js'

/** `GET /pipelines/{pipeline_id}/elements`: a bare array (documented), in the order of execution (assumed). */
export function getPipelineElements(app: Api, { unknownPipeline }: ApiContext) {
  app.route({
    ...operation(
      {
        name: 'get_pipeline_elements',
        method: 'GET',
        url: '/pipelines/:pipeline_id/elements',
        summary: 'Get Pipeline Elements',
        answer: Type.Array(Reference(PipelineElement)),
      },
      { params: Parameters({ pipeline_id: Type.String() }) },
    ),
    handler(request, reply) {
      const { pipeline_id } = request.params
      const state = request.visit.sandbox.pipeline(pipeline_id)
      if (!state) return sendError(reply, unknown('pipeline', pipeline_id, unknownPipeline))
      return reply.send(state.elements)
    },
  })
}
