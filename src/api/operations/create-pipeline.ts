import { ELEMENT_TYPES, elementTypeOf, type PipelineConfig, type ValidationError } from '../../contract/index.js'
import type { NewPipeline } from '../../pipelines/create.js'
import { HttpError } from '../../http/error.js'
import { invalid } from '../errors.js'
import { literalError, missing, validationError } from '../fastapi/error-types.js'
import { jsonPieces } from '../json-pieces.js'
import type { Call } from './index.js'

const unknownType = literalError([...ELEMENT_TYPES.keys()].map(String))

export function createPipeline({ sandbox, record, body, write }: Call<'create_pipeline'>): Iterable<string> {
  const errors = typeErrors(body)
  if (errors.length > 0) throw new HttpError(invalid(errors))
  const created = sandbox.create(newPipeline(body))
  record.entry.pipeline_id = created.pipeline.id
  return jsonPieces(write.detail(created))
}

/**
 * Returns an error for each element whose type is missing or unknown. It is assumed that the real service rejects
 * such elements with a 422.
 */
function typeErrors({ elements }: PipelineConfig): ValidationError[] {
  return [...elements].flatMap(([name, config]): ValidationError[] => {
    const { element_type: input } = config
    const loc = ['body', 'elements', name, 'element_type']
    if (input === undefined) return [validationError(loc, config, missing)]
    return elementTypeOf(input) ? [] : [validationError(loc, input, unknownType)]
  })
}

/**
 * Converts the body of a request to the input for a new pipeline. It is assumed that the `job_config` of an element
 * is the configuration of the element in the request, without `element_type`. Removes `element_type` from `body`: a
 * copy of a configuration with many keys would take longer than parsing it.
 */
function newPipeline({ project_id, name, description, options, elements }: PipelineConfig): NewPipeline {
  return {
    project_id,
    name: name ?? undefined,
    description,
    options,
    elements: [...elements].map(([name, job_config]) => {
      const element_type = elementTypeOf(job_config.element_type)
      delete (job_config as { element_type?: unknown }).element_type
      return { name, element_type, job_config }
    }),
  }
}
