import type { IncomingMessage } from 'node:http'
import type { TSchema } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import type { Sandbox } from '../state/sandbox.js'
import { isSandboxName } from '../state/sandboxes.js'
import { type Body, readBody } from '../http/body.js'
import { HttpError } from '../http/error.js'
import { bodyReader } from './fastapi/body.js'
import { components, openApiDocument } from './openapi.js'
import { badSandbox, failure, invalid, sendError, type UnknownAnswer, unauthorized } from './errors.js'
import { healthz } from './operations/healthz.js'
import { injureAnswer, injureRequest } from './faults.js'
import type { Api } from './operation.js'
import { declareOperations } from './operations/index.js'
import { originForm } from '../http/target.js'
import { speakPlainJson } from '../http/plain-json.js'
import { forcedFault } from './prefer.js'
import { queryReader } from './fastapi/query.js'
import { Routes } from './fastapi/routes.js'
import { servedPipeline } from './records.js'
import { unrouted } from './fastapi/not-found.js'
import { Visit } from './request.js'

export interface ApiOptions {
  /** Which sandbox a request is about, by its name; it may be none that can be. */
  readonly sandboxNameOf: (request: FastifyRequest) => string
  readonly sandboxOf: (name: string) => Sandbox
  /** The part of a request's path that names its sandbox. */
  readonly sandboxPrefixOf: (request: IncomingMessage) => string
  readonly strict: boolean
  readonly unknownPipeline: UnknownAnswer
  readonly requireKey: boolean
}

/** The mocked API: how it speaks, its document, and its operations. */
export async function api(app: Api, options: ApiOptions) {
  const { strict, unknownPipeline, requireKey, sandboxPrefixOf } = options
  const served = servedPipeline(strict)
  const context = { served, unknownPipeline }
  const routes = new Routes()
  app.addHook('onRoute', ({ method, url }) => routes.add(String(method), url))

  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', parseBody)
  app.decorateRequest('visit')
  app.addHook('onRequest', (request, reply, done) => {
    const visit = begin(request, options)
    request.visit = visit
    const { raw } = reply
    // Told once, though not by `once`, which costs twice as much.
    raw.on('close', () => visit.end(raw.writableFinished ? raw.statusCode : null))
    const fault = visit.meetFault()
    if (!readsBody(request) || fault?.plan.respond) visit.noteUnreadBody(request.raw)
    if (request.is404) unrouted(routes, request, reply, sandboxPrefixOf(request.raw))
    else if (fault) {
      injureAnswer(reply, fault)
      injureRequest(request, reply, fault).then(() => reply.sent || done(), done)
    } else done()
  })
  // The hook above has answered before this would be called; without it Fastify would use its own.
  app.setNotFoundHandler(() => undefined)
  app.setErrorHandler((error, request, reply) => {
    speakPlainJson(reply)
    if (error instanceof HttpError) return sendError(reply, error.response)
    request.log.error({ err: error }, 'the mock failed: this is a defect of it, please report it')
    return sendError(reply, failure)
  })

  const models = new Map(components(served).map((schema) => [String(schema.$id), schema]))
  let document: Promise<object> | undefined

  healthz(app)
  app.get('/openapi.json', () => (document ??= openApiDocument(context)))
  await app.register(async (operations: Api) => {
    operations.setValidatorCompiler(({ schema, httpPart }) => {
      if (httpPart === 'querystring') return queryReader(schema as Parameters<typeof queryReader>[0])
      return httpPart === 'body' ? bodyReader(schema as TSchema, models) : () => true
    })
    operations.addHook('onRequest', (request, reply, done) => {
      const fault = forcedFault(request)
      if (requireKey && !hasKey(request)) sendError(reply, unauthorized)
      else if (fault) sendError(reply, invalid([fault]))
      else done()
    })
    declareOperations(operations, context)
  })
}

/** What an operation does not declare is not read, so nothing about it can be wrong: no syntax and no size (measured). */
function parseBody(
  request: FastifyRequest,
  payload: IncomingMessage,
  done: (error: Error | null, body?: Body) => void,
) {
  const { visit } = request
  if (!readsBody(request)) return done(null)
  readBody(request, payload).then((body) => {
    visit.noteBody(Buffer.from(body.text))
    done(null, body)
  }, done)
}

const readsBody = ({ routeOptions }: FastifyRequest) => routeOptions.schema?.body !== undefined

/** Puts a request into the journal of its sandbox. */
function begin(request: FastifyRequest, { sandboxNameOf, sandboxOf, sandboxPrefixOf }: ApiOptions): Visit {
  const name = sandboxNameOf(request)
  if (!isSandboxName(name)) throw new HttpError(badSandbox(name))
  const target = request.originalUrl.replace(sandboxPrefixOf(request.raw), '')
  return new Visit(sandboxOf(name), request, originForm(target))
}

/** Any key will do: the mock does not know which the real service would take. */
const hasKey = ({ headers }: FastifyRequest) =>
  Boolean(headers['x-api-key']) || /^Bearer +\S/i.test(headers.authorization ?? '')
