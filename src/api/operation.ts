import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import type { TSchema } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import { HTTPValidationError } from '../contract/index.js'
import { Reference } from '../contract/schema.js'
import type { Sandbox } from '../state/sandbox.js'
import type { UnknownAnswer } from './errors.js'
import type { servedPipeline } from './served-pipeline.js'

/** The part of the server that operations are declared on. */
export type Api = Parameters<FastifyPluginCallbackTypebox>[0]

/** What operations share. */
export interface ApiContext {
  readonly sandboxOf: (request: FastifyRequest) => Sandbox
  readonly served: ReturnType<typeof servedPipeline>
  readonly unknownPipeline: UnknownAnswer
}

interface Operation {
  /** Of the Python function, as far as known: the first part of the operationId. */
  readonly name: string
  readonly method: 'GET' | 'POST'
  /** As Fastify has it: `/pipelines/:pipeline_id`. */
  readonly url: string
  readonly summary: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly answer: TSchema
}

interface Input {
  readonly params?: TSchema
  readonly querystring?: TSchema
}

/** The route of an operation, described as FastAPI does: its operationId, and a 422 for whatever has a parameter. */
export function operation<I extends Input>({ name, method, url, answer, ...described }: Operation, input: I) {
  const path = url.replace(/:(\w+)/g, '{$1}')
  const schema = {
    tags: ['Pipeline'],
    ...described,
    operationId: `${name}${path.replace(/\W/g, '_')}_${method.toLowerCase()}`,
    ...input,
    response: {
      200: json('Successful Response', answer),
      ...(Object.keys(input).length > 0 && { 422: json('Validation Error', Reference(HTTPValidationError)) }),
    },
  }
  return { method, url, schema }
}

const json = (description: string, schema: TSchema) => ({ description, content: { 'application/json': { schema } } })
