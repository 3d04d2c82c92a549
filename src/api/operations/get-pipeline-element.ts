import { Type } from '@sinclair/typebox'
import { PipelineElement } from '../../contract/index.js'
import { Parameters, Reference } from '../../contract/schema.js'
import { sendError, unknown } from '../errors.js'
import { type Api, type ApiContext, operation } from '../operation.js'

/** `GET /pipelines/elements/{element_id}` (documented). */
export function getPipelineElement(app: Api, { unknownPipeline }: ApiContext) {
  app.route({
    ...operation(
      {
        name: 'get_pipeline_element',
        method: 'GET',
        url: '/pipelines/elements/:element_id',
        summary: 'Get Pipeline Element',
        answer: Reference(PipelineElement),
      },
      { params: Parameters({ element_id: Type.String() }) },
    ),
    handler(request, reply) {
      const { element_id } = request.params
      const element = request.visit.sandbox.element(element_id)
      if (!element) return sendError(reply, unknown('element', element_id, unknownPipeline))
      return reply.send(element)
    },
  })
}
