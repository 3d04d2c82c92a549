import { type OperationShape, parametersOf } from '../contract/index.js'
import type { ErrorResponse } from '../http/error.js'
import type { Sandbox } from '../state/sandbox.js'
import { envelope, invalid } from './errors.js'
import { missing, stringType, validationError } from './fastapi/error-types.js'

/** A kind of record that paths identify by a parameter. */
interface Resource {
  readonly kind: string
  /** Message of the error for an unknown id. */
  readonly notFound: string
  /** Returns the id of the record's pipeline, for the journal and for faults. */
  readonly pipelineOf: (sandbox: Sandbox, id: string) => string | undefined
}

const RESOURCES: Readonly<Record<string, Resource>> = {
  pipeline_id: { kind: 'pipeline', notFound: 'Pipeline not found', pipelineOf: (_, id) => id },
  element_id: {
    kind: 'element',
    notFound: 'Pipeline element not found',
    pipelineOf: (sandbox, id) => sandbox.element(id)?.pipeline_id,
  },
}

/** The status for unknown ids: the contract declares no error except 422, but the live service sends 404. */
export type UnknownStatus = 422 | 404

/** Returns the id of the pipeline that the path of a request refers to, or null. The pipeline may not exist. */
export function pipelineIn(params: Readonly<Record<string, string>>, sandbox: Sandbox): string | null {
  for (const parameter in params) return RESOURCES[parameter]?.pipelineOf(sandbox, params[parameter] as string) ?? null
  return null
}

/** Returns the response for an unknown id. The 404 is documented in general, and its body seen; the 422 is ours. */
export function unknownRecord(params: object, status: UnknownStatus): ErrorResponse {
  const [[parameter, id]] = Object.entries(params) as [[string, string]]
  const { kind, notFound: msg } = RESOURCES[parameter] as Resource
  if (status === 422) return invalid([validationError(['path', parameter], id, { type: `${kind}_not_found`, msg })])
  return envelope(status, 'NOT_FOUND', msg, `There is no ${kind} with the id ${id}`)
}

/**
 * Returns an example of the 422 that the contract declares for an operation, in pydantic's words: the first path
 * parameter is not a string or, without path parameters, the first required query parameter or the body is missing.
 */
export function documented422({ endpoint, query }: OperationShape): ErrorResponse {
  const [parameter] = parametersOf(endpoint)
  if (parameter) return invalid([validationError(['path', parameter], null, stringType)])
  const [required] = query?.required ?? []
  return invalid([validationError(required ? ['query', required] : ['body'], null, missing)])
}
