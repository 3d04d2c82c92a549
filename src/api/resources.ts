import { type OperationShape, parametersOf } from '../contract/index.js'
import type { ErrorResponse } from '../http/error.js'
import type { Sandbox } from '../state/sandbox.js'
import { envelope, invalid } from './errors.js'
import { missing, noString, validationError } from './fastapi/error-types.js'

/** A kind of record, which operations name by a parameter of their path. */
interface Resource {
  readonly kind: string
  /** Message of the error for an unknown id. */
  readonly notFound: string
  /** The pipeline that a record belongs to, for the journal and for faults. */
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

/** The status for unknown ids: 422 is the only error that the contract declares, 404 is what the service sends. */
export type UnknownStatus = 422 | 404

/** The pipeline that the path of a request leads to, or null. */
export function pipelineIn(params: Readonly<Record<string, string>>, sandbox: Sandbox): string | null {
  for (const parameter in params) return RESOURCES[parameter]?.pipelineOf(sandbox, params[parameter] as string) ?? null
  return null
}

/** The record that a path names does not exist (as a 404: documented in general, its body seen; as a 422: ours). */
export function unknownRecord(params: object, status: UnknownStatus): ErrorResponse {
  const [[parameter, id]] = Object.entries(params) as [[string, string]]
  const { kind, notFound: msg } = RESOURCES[parameter] as Resource
  if (status === 422) return invalid([validationError(['path', parameter], id, { type: `${kind}_not_found`, msg })])
  return envelope(status, 'NOT_FOUND', msg, `There is no ${kind} with the id ${id}`)
}

/** The documented 422 of an operation: what pydantic says if its first parameter is missing or not a string. */
export function documented422({ endpoint, query }: OperationShape): ErrorResponse {
  const [parameter] = parametersOf(endpoint)
  if (parameter) return invalid([validationError(['path', parameter], null, noString)])
  const [required] = query?.required ?? []
  return invalid([validationError(required ? ['query', required] : ['body'], null, missing)])
}
