import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import { type TSchema, Type } from '@sinclair/typebox'
import Fastify from 'fastify'
import * as contract from '../contract/index.js'
import { Parameters as PathParameters, Reference } from '../contract/schema.js'
import { NO_COMPILERS } from '../http/compilers.js'
import { routeOf } from '../http/target.js'
import { pipelineModels } from './records.js'

/** A Fastify instance that derives the types of its routes from TypeBox schemas. */
export type Api = Parameters<FastifyPluginCallbackTypebox>[0]

/**
 * Options of @fastify/swagger. The values under `openapi` are the same as in the document of the real service, except
 * `servers`: the URL `/` makes tools send requests to the mock.
 */
const HEAD: FastifyDynamicSwaggerOptions = {
  openapi: { openapi: '3.1.0', info: { title: 'FastAPI', version: '0.1.0' }, servers: [{ url: '/' }], security: [] },
  refResolver: { buildLocalReference: ({ $id }) => $id as string },
}

/** Returns the schemas that the OpenAPI document lists as components. */
export const components = (strict: boolean): TSchema[] => [...pipelineModels(strict), ...contract.MODELS]

const NEVER_CALLED = Function.prototype as () => void

/**
 * Generates the OpenAPI document. Uses a separate Fastify instance, so that the mock can start without loading
 * @fastify/swagger.
 */
export async function openApiDocument(strict: boolean): Promise<object> {
  const { default: swagger } = await import('@fastify/swagger')
  const app: Api = Fastify({ exposeHeadRoutes: false, schemaController: { compilersFactory: NO_COMPILERS } })
  await app.register(swagger, HEAD)
  for (const schema of components(strict)) app.addSchema(schema)
  for (const name of contract.OPERATION_NAMES) {
    const [method, path] = contract.splitEndpoint(contract.OPERATIONS[name].endpoint)
    app.route({ method, url: routeOf(path), schema: describe(name), handler: NEVER_CALLED })
  }
  await app.ready()
  return app.swagger()
}

/**
 * Describes an operation in the form that FastAPI generates. The `operationId` consists of the name of the operation,
 * the path and the method. Every operation with parameters or a body declares a 422.
 */
function describe(name: contract.OperationName) {
  const shape: contract.OperationShape = contract.OPERATIONS[name]
  const { endpoint, tag = 'Pipeline', status = 200, response } = shape
  const [method, path] = contract.splitEndpoint(endpoint)
  const parameters = contract.parametersOf(path).map((parameter) => [parameter, Type.String()])
  const input = {
    ...(parameters.length > 0 && { params: PathParameters(Object.fromEntries(parameters)) }),
    ...(shape.query && { querystring: shape.query }),
    ...(shape.body && { body: shape.body }),
  }
  return {
    tags: [tag],
    summary: shape.summary,
    ...(shape.description !== undefined && { description: shape.description }),
    operationId: `${name}${path.replace(/\W/g, '_')}_${method.toLowerCase()}`,
    ...input,
    response: {
      [status]: response ? json('Successful Response', response) : { type: 'null', description: 'Successful Response' },
      ...(Object.keys(input).length > 0 && { 422: json('Validation Error', Reference(contract.HTTPValidationError)) }),
    },
  }
}

const json = (description: string, schema: TSchema) => ({ description, content: { 'application/json': { schema } } })
