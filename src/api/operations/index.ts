import { cancelPipeline } from './cancel-pipeline.js'
import { createPipeline } from './create-pipeline.js'
import { deletePipeline } from './delete-pipeline.js'
import { getPipeline } from './get-pipeline.js'
import { getPipelineElement } from './get-pipeline-element.js'
import { getPipelineElements } from './get-pipeline-elements.js'
import { getPipelineResult } from './get-pipeline-result.js'
import { listPipelines } from './list-pipelines.js'
import type { Api, ApiContext } from '../operation.js'
import { updatePipeline } from './update-pipeline.js'

/** In this order the real service matches paths: `/pipelines/elements/elements` is an element, not a list of them. */
export function declareOperations(app: Api, context: ApiContext) {
  listPipelines(app, context)
  createPipeline(app, context)
  getPipelineElement(app, context)
  getPipeline(app, context)
  updatePipeline(app, context)
  deletePipeline(app, context)
  getPipelineElements(app, context)
  cancelPipeline(app, context)
  getPipelineResult(app, context)
}
