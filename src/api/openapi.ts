import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import type { TSchema } from '@sinclair/typebox'
import Fastify from 'fastify'
import {
  ElementStatus,
  ElementType,
  HTTPValidationError,
  JobErrorCode,
  PipelineConfig,
  PipelineElement,
  PipelineOptions,
  PipelineResult,
  PipelineStatus,
  PipelineUpdate,
  ValidationError,
} from '../contract/index.js'
import { NO_COMPILERS } from '../http/compilers.js'
import { healthz } from './operations/healthz.js'
import type { Api, ApiContext } from './operation.js'
import { declareOperations } from './operations/index.js'

/** The head of the served document: as the real one's, but its server is the mock, so that no tool leaves it. */
const HEAD: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: { title: 'FastAPI', version: '0.1.0' },
    servers: [{ url: '/' }],
    security: [],
  },
  refResolver: { buildLocalReference: (schema) => String(schema.$id) },
}

/** What the document's components hold, with pipelines as they are served. */
export const components = ({ schema, detail }: ApiContext['served']): TSchema[] => [
  schema,
  detail,
  PipelineConfig,
  PipelineUpdate,
  PipelineResult,
  PipelineOptions,
  PipelineStatus,
  PipelineElement,
  ElementStatus,
  ElementType,
  JobErrorCode,
  HTTPValidationError,
  ValidationError,
]

/** Reads the document off a server that is made for this alone: few ask for it, and no start waits for it. */
export async function openApiDocument(context: ApiContext): Promise<object> {
  const { default: swagger } = await import('@fastify/swagger')
  const app: Api = Fastify({ exposeHeadRoutes: false, schemaController: { compilersFactory: NO_COMPILERS } })
  await app.register(swagger, HEAD)
  for (const schema of components(context.served)) app.addSchema(schema)
  healthz(app)
  declareOperations(app, context)
  await app.ready()
  return app.swagger()
}
