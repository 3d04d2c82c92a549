import { Type } from '@sinclair/typebox'
import { PipelineResult } from '../../contract/index.js'
import { Parameters, Reference } from '../../contract/schema.js'
import { elementResults, mergedResult } from '../../pipelines/result.js'
import { sendError, unknown } from '../errors.js'
import { type Api, type ApiContext, operation } from '../operation.js'

/** `GET /pipelines/{pipeline_id}/result` (seen: the official client). Before the end, what there is so far (assumed). */
export function getPipelineResult(app: Api, { unknownPipeline }: ApiContext) {
  app.route({
    ...operation(
      {
        name: 'get_pipeline_result',
        method: 'GET',
        url: '/pipelines/:pipeline_id/result',
        summary: 'Get pipeline result',
        answer: Reference(PipelineResult),
      },
      { params: Parameters({ pipeline_id: Type.String() }) },
    ),
    handler(request, reply) {
      const { pipeline_id } = request.params
      const state = request.visit.sandbox.pipeline(pipeline_id)
      if (!state) return sendError(reply, unknown('pipeline', pipeline_id, unknownPipeline))
      // Written out, for an object would put elements that are named like `2` before all others.
      const results = elementResults(state).map(([name, result]) => `${JSON.stringify(name)}:${JSON.stringify(result)}`)
      return reply
        .serializer(String)
        .send(`{"result":${JSON.stringify(mergedResult(state))},"element_results":{${results.join(',')}}}`)
    },
  })
}
