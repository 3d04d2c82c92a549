import { type Static, Type } from '@sinclair/typebox'
import { type ElementStatus, type ElementType, JobErrorCode } from './pipeline.js'
import { Dictionary, Enum, Model, Nullable, OpenObject, Parameters, Reference, StringEnum } from './schema.js'

/** Status of a job (documented). `completed`, `failed` and `canceled` are final. */
export const JobStatus = Enum('JobStatus', ['pending', 'processing', 'waiting', 'completed', 'failed', 'canceled'])
export type JobStatus = Static<typeof JobStatus>

/** Type of a job (documented). Elements of pipelines have only jobs of the types in `JOB_TYPES`. */
export const JobType = Enum('JobType', [
  ...['dummy', 'datafit', 'validation', 'simulate', 'evaluate_variables', 'optimize', 'ecm_fit', 'simple_pipeline'],
] as const)
export type JobType = Static<typeof JobType>

/**
 * The types of elements that run as jobs, each with the type of the job. It is assumed that the other elements run
 * without a job, because no type of job has their name.
 */
export const JOB_TYPES: Partial<Record<ElementType, JobType>> = { 'Data Fit': 'datafit', Validation: 'validation' }

/**
 * The statuses that the job of an element may have, by the status of the element (documented; assumed: the job of a
 * skipped element). The job of an element has the first of these statuses unless a fixture sets another one.
 */
export const JOB_STATUSES: Record<ElementStatus, readonly JobStatus[]> = {
  pending: ['pending', 'waiting'],
  running: ['processing', 'waiting'],
  completed: ['completed'],
  failed: ['failed'],
  skipped: ['canceled'],
  canceled: ['canceled'],
}

/** A job, which runs an element of a pipeline (documented). The service always writes all fields, in this order. */
export const Job = Model('Job', {
  job_id: Type.String(),
  job_type: Reference(JobType),
  status: Reference(JobStatus),
  priority: Type.Integer(),
  created_at: Type.String({ format: 'date-time' }),
  updated_at: Type.String({ format: 'date-time' }),
  user_id: Type.String(),
  organization_id: Type.String(),
  started_at: Type.Optional(Nullable(Type.String({ format: 'date-time' }))),
  completed_at: Type.Optional(Nullable(Type.String({ format: 'date-time' }))),
  compute_time: Type.Optional(Nullable(Type.Number())),
  error: Type.Optional(Nullable(Type.String())),
  error_code: Type.Optional(Nullable(Reference(JobErrorCode))),
  result: Type.Optional(Nullable(OpenObject({ additionalProperties: true }))),
  callback_url: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 2083 }))),
  parent_job_id: Type.Optional(Nullable(Type.String())),
  project_id: Type.Optional(Nullable(Type.String())),
  access_level: Type.Optional(StringEnum(['project', 'organization'])),
  params_path: Type.Optional(Nullable(Type.String())),
  metadata_path: Type.Optional(Nullable(Type.String())),
  is_terminal: Type.Boolean({ readOnly: true }),
  is_failed: Type.Boolean({ readOnly: true }),
})
/** A job as the service writes it, with every published field. */
export type Job = Required<Static<typeof Job>>

/** The two solutions of which a job records series: with the fitted parameters, and with the initial ones. */
const SeriesSource = StringEnum(['optimal', 'baseline'])
export type SeriesSource = Static<typeof SeriesSource>

const Bound = Type.Optional(Nullable(Type.Number()))

/** Query parameters for the series of an objective (seen in the official client). */
export const SeriesQuery = Parameters({
  objective: Type.String(),
  source: StringEnum(SeriesSource.enum, { default: 'optimal' }),
  columns: Type.Optional(Nullable(Type.String())),
  x_column: Type.Optional(Nullable(Type.String())),
  max_points: Type.Optional(Nullable(Type.Integer({ minimum: 1 }))),
  x_min: Bound,
  x_max: Bound,
})
export type SeriesQuery = Static<typeof SeriesQuery>

/** Query parameters for a plot (documented). The maximum of `max_points` is seen in the official client. */
export const PlotQuery = Parameters({
  objective_name: Type.String(),
  plot_index: Type.Integer({ default: 0, minimum: 0 }),
  max_points: Type.Integer({ default: 2000, minimum: 100, maximum: 80_000 }),
  x_min: Bound,
  x_max: Bound,
})
export type PlotQuery = Static<typeof PlotQuery>

/** The values of a channel. A value that the job did not record is null. */
export const Values = Type.Array(Nullable(Type.Number()))

export const PlotTrace = Model('PlotTrace', { name: Type.String(), x: Values, y: Values })

/** The traces of a plot, and the range of their x values (documented). */
export const PlotData = Model('PlotData', {
  traces: Type.Array(Reference(PlotTrace)),
  layout: OpenObject({ additionalProperties: true }),
  x_full_min: Type.Optional(Nullable(Type.Number())),
  x_full_max: Type.Optional(Nullable(Type.Number())),
})
export type PlotData = Required<Static<typeof PlotData>>

/** The values of each channel (seen in the official client). All arrays have the same length. */
export const Series = Dictionary(Values)

/** The names of the channels of each series, by objective and source (seen in the official client). */
export const SeriesChannels = Dictionary(Dictionary(Type.Array(Type.String())))
