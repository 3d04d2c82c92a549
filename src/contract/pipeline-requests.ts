import { type Static, Type } from '@sinclair/typebox'
import { type ElementType, Pipeline, PipelineOptions } from './pipeline.js'
import { Dictionary, Model, Nullable, OpenObject, Parameters, Reference, StringEnum } from './schema.js'

/** Body of a request to create a pipeline (documented). Elements run in the order of the keys of `elements`. */
export const PipelineConfig = Model('PipelineConfig', {
  project_id: Type.String(),
  elements: Dictionary(OpenObject({ additionalProperties: true })),
  name: Type.Optional(Nullable(Type.String())),
  description: Type.Optional(Nullable(Type.String())),
  options: Type.Optional(Reference(PipelineOptions)),
})
export type PipelineConfig = Static<typeof PipelineConfig>

/** The spellings of element types in requests, each with the spelling in responses (seen in the official client). */
const SPELLINGS = {
  entry: 'Direct Entry',
  data_fit: 'Data Fit',
  array_data_fit: 'Data Fit',
  calculation: 'Calculation',
  validation: 'Validation',
} as const satisfies Record<string, ElementType>

/** Legacy spellings of element types in requests, like `SPELLINGS` (seen in the official client). */
const LEGACY_SPELLINGS = {
  'Direct Entry': 'Direct Entry',
  'Data Fit': 'Data Fit',
  'Array Data Fit': 'Data Fit',
  datafit: 'Data Fit',
  arraydatafit: 'Data Fit',
  Calculation: 'Calculation',
  Validation: 'Validation',
} as const satisfies Record<string, ElementType>

/** The type of the keys is `unknown`, because keys are compared with unvalidated values. */
export const ELEMENT_TYPES: ReadonlyMap<unknown, ElementType> = new Map(Object.entries(SPELLINGS))
export const LEGACY_ELEMENT_TYPES: ReadonlyMap<unknown, ElementType> = new Map(Object.entries(LEGACY_SPELLINGS))

/** Returns the type that a spelling stands for, or undefined if the spelling is unknown. */
export const elementTypeOf = (spelling: unknown) => ELEMENT_TYPES.get(spelling) ?? LEGACY_ELEMENT_TYPES.get(spelling)

/**
 * The spellings are in two enums, because some code generators fail for an enum with `calculation` and `Calculation`.
 */
export const ElementTypeSpelling = Type.Unsafe<ElementTypeSpelling>(
  Type.Union([
    StringEnum([...ELEMENT_TYPES.keys()].map(String)),
    StringEnum([...LEGACY_ELEMENT_TYPES.keys()].map(String), { description: 'Legacy spellings' }),
  ]),
)
export type ElementTypeSpelling = keyof typeof SPELLINGS | keyof typeof LEGACY_SPELLINGS

/**
 * Body of a request to create a pipeline, with the type that every element must have. It is assumed that the real
 * service requires the type, too. The published schema does not declare the type.
 */
export const TypedPipelineConfig = Model('PipelineConfig', {
  ...PipelineConfig.properties,
  elements: Dictionary(
    OpenObject({
      properties: { element_type: { ...ElementTypeSpelling, title: 'Element Type' } },
      required: ['element_type'],
      additionalProperties: true,
    }),
  ),
})

/**
 * Body of a request to update a pipeline (seen in the official client). The length limits of `name` are documented
 * for a similar operation.
 */
export const PipelineUpdate = Model('PipelineUpdate', {
  name: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 255 }))),
  description: Type.Optional(Nullable(Type.String())),
})
export type PipelineUpdate = Static<typeof PipelineUpdate>

/**
 * The results of the elements of a pipeline: merged in `result`, and separate in `element_results`. Seen in the
 * official client.
 */
export const PipelineResult = Model('PipelineResult', {
  result: OpenObject({ additionalProperties: true }),
  element_results: OpenObject({ additionalProperties: true }),
})
export type PipelineResult = Static<typeof PipelineResult>

/** The fields by which a list of pipelines can be filtered and sorted. */
export const PIPELINE_FIELDS = [
  'id',
  'name',
  'description',
  'status',
  'created_at',
  'updated_at',
  'created_by_email',
] as const

const Filter = Type.Optional(Nullable(Type.String()))

/**
 * Query parameters for a list of pipelines. The names and the order of the parameters are seen in the official
 * client. The defaults and limits are documented for the similar operation `/simple_pipelines`.
 */
export const PipelineQuery = Parameters({
  project_id: Type.String(),
  limit: Type.Integer({ default: 10, minimum: 1, maximum: 100 }),
  skip: Type.Integer({ default: 0, minimum: 0 }),
  id: Filter,
  name: Filter,
  description: Filter,
  status: Filter,
  created_by_email: Filter,
  created_at: Filter,
  updated_at: Filter,
  created_at_gt: Filter,
  created_at_lt: Filter,
  updated_at_gt: Filter,
  updated_at_lt: Filter,
  order_by: StringEnum(PIPELINE_FIELDS, { default: 'created_at' }),
  order: StringEnum(['asc', 'desc'], { default: 'desc' }),
})

export type PipelineQuery = Static<typeof PipelineQuery>

/** One page of a list of pipelines (seen in the official client). */
export const PipelineList = Model('PipelineListResponse', {
  pipelines: Type.Array(Reference(Pipeline)),
  count: Type.Integer({ description: 'Number of items in this page' }),
  total: Type.Integer({ description: 'Total number of matching items' }),
})
