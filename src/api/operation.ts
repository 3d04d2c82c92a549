import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import type { TSchema } from '@sinclair/typebox'
import { HTTPValidationError } from '../contract/index.js'
import type { OperationName } from '../contract/operations.js'
import { Reference } from '../contract/schema.js'
import type { UnknownAnswer } from './errors.js'
import type { servedPipeline } from './records.js'

/** The part of the server that operations are declared on. */
export type Api = Parameters<FastifyPluginCallbackTypebox>[0]

/** What operations share. */
export interface ApiContext {
  readonly served: ReturnType<typeof servedPipeline>
  readonly unknownPipeline: UnknownAnswer
}

interface Operation {
  /** Of the Python function, as far as known: the first part of the operationId. */
  readonly name: OperationName
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** As Fastify has it: `/pipelines/:pipeline_id`. */
  readonly url: string
  readonly summary: string
  readonly description?: string
  readonly tags?: readonly string[]
  /** Of a success; 200 if left out. A 204 has no answer. */
  readonly status?: 200 | 201 | 204
  readonly answer?: TSchema
}

interface Input {
  readonly params?: TSchema
  readonly querystring?: TSchema
  readonly body?: TSchema
}

/** The route of an operation, described as FastAPI does: its operationId, and a 422 for whatever has a parameter. */
export function operation<I extends Input>(declared: Operation, input: I) {
  const { name, method, url, status = 200, answer, ...described } = declared
  const path = url.replace(/:(\w+)/g, '{$1}')
  const schema = {
    tags: ['Pipeline'],
    ...described,
    operationId: `${name}${path.replace(/\W/g, '_')}_${method.toLowerCase()}`,
    ...input,
    response: {
      [status]: answer ? json('Successful Response', answer) : { type: 'null', description: 'Successful Response' },
      ...(Object.keys(input).length > 0 && { 422: json('Validation Error', Reference(HTTPValidationError)) }),
    },
  }
  return { method, url, schema, config: { operation: name } }
}

const json = (description: string, schema: TSchema) => ({ description, content: { 'application/json': { schema } } })
