import { type Static, Type } from '@sinclair/typebox'
import { Model, Nullable, Reference, StringEnum } from './schema.js'

/** A pipeline in one of the last three has ended. */
export const PipelineStatus = StringEnum(['pending', 'running', 'completed', 'failed', 'canceled'], {
  $id: 'PipelineStatus',
  title: 'PipelineStatus',
})
export type PipelineStatus = Static<typeof PipelineStatus>

/** Why a job failed, for programs; the text for people is `error`. */
export const JobErrorCode = StringEnum(
  ['CONFIGURATION_ERROR', 'MODEL_ERROR', 'SOLVER_ERROR', 'EXECUTION_TIMEOUT', 'SUBMISSION_FAILED', 'INTERNAL_ERROR'],
  { $id: 'JobErrorCode', title: 'JobErrorCode', description: 'Machine-readable error codes for jobs.' },
)
export type JobErrorCode = Static<typeof JobErrorCode>

export const PipelineOptions = Model(
  'PipelineOptions',
  {
    live_progress_updates: Type.Optional(
      Type.Union([Type.Boolean(), Type.Null()], {
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
 * The published record of a pipeline, without its elements. "Optional" means that a field has a default:
 * the service writes all 13, nulls included, in this order.
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
/** A pipeline as the service writes it: every published field is there. */
export type Pipeline = Required<Static<typeof Pipeline>>
