import { type ElementType, PipelineConfig, type ValidationError } from '../../contract/index.js'
import { Reference } from '../../contract/schema.js'
import type { NewPipeline } from '../../pipelines/create.js'
import { invalid, sendError } from '../errors.js'
import { faultAt, missing, noneOf } from '../fastapi/error-types.js'
import { type Api, type ApiContext, operation } from '../operation.js'

/** How requests spell the types of elements (seen); the labels of answers are taken too, as the client calls them legacy. */
const ELEMENT_TYPES: Record<string, ElementType> = {
  entry: 'Direct Entry',
  data_fit: 'Data Fit',
  array_data_fit: 'Data Fit',
  calculation: 'Calculation',
  validation: 'Validation',
  datafit: 'Data Fit',
  arraydatafit: 'Data Fit',
  'Direct Entry': 'Direct Entry',
  'Data Fit': 'Data Fit',
  'Array Data Fit': 'Data Fit',
  Calculation: 'Calculation',
  Validation: 'Validation',
}

const unknownType = noneOf(['entry', 'data_fit', 'array_data_fit', 'calculation', 'validation'])

/** The config as it was read: its elements in the order of the request. */
type Config = Omit<PipelineConfig, 'elements'> & {
  readonly elements: ReadonlyMap<string, Readonly<Record<string, unknown>>>
}

/** `POST /pipelines` (documented): creates a pipeline that waits to run. */
export function createPipeline(app: Api, { served }: ApiContext) {
  app.route({
    ...operation(
      {
        name: 'create_pipeline',
        method: 'POST',
        url: '/pipelines',
        summary: 'Create a new pipeline',
        status: 201,
        answer: Reference(served.detail),
      },
      { body: Reference(PipelineConfig) },
    ),
    handler(request, reply) {
      const config = request.body as unknown as Config
      const faults = findTypeFaults(config)
      if (faults.length > 0) return sendError(reply, invalid(faults))
      const { sandbox, entry } = request.visit
      const created = sandbox.create(newPipeline(config))
      entry.pipeline_id = created.pipeline.id
      return reply.code(201).send(served.serveDetail(created))
    },
  })
}

/** An element says its type in its config; that a wrong one is refused at once, and how, is assumed. */
function findTypeFaults({ elements }: Config): ValidationError[] {
  return [...elements].flatMap(([name, config]): ValidationError[] => {
    const { element_type: input } = config
    const loc = ['body', 'elements', name, 'element_type']
    if (input === undefined) return [faultAt(loc, config, missing)]
    if (typeof input === 'string' && Object.hasOwn(ELEMENT_TYPES, input)) return []
    return [faultAt(loc, input, unknownType)]
  })
}

/** What becomes of a config in the record is unknown; here it stays as it was sent, but for its type (assumed). */
function newPipeline({ project_id, name, description, options, elements }: Config): NewPipeline {
  return {
    project_id,
    name: name ?? null,
    description: description ?? null,
    live_progress_updates: options?.live_progress_updates ?? null,
    elements: [...elements].map(([name, { element_type, ...job_config }]) => ({
      name,
      element_type: ELEMENT_TYPES[String(element_type)] as ElementType,
      job_config,
    })),
  }
}
