import { STATUS_CODES } from 'node:http'
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox'
import { type TSchema, Type } from '@sinclair/typebox'
import Fastify from 'fastify'
import * as contract from '../contract/index.js'
import { Parameters as PathParameters, Reference } from '../contract/schema.js'
import { NO_COMPILERS } from '../http/compilers.js'
import { routeOf } from '../http/target.js'
import { pipelineModels } from './records.js'
import { type UnknownStatus, unknownStatus } from './resources.js'

/** A Fastify instance that derives the types of its routes from TypeBox schemas. */
export type Api = Parameters<FastifyPluginCallbackTypebox>[0]

/** The options that change the responses of the mocked API, and therefore its OpenAPI document. */
export interface ResponseOptions {
  readonly strict: boolean
  readonly unknownPipeline: UnknownStatus
  readonly requireKey: boolean
}

/** The ways to send an API key, named as FastAPI names them (measured). */
const SECURITY_SCHEMES = {
  APIKeyHeader: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
  HTTPBearer: { type: 'http', scheme: 'bearer' },
} as const

/**
 * Returns the options of @fastify/swagger. The values under `openapi` are the same as in the document of the real
 * service. Only `servers` is different: the URL `/` makes tools send requests to the mock. `requireKey` adds the
 * security schemes.
 */
const headOf = ({ requireKey }: ResponseOptions): FastifyDynamicSwaggerOptions => ({
  openapi: {
    openapi: '3.1.0',
    info: { title: 'FastAPI', version: '0.1.0' },
    servers: [{ url: '/' }],
    security: requireKey ? Object.keys(SECURITY_SCHEMES).map((name) => ({ [name]: [] })) : [],
    ...(requireKey && { components: { securitySchemes: SECURITY_SCHEMES } }),
  },
  refResolver: { buildLocalReference: ({ $id }) => $id as string },
})

/** Returns the schemas that the OpenAPI document lists as components. */
const componentsOf = ({ strict }: ResponseOptions): TSchema[] => [
  ...pipelineModels(strict),
  strict ? contract.PipelineConfig : contract.TypedPipelineConfig,
  ...contract.MODELS,
]

const NEVER_CALLED = Function.prototype as () => void

/**
 * Generates the OpenAPI document. Uses a separate Fastify instance, so that the mock can start without loading
 * @fastify/swagger.
 */
export async function openApiDocument(options: ResponseOptions): Promise<object> {
  const { default: swagger } = await import('@fastify/swagger')
  const app: Api = Fastify({ exposeHeadRoutes: false, schemaController: { compilersFactory: NO_COMPILERS } })
  await app.register(swagger, headOf(options))
  for (const schema of componentsOf(options)) app.addSchema(schema)
  for (const name of contract.OPERATION_NAMES) {
    const [method, path] = contract.splitEndpoint(contract.OPERATIONS[name].endpoint)
    app.route({ method, url: routeOf(path), schema: describe(name, options), handler: NEVER_CALLED })
  }
  await app.ready()
  return app.swagger()
}

/**
 * Describes an operation in the form that FastAPI generates. The `operationId` consists of the name of the operation,
 * the path and the method. Every operation with parameters or a body declares a 422.
 */
function describe(name: contract.OperationName, options: ResponseOptions) {
  const shape: contract.OperationShape = contract.OPERATIONS[name]
  const { endpoint, tag = 'Pipeline', status = 200, response } = shape
  const [method, path] = contract.splitEndpoint(endpoint)
  const title = status < 400 ? 'Successful Response' : STATUS_CODES[status]
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
    ...(shape.deprecated && { deprecated: true }),
    operationId: `${name}${path.replace(/\W/g, '_')}_${method.toLowerCase()}`,
    ...(shape.open && options.requireKey && { security: [] }),
    ...input,
    response: {
      [status]: response ? json(title, response) : { type: 'null', description: title },
      ...(contract.hasInput(shape) && { 422: json('Validation Error', Reference(contract.HTTPValidationError)) }),
      ...(!(options.strict && name === PUBLISHED) && undocumentedErrors(shape, options)),
    },
  }
}

/** The operation with a published description. With `strict`, the document contains exactly this description. */
const PUBLISHED: contract.OperationName = 'cancel_pipeline'

/**
 * Describes the error responses that the mock sends, but that the published document of the real service does not
 * declare.
 */
function undocumentedErrors({ endpoint, body, open }: contract.OperationShape, options: ResponseOptions) {
  const [parameter] = contract.parametersOf(endpoint)
  const isNotFound = parameter !== undefined && unknownStatus(parameter, options.unknownPipeline) === 404
  return {
    ...(body && { 400: json('Bad Request', Reference(contract.ErrorDetail)) }),
    ...(body && { 413: json('Content Too Large', Reference(contract.ErrorDetail)) }),
    ...(options.requireKey && !open && { 401: json('Unauthorized', Reference(contract.ErrorEnvelope)) }),
    ...(isNotFound && { 404: json('Not Found', Reference(contract.ErrorEnvelope)) }),
  }
}

const json = (description: string | undefined, schema: TSchema) => ({
  description,
  content: { 'application/json': { schema } },
})
