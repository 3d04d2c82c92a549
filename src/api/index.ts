import type { IncomingMessage } from 'node:http'
import swagger from '@fastify/swagger'
import type { TSchema } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Sandbox } from '../state/sandbox.js'
import { type Body, readBody } from './body.js'
import { bodyReader } from './body-reader.js'
import { cancelPipeline } from './cancel-pipeline.js'
import { createPipeline } from './create-pipeline.js'
import { deletePipeline } from './delete-pipeline.js'
import { components, document } from './document.js'
import { failure, invalid, Refused, refuse, type UnknownAnswer, unauthorized } from './errors.js'
import { getPipeline } from './get-pipeline.js'
import { getPipelineElement } from './get-pipeline-element.js'
import { getPipelineElements } from './get-pipeline-elements.js'
import { getPipelineResult } from './get-pipeline-result.js'
import { healthz } from './healthz.js'
import { listPipelines } from './list-pipelines.js'
import type { Api, ApiContext } from './operation.js'
import { forcedFault } from './prefer.js'
import { queryReader } from './query.js'
import { Routes } from './routes.js'
import { servedPipeline } from './served-pipeline.js'
import { unrouted } from './unrouted.js'
import { updatePipeline } from './update-pipeline.js'

export interface ApiOptions {
  /** The world that a request sees. */
  readonly sandboxOf: (request: FastifyRequest) => Sandbox
  readonly strict: boolean
  readonly unknownPipeline: UnknownAnswer
  readonly requireKey: boolean
}

/** The mocked API: how it speaks, its document, and its operations. */
export async function api(app: Api, { sandboxOf, strict, unknownPipeline, requireKey }: ApiOptions) {
  const served = servedPipeline(strict)
  const routes = new Routes()
  app.addHook('onRoute', ({ method, url }) => routes.add(String(method), url))

  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', parseBody)
  app.addHook('onRequest', (request, reply, done) => {
    speakPlainJson(reply)
    if (request.is404) unrouted(routes, request, reply)
    else done()
  })
  // The hook above has answered before this would be called; without it Fastify would use its own.
  app.setNotFoundHandler(() => undefined)
  app.setErrorHandler((error, request, reply) => {
    speakPlainJson(reply)
    if (error instanceof Refused) return refuse(reply, error.refusal)
    request.log.error({ err: error }, 'the mock failed: this is a defect of it, please report it')
    return refuse(reply, failure)
  })

  await app.register(swagger, document)
  const models = new Map(components(served).map((schema) => [String(schema.$id), schema]))
  for (const schema of models.values()) app.addSchema(schema)

  healthz(app)
  app.get('/openapi.json', { schema: { hide: true } }, (_request, reply) => reply.send(app.swagger()))
  await app.register(async (operations: Api) => {
    operations.setValidatorCompiler(({ schema, httpPart }) => {
      if (httpPart === 'querystring') return queryReader(schema as Parameters<typeof queryReader>[0])
      return httpPart === 'body' ? bodyReader(schema as TSchema, models) : () => true
    })
    operations.addHook('onRequest', (request, reply, done) => {
      const fault = forcedFault(request)
      if (requireKey && !hasKey(request)) refuse(reply, unauthorized)
      else if (fault) refuse(reply, invalid([fault]))
      else done()
    })
    declare(operations, { sandboxOf, served, unknownPipeline })
  })
}

/** In this order the real service matches paths: `/pipelines/elements/elements` is an element, not a list of them. */
function declare(app: Api, context: ApiContext) {
  listPipelines(app, context)
  createPipeline(app, context)
  getPipelineElement(app, context)
  getPipeline(app, context)
  updatePipeline(app, context)
  deletePipeline(app, context)
  getPipelineElements(app, context)
  cancelPipeline(app, context)
  getPipelineResult(app, context)
}

/** Fastify adds a charset to every JSON type that it serializes itself, and the official client breaks on one (seen). */
function speakPlainJson(reply: FastifyReply) {
  reply.header('content-type', 'application/json').serializer(JSON.stringify)
}

/** What an operation does not declare is not read, so nothing about it can be wrong: no syntax and no size (measured). */
function parseBody(
  request: FastifyRequest,
  payload: IncomingMessage,
  done: (error: Error | null, body?: Body) => void,
) {
  if (!request.routeOptions.schema?.body) return done(null)
  readBody(request, payload).then((body) => done(null, body), done)
}

/** Any key will do: the mock does not know which the real service would take. */
const hasKey = ({ headers }: FastifyRequest) =>
  Boolean(headers['x-api-key']) || /^Bearer +\S/i.test(headers.authorization ?? '')
