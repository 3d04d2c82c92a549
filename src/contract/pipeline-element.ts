import { type Static, Type } from '@sinclair/typebox'
import { JobErrorCode } from './pipeline.js'
import { Model, Nullable, OpenObject, Reference, StringEnum } from './schema.js'

export const ElementStatus = StringEnum(['pending', 'running', 'completed', 'failed', 'skipped', 'canceled'], {
  $id: 'ElementStatus',
  title: 'ElementStatus',
})
export type ElementStatus = Static<typeof ElementStatus>

/** The labels of answers; a request to create spells them otherwise. */
export const ElementType = StringEnum(['Direct Entry', 'Data Fit', 'Calculation', 'Validation'], {
  $id: 'ElementType',
  title: 'ElementType',
})
export type ElementType = Static<typeof ElementType>

/** One step of a pipeline. Names, types and texts are documented; the order of the keys is assumed. */
export const PipelineElement = Model(
  'PipelineElement',
  {
    id: Type.String(),
    pipeline_id: Type.String(),
    name: Type.String(),
    element_order: Type.Integer({ description: 'Order of execution within the pipeline (1-based)' }),
    element_type: Reference(ElementType),
    job_config: OpenObject({ additionalProperties: true, description: 'Configuration parameters for the job' }),
    status: Reference(ElementStatus),
    created_at: Type.String({ format: 'date-time' }),
    updated_at: Type.String({ format: 'date-time' }),
    organization_id: Type.String({ description: 'Organization this pipeline element belongs to.' }),
    job_id: Type.Optional(Nullable(Type.String())),
    result: Type.Optional(Nullable(OpenObject({ additionalProperties: true }))),
    error: Type.Optional(Nullable(Type.String())),
    error_code: Type.Optional(Nullable(Reference(JobErrorCode))),
    error_detail: Type.Optional(Nullable(OpenObject({ additionalProperties: true }))),
    job_status: Type.Optional(
      Type.Union([Type.String(), Type.Null()], { description: 'Job status via job_id (from jobs.status).' }),
    ),
  },
  { description: 'Model for representing a pipeline element in API responses.' },
)
/** An element as the service writes it: every published field is there. */
export type PipelineElement = Required<Static<typeof PipelineElement>>
