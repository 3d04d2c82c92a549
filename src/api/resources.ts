import { type OperationShape, parametersOf } from '../contract/index.js'
import type { ErrorResponse } from '../http/error.js'
import type { Sandbox } from '../state/sandbox.js'
import { envelope, invalid } from './errors.js'
import { greaterThanEqual, missing, stringType, validationError } from './fastapi/error-types.js'

/** A type of record with an id that paths can contain. */
interface Resource {
  readonly kind: string
  /** Error message for an unknown id. */
  readonly notFound: string
  /**
   * Returns the id of the pipeline that a request with this id is about: the id itself, or the id of the pipeline
   * with the element or the job. Returns undefined if the element or the job does not exist.
   */
  readonly pipelineOf: (sandbox: Sandbox, id: string) => string | undefined
  /** Status of the response to an unknown id. Default: the value of the option `unknownPipeline`. */
  readonly unknown?: 404
}

const RESOURCES: Readonly<Record<string, Resource>> = {
  pipeline_id: { kind: 'pipeline', notFound: 'Pipeline not found', pipelineOf: (_, id) => id },
  element_id: {
    kind: 'element',
    notFound: 'Pipeline element not found',
    pipelineOf: (sandbox, id) => sandbox.element(id)?.pipeline_id,
  },
  job_id: {
    kind: 'job',
    notFound: 'Job not found',
    pipelineOf: (sandbox, id) => sandbox.job(id)?.state.pipeline.id,
    // The client expects a 404 (seen in the official client). No contract of these operations is given.
    unknown: 404,
  },
  project_id: { kind: 'project', notFound: 'Project not found', pipelineOf: () => undefined, unknown: 404 },
}

/**
 * Status of the response to an unknown id. 422 is the only error status in the contract, but the real service sends
 * 404.
 */
export type UnknownStatus = 422 | 404

/**
 * Returns the id of the pipeline in the path of a request, or of the pipeline with the element or the job in the path.
 * Returns null for an unknown element, an unknown job, or a path without an id. A pipeline id in the path is returned
 * even if the pipeline does not exist.
 */
export function pipelineIn(params: Readonly<Record<string, string>>, sandbox: Sandbox): string | null {
  for (const parameter in params) return RESOURCES[parameter]?.pipelineOf(sandbox, params[parameter] as string) ?? null
  return null
}

/** Returns the status of the response to an unknown value of a path parameter. */
export const unknownStatus = (parameter: string, option: UnknownStatus): UnknownStatus =>
  RESOURCES[parameter]?.unknown ?? option

/**
 * Returns the response to a request with an unknown id. `option` is the value of the option `unknownPipeline`. A 404
 * for unknown records is documented, and the body of the 404 is seen in the official client. The body of the 422 is
 * assumed.
 */
export function unknownRecord(params: object, option: UnknownStatus): ErrorResponse {
  const [[parameter, id]] = Object.entries(params) as [[string, string]]
  const { kind, notFound: msg } = RESOURCES[parameter] as Resource
  const status = unknownStatus(parameter, option)
  if (status === 422) return invalid([validationError(['path', parameter], id, { type: `${kind}_not_found`, msg })])
  return envelope(status, 'NOT_FOUND', msg, `There is no ${kind} with the id ${id}`)
}

/**
 * Returns an example of the 422 that the contract declares for an operation, in pydantic's words. If the path has
 * parameters, the error says that the first parameter is not a string. Otherwise, the error says that the first
 * required query parameter is missing, or that the body is missing, or else that the limit of a list is too small.
 */
export function documented422({ endpoint, query, body }: OperationShape): ErrorResponse {
  const [parameter] = parametersOf(endpoint)
  if (parameter) return invalid([validationError(['path', parameter], null, stringType)])
  const [required] = query?.required ?? []
  if (!required && !body) return invalid([validationError(['query', 'limit'], '0', greaterThanEqual(1))])
  return invalid([validationError(required ? ['query', required] : ['body'], null, missing)])
}
