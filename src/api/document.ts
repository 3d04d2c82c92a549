import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import type { TSchema } from '@sinclair/typebox'
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
import type { servedPipeline } from './served-pipeline.js'

/** The head of the served document: as the real one's, but its server is the mock, so that no tool leaves it. */
export const document: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: { title: 'FastAPI', version: '0.1.0' },
    servers: [{ url: '/' }],
    security: [],
  },
  refResolver: { buildLocalReference: (schema) => String(schema.$id) },
}

/** What the document's components hold, with pipelines as they are served. */
export const components = ({ schema, detail }: ReturnType<typeof servedPipeline>): TSchema[] => [
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
