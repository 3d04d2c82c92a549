import type { ElementType, PipelineConfig, ValidationError } from '../../contract/index.js'
import type { NewPipeline } from '../../pipelines/create.js'
import { HttpError } from '../../http/error.js'
import { invalid } from '../errors.js'
import { missing, noneOf, validationError } from '../fastapi/error-types.js'
import type { Call } from './index.js'

/** How requests spell the types of elements (seen). The labels of responses are taken too: the client calls them legacy. */
const SPELLINGS: readonly [ElementType, readonly unknown[]][] = [
  ['Direct Entry', ['entry', 'Direct Entry']],
  ['Data Fit', ['data_fit', 'array_data_fit', 'datafit', 'arraydatafit', 'Data Fit', 'Array Data Fit']],
  ['Calculation', ['calculation', 'Calculation']],
  ['Validation', ['validation', 'Validation']],
]

const typeOf = (text: unknown) => SPELLINGS.find(([, spellings]) => spellings.includes(text))?.[0]

const unknownType = noneOf(['entry', 'data_fit', 'array_data_fit', 'calculation', 'validation'])

export function createPipeline({ sandbox, record, body, write }: Call<'create_pipeline'>): string {
  const errors = typeErrors(body)
  if (errors.length > 0) throw new HttpError(invalid(errors))
  const created = sandbox.create(newPipeline(body))
  record.entry.pipeline_id = created.pipeline.id
  return JSON.stringify(write.detail(created))
}

/** The config of an element names its type; that a wrong one is rejected at once, and how, is assumed. */
function typeErrors({ elements }: PipelineConfig): ValidationError[] {
  return [...elements].flatMap(([name, config]): ValidationError[] => {
    const { element_type: input } = config
    const loc = ['body', 'elements', name, 'element_type']
    if (input === undefined) return [validationError(loc, config, missing)]
    return typeOf(input) ? [] : [validationError(loc, input, unknownType)]
  })
}

/** How the service keeps a config is unknown; here it stays as it was sent, without its type (assumed). */
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
