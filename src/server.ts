import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import { parseQuery } from './api/fastapi/query.js'
import { type ApiOptions, api } from './api/index.js'
import { type ControlOptions, control, isControl, respondToUnknown } from './control/index.js'
import { CONTROL_PREFIX } from './control/verbs/index.js'
import type { RequestRecord } from './api/request.js'
import { respondToBadRequest, respondToConnect } from './http/bad-request.js'
import { NO_COMPILERS } from './http/compilers.js'
import { latestResponse, sentStatus, trackResponse, whenOver } from './http/connections.js'
import { usePlainJson } from './http/plain-json.js'
import { redactUrls } from './http/redact.js'
import { selectionOf } from './http/sandbox-name.js'
import { rewriteTarget, targetOf } from './http/target.js'
import type { Sandboxes } from './state/sandboxes.js'

/**
 * Maximum size of the request line and the headers together, as in uvicorn. Also the maximum length of an id in a
 * path.
 */
const MAX_HEAD_BYTES = 64 * 1024

/** Time limit for receiving a whole request. */
const REQUEST_TIMEOUT_MS = 300_000

/** Methods for which Fastify reads bodies and rejects unknown content types by default. */
const METHODS_WITH_BODIES = ['POST', 'PUT', 'PATCH', 'DELETE']

export interface ServerOptions extends Omit<ApiOptions, 'memory' | 'sandboxOf'>, ControlOptions {
  /** If undefined, nothing is logged. */
  readonly logger: FastifyBaseLogger | undefined
}

/** Builds the server of the mocked API and the control API. The server does not listen yet. */
export async function buildServer({ logger, ...options }: ServerOptions): Promise<FastifyInstance> {
  const nextId = correlationIds()
  const app = Fastify({
    ...(logger && { loggerInstance: logger }),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'correlation_id' }),
    genReqId: nextId,
    schemaController: { compilersFactory: NO_COMPILERS },
    http: { maxHeaderSize: MAX_HEAD_BYTES, requireHostHeader: false },
    routerOptions: { maxParamLength: MAX_HEAD_BYTES, querystringParser: parseQuery },
    requestTimeout: REQUEST_TIMEOUT_MS,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    rewriteUrl: rewriteTarget,
    clientErrorHandler: (error, socket) =>
      respondToBadRequest(error, socket, { last: latestResponse(socket), correlationId: nextId(), logger }),
  })
  app.server.on('connect', (request, socket) => respondToConnect(request, socket, { correlationId: nextId(), logger }))
  // By default, Node rejects unknown `Expect` headers. The real service ignores them (measured).
  app.server.on('checkExpectation', (request, response) => app.routing(request, response))
  // Prevents Fastify from reading bodies and rejecting content types. The real service accepts any content type, and
  // reads the body of a request only if the operation declares a body (both measured).
  for (const method of METHODS_WITH_BODIES) app.addHttpMethod(method, { hasBody: false, overrideExisting: true })
  app.addHook('onRequest', (request, reply, done) => {
    trackResponse(request.raw, reply.raw)
    if (logger) logAtEnd(request, reply, options.context.sandboxes)
    usePlainJson(reply.header('x-correlation-id', request.id))
    if (request.is404 && isControl(request)) respondToUnknown(request, reply, options.guard !== undefined)
    else done()
  })
  await app.register(control, { prefix: CONTROL_PREFIX, ...options })
  const { memory, sandboxes } = options.context
  await app.register(api, { ...options, memory, sandboxOf: (name) => sandboxes.get(name) })
  return app
}

/**
 * Returns a function that makes correlation ids. A correlation id is a UUID that ends in a counter, so the ids are the
 * same in every run.
 */
function correlationIds() {
  let count = 0
  return () => `00000000-0000-4000-8000-${(++count).toString(16).padStart(12, '0')}`
}

/**
 * Logs a request when its response ends. If the API key of the request created a sandbox, also logs the name of this
 * sandbox: a user who sends a placeholder such as `mock_api_key` may not expect a new sandbox.
 */
function logAtEnd(request: FastifyRequest, reply: FastifyReply, sandboxes: Sandboxes) {
  const { name, byKey } = selectionOf(request)
  const isNew = byKey && !sandboxes.has(name)
  whenOver(reply.raw, () => {
    if (isNew && sandboxes.has(name))
      request.log.info(
        { sandbox: name },
        'created a sandbox: a request with the API key mock_<name> uses the sandbox <name>; ' +
          'a request with another key uses the default sandbox',
      )
    logRequest(request, reply)
  })
}

/** Logs a request. The status is null if the connection was closed before the whole response was sent. */
function logRequest(request: FastifyRequest, { raw, elapsedTime }: FastifyReply) {
  const { prefix, path } = targetOf(request)
  const status = sentStatus(raw)
  // Only a request to an operation of the mocked API has the property `record`.
  const { fault } = (request.record as RequestRecord | undefined) ?? {}
  const duration_ms = Math.round(elapsedTime * 1000) / 1000
  request.log.info(
    { method: request.method, path: redactUrls(prefix + path), status, ...(fault && { fault: fault.id }), duration_ms },
    status === null ? 'request ended without a complete response' : 'request completed',
  )
}
