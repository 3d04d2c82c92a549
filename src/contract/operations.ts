import { type Static, type TObject, type TSchema, Type } from '@sinclair/typebox'
import * as pipeline from './pipeline.js'
import * as requests from './pipeline-requests.js'
import { ErrorDetail } from './errors.js'
import { Reference } from './schema.js'
import { HTTPValidationError, ValidationError } from './validation-error.js'

/** A method and a path, such as `POST /pipelines/{pipeline_id}/cancel`. */
export type Endpoint = `${'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'} /${string}`

export const splitEndpoint = (endpoint: Endpoint) => endpoint.split(' ') as [method: string, path: string]

/** The OpenAPI description of an operation of the mocked API. `api/operations` implements the operation. */
export interface OperationShape {
  readonly endpoint: Endpoint
  readonly summary: string
  readonly description?: string
  /** Default: `Pipeline`. */
  readonly tag?: string
  /** Status of a successful response. Default: 200. */
  readonly status?: 201 | 204
  readonly query?: TObject
  readonly body?: TSchema
  /** Schema of the body of a successful response. Absent if the status is 204. */
  readonly response?: TSchema
  /** Set if the operation never requires an API key. */
  readonly open?: true
}

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
  HTTPValidationError,
  ValidationError,
  ErrorDetail,
  requests.PipelineList,
]

export type OperationName = keyof typeof OPERATIONS
export const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[]

/** Returns the names of the parameters in a path. */
export const parametersOf = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => String(name))

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
