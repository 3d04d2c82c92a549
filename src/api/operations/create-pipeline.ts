import type { ElementType, PipelineConfig, ValidationError } from '../../contract/index.js'
import type { NewPipeline } from '../../pipelines/create.js'
import { HttpError } from '../../http/error.js'
import { invalid } from '../errors.js'
import { literalError, missing, validationError } from '../fastapi/error-types.js'
import type { Call } from './index.js'

/**
 * The element types in the form of responses, such as `Data Fit`, each with all spellings that requests may use. The
 * capitalized spellings in requests are legacy (all of this is seen in the official client).
 */
const SPELLINGS: readonly [ElementType, readonly unknown[]][] = [
  ['Direct Entry', ['entry', 'Direct Entry']],
  ['Data Fit', ['data_fit', 'array_data_fit', 'datafit', 'arraydatafit', 'Data Fit', 'Array Data Fit']],
  ['Calculation', ['calculation', 'Calculation']],
  ['Validation', ['validation', 'Validation']],
]

const typeOf = (text: unknown) => SPELLINGS.find(([, spellings]) => spellings.includes(text))?.[0]

const unknownType = literalError(['entry', 'data_fit', 'array_data_fit', 'calculation', 'validation'])

export function createPipeline({ sandbox, record, body, write }: Call<'create_pipeline'>): string {
  const errors = typeErrors(body)
  if (errors.length > 0) throw new HttpError(invalid(errors))
  const created = sandbox.create(newPipeline(body))
  record.entry.pipeline_id = created.pipeline.id
  return JSON.stringify(write.detail(created))
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
    return typeOf(input) ? [] : [validationError(loc, input, unknownType)]
  })
}

/**
 * Converts the body of a request to the input for a new pipeline. It is assumed that the `job_config` of an element
 * is the configuration of the element in the request, without `element_type`.
 */
function newPipeline({ project_id, name, description, options, elements }: PipelineConfig): NewPipeline {
  return {
    project_id,
    name: name ?? undefined,
    description,
    options,
    elements: [...elements].map(([name, { element_type, ...job_config }]) => {
      return { name, element_type: typeOf(element_type), job_config }
    }),
  }
}
