import { type Static, type TSchema, Type } from '@sinclair/typebox'
import * as job from './job.js'
import * as pipeline from './pipeline.js'
import * as project from './project.js'
import * as requests from './pipeline-requests.js'
import { ErrorDetail, ErrorEnvelope } from './errors.js'
import type { OperationShape } from './operation-shape.js'
import { OpenObject, Reference } from './schema.js'
import { HTTPValidationError, ValidationError } from './validation-error.js'

/**
 * All operations of the mocked API, by name. The name is the name of the Python function in the real service: FastAPI
 * puts this name first in the operationId. If several paths match a request, the first operation is used, as in
 * FastAPI. The order of the operations therefore matters: `GET /pipelines/elements/elements` returns the element with
 * the id `elements`, not the elements of the pipeline with the id `elements`. The comment on each operation says how
 * we know the operation.
 */
export const OPERATIONS = {
  /** Seen in the official client. The response is assumed. */
  healthz: {
    endpoint: 'GET /healthz',
    summary: 'Health check',
    tag: 'Health',
    response: Type.Object({ status: Type.String({ title: 'Status' }) }),
    open: true,
  },
  /** Seen in the official client. Returns one page of the pipelines of a project. */
  list_pipelines: {
    endpoint: 'GET /pipelines',
    summary: 'List pipelines',
    query: requests.PipelineQuery,
    response: Reference(requests.PipelineList),
  },
  /** Documented. */
  create_pipeline: {
    endpoint: 'POST /pipelines',
    summary: 'Create a new pipeline',
    status: 201,
    body: Reference(requests.PipelineConfig),
    response: Reference(pipeline.PipelineDetail),
  },
  /** Documented. */
  get_pipeline_element: {
    endpoint: 'GET /pipelines/elements/{element_id}',
    summary: 'Get Pipeline Element',
    response: Reference(pipeline.PipelineElement),
  },
  /** Documented. */
  get_pipeline: {
    endpoint: 'GET /pipelines/{pipeline_id}',
    summary: 'Get pipeline metadata',
    response: Reference(pipeline.Pipeline),
  },
  /** Seen in the official client. */
  update_pipeline: {
    endpoint: 'PATCH /pipelines/{pipeline_id}',
    summary: 'Update pipeline name/description',
    body: Reference(requests.PipelineUpdate),
    response: Reference(pipeline.Pipeline),
  },
  /** Seen in the official client. Deletes the elements of the pipeline, too. The status 204 is assumed. */
  delete_pipeline: {
    endpoint: 'DELETE /pipelines/{pipeline_id}',
    summary: 'Delete a pipeline',
    status: 204,
  },
  /** Documented, including that the response is an array. The order of the array is assumed. */
  get_pipeline_elements: {
    endpoint: 'GET /pipelines/{pipeline_id}/elements',
    summary: 'Get Pipeline Elements',
    response: Type.Array(Reference(pipeline.PipelineElement)),
  },
  /** Documented. The operation declares no request body, so the body of a request is ignored. */
  cancel_pipeline: {
    endpoint: 'POST /pipelines/{pipeline_id}/cancel',
    summary: 'Cancel a pipeline',
    description: 'Cancel a running pipeline and all its non-terminal elements.',
    response: Reference(pipeline.Pipeline),
  },
  /** Seen in the official client. Before the pipeline ends, the response has the results so far. This is assumed. */
  get_pipeline_result: {
    endpoint: 'GET /pipelines/{pipeline_id}/result',
    summary: 'Get pipeline result',
    response: Reference(requests.PipelineResult),
  },
  /** Seen in the official client, which calls this operation for data fits and for validations. */
  get_datafit_plot_data: {
    endpoint: 'GET /pipelines/datafits/{job_id}/plot_data',
    summary: 'Get data fit plot data',
    query: job.PlotQuery,
    response: Reference(job.PlotData),
  },
  /** Documented. */
  get_validation_plot_data: {
    endpoint: 'GET /pipelines/validations/{job_id}/plot_data',
    summary: 'Get validation plot data',
    query: job.PlotQuery,
    response: Reference(job.PlotData),
  },
  /** Seen in the official client. The service used to create jobs. The body of the 410 is assumed. */
  create_job: {
    endpoint: 'POST /jobs',
    summary: 'Create a job',
    tag: 'Job',
    deprecated: true,
    status: 410,
    response: Reference(ErrorEnvelope),
  },
  /** Documented. */
  get_job: {
    endpoint: 'GET /jobs/{job_id}',
    summary: 'Get a job',
    tag: 'Job',
    response: Reference(job.Job),
  },
  /** Documented. The effect on the element and its pipeline is assumed. The body of a request is ignored. */
  cancel_job: {
    endpoint: 'POST /jobs/{job_id}/cancel',
    summary: 'Cancel a job',
    tag: 'Job',
    response: Reference(job.Job),
  },
  /** Seen in the official client. */
  get_job_metadata: {
    endpoint: 'GET /jobs/{job_id}/metadata',
    summary: 'Get the metadata of a job',
    tag: 'Job',
    response: OpenObject({ additionalProperties: true }),
  },
  /** Seen in the official client. The errors for unknown objectives, sources and columns are assumed. */
  get_job_series: {
    endpoint: 'GET /jobs/{job_id}/series',
    summary: 'Get a series of a job',
    tag: 'Job',
    query: job.SeriesQuery,
    response: job.Series,
  },
  /** Seen in the official client. */
  get_job_series_channels: {
    endpoint: 'GET /jobs/{job_id}/series/channels',
    summary: 'List the channels of the series of a job',
    tag: 'Job',
    response: job.SeriesChannels,
  },
  /** Seen in the official client. */
  get_current_user: {
    endpoint: 'GET /users/me',
    summary: 'Get the user of the API key',
    tag: 'User',
    response: Reference(project.UserProfile),
  },
  /** Documented, including that the response is an array. The parameters are seen in the official client. */
  list_projects: {
    endpoint: 'GET /projects',
    summary: 'List projects',
    tag: 'Project',
    query: project.ProjectQuery,
    response: Type.Array(Reference(project.Project)),
  },
  /** Documented. */
  get_project: {
    endpoint: 'GET /projects/{project_id}',
    summary: 'Get a project',
    tag: 'Project',
    response: Reference(project.Project),
  },
} as const satisfies Record<string, OperationShape>

/**
 * The models that operations refer to. Pipeline, PipelineDetail and PipelineConfig are absent, because they depend on
 * `--strict`.
 */
export const MODELS: readonly TSchema[] = [
  requests.PipelineUpdate,
  requests.PipelineResult,
  pipeline.PipelineOptions,
  pipeline.PipelineStatus,
  pipeline.PipelineElement,
  pipeline.ElementStatus,
  pipeline.ElementType,
  pipeline.JobErrorCode,
  job.Job,
  job.JobStatus,
  job.JobType,
  job.PlotData,
  job.PlotTrace,
  project.Organization,
  project.Project,
  project.UserProfile,
  HTTPValidationError,
  ValidationError,
  ErrorDetail,
  ErrorEnvelope,
  requests.PipelineList,
]

export type OperationName = keyof typeof OPERATIONS
export const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[]

type PathParameters<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Record<Name, string> & PathParameters<Rest>
  : object

type Part<O, K extends string> = O extends Record<K, infer S extends TSchema> ? Static<S> : undefined

/** The validated input of an operation. */
export interface OperationInput<N extends OperationName> {
  readonly params: PathParameters<(typeof OPERATIONS)[N]['endpoint']>
  readonly query: Part<(typeof OPERATIONS)[N], 'query'>
  readonly body: Part<(typeof OPERATIONS)[N], 'body'>
}
