import { type Static, Type } from '@sinclair/typebox'
import { Enum, Model, Nullable, OpenObject, Reference } from './schema.js'

/** Status of a pipeline. `completed`, `failed` and `canceled` are final. */
export const PipelineStatus = Enum('PipelineStatus', ['pending', 'running', 'completed', 'failed', 'canceled'])
export type PipelineStatus = Static<typeof PipelineStatus>

/**
 * Status of an element. `skipped`: the element did not run, because another element failed. All statuses except
 * `pending` and `running` are final.
 */
export const ElementStatus = Enum('ElementStatus', ['pending', 'running', 'completed', 'failed', 'skipped', 'canceled'])
export type ElementStatus = Static<typeof ElementStatus>

/**
 * Type of an element, as responses spell it. Requests that create pipelines use other spellings, such as `data_fit`.
 */
export const ElementType = Enum('ElementType', ['Direct Entry', 'Data Fit', 'Calculation', 'Validation'])
export type ElementType = Static<typeof ElementType>

/** Machine-readable reason why a job failed. The field `error` has the message for people. */
export const JobErrorCode = Enum(
  'JobErrorCode',
  ['CONFIGURATION_ERROR', 'MODEL_ERROR', 'SOLVER_ERROR', 'EXECUTION_TIMEOUT', 'SUBMISSION_FAILED', 'INTERNAL_ERROR'],
  { description: 'Machine-readable error codes for jobs.' },
)
export type JobErrorCode = Static<typeof JobErrorCode>

export const PipelineOptions = Model(
  'PipelineOptions',
  {
    live_progress_updates: Type.Optional(
      Nullable(Type.Boolean(), {
        description:
          'If True, save checkpoint progress to database during job execution. ' +
          'If None, the worker picks a default based on job type.',
      }),
    ),
  },
  { description: 'Options for pipeline execution behavior.' },
)
export type PipelineOptions = Static<typeof PipelineOptions>

/**
 * A pipeline without its elements, as in the published schema. A field is optional if it has a default in the
 * published schema. The service always writes all 13 fields, in this order, including fields that are null.
 */
export const Pipeline = Model(
  'Pipeline',
  {
    id: Type.String(),
    project_id: Type.String(),
    user_id: Type.Optional(Nullable(Type.String())),
    name: Type.String(),
    description: Type.Optional(Nullable(Type.String())),
    options: Type.Optional(Reference(PipelineOptions)),
    status: Reference(PipelineStatus),
    created_at: Type.String({ format: 'date-time' }),
    updated_at: Type.String({ format: 'date-time' }),
    error: Type.Optional(Nullable(Type.String())),
    error_code: Type.Optional(Nullable(Reference(JobErrorCode))),
    created_by_email: Type.Optional(Nullable(Type.String())),
    organization_id: Type.String({ description: 'Organization this pipeline belongs to.' }),
  },
  { description: 'Model for representing a pipeline in API list responses (without elements).' },
)
/** A pipeline as the service writes it, with every published field. */
export type Pipeline = Required<Static<typeof Pipeline>>

/**
 * An element of a pipeline. The keys, and the types and descriptions of their values, are documented, except
 * `progress`, which is seen in the official client. The order of the keys is assumed.
 */
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
    job_status: Type.Optional(Nullable(Type.String(), { description: 'Job status via job_id (from jobs.status).' })),
    progress: Type.Optional(Nullable(OpenObject({ additionalProperties: true }))),
  },
  { description: 'Model for representing a pipeline element in API responses.' },
)
type StaticElement = Static<typeof PipelineElement>
/** An element as the service writes it, with every documented field. */
export type PipelineElement = Required<Omit<StaticElement, 'progress'>> & Pick<StaticElement, 'progress'>

/** A pipeline together with its elements. */
export const PipelineDetail = Model(
  'PipelineDetail',
  { ...Pipeline.properties, elements: Type.Array(Reference(PipelineElement)) },
  { description: 'Model for representing a pipeline with its elements in detail responses.' },
)
