import type { TObject, TSchema } from '@sinclair/typebox'

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
  /** Status of a response without an error. Default: 200. The status 410 means that the operation was removed. */
  readonly status?: 201 | 204 | 410
  readonly query?: TObject
  readonly body?: TSchema
  readonly deprecated?: true
  /** Schema of the body of a successful response. Absent if the status is 204. */
  readonly response?: TSchema
  /** Set if the operation never requires an API key. */
  readonly open?: true
}

/** Returns whether an operation declares input that can be invalid. Only such an operation declares a 422. */
export const hasInput = ({ endpoint, query, body }: OperationShape): boolean =>
  parametersOf(endpoint).length > 0 || Boolean(query ?? body)

/** Returns the names of the parameters in a path. */
export const parametersOf = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => String(name))
