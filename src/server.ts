import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import type { Socket } from 'node:net'
import { answerBrokenRequest, answerConnect } from './http/bad-request.js'
import { NO_COMPILERS } from './http/compilers.js'
import { type ApiOptions, api } from './api/index.js'
import { pathOf, routable } from './http/target.js'
import { speakPlainJson } from './http/plain-json.js'
import { parseQuery } from './api/fastapi/query.js'
import { latestAnswerOn, noteAnswer } from './http/connections.js'
import { PREFIX } from './control/calls.js'
import { answerUnknown, type ControlOptions, control, isControl } from './control/index.js'
import { sandboxNameOf, sandboxPrefixOf, takeSandbox } from './http/sandbox-name.js'

/** What uvicorn takes of a request line and its headers; so an id can be as long. */
const MAX_HEAD_BYTES = 64 * 1024

/** In which a request has to arrive, its body included. */
const REQUEST_TIMEOUT_MS = 300_000

export interface ServerOptions extends Omit<ApiOptions & ControlOptions, 'sandboxNameOf' | 'sandboxPrefixOf'> {
  /** Left out: nothing is logged. */
  readonly logger: FastifyBaseLogger | undefined
}

/** Wires the rooms into one server, in the order in which a request meets them. It does not listen. */
export async function buildServer({ logger, worldOf, guard, ...options }: ServerOptions): Promise<FastifyInstance> {
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
    rewriteUrl: (request) => routable(takeSandbox(request, String(request.url))),
    clientErrorHandler: (error, socket) =>
      answerBrokenRequest(error, socket, { last: latestAnswerOn(socket), correlationId: nextId(), logger }),
  })
  app.server.on('connect', (_request, socket) => answerConnect(socket as Socket))
  // Node would refuse expectations that it does not know; the real service ignores them (measured).
  app.server.on('checkExpectation', (request, response) => app.routing(request, response))
  app.addHook('onRequest', (request, reply, done) => {
    noteAnswer(request.raw.socket, reply.raw)
    hideContentType(request)
    speakPlainJson(reply.header('x-correlation-id', request.id))
    if (request.is404 && isControl(request)) answerUnknown(request, reply, guard !== undefined)
    else done()
  })
  app.removeAllContentTypeParsers()
  if (logger) app.addHook('onResponse', logRequest)
  await app.register(control, { prefix: PREFIX, sandboxNameOf, worldOf, guard })
  await app.register(api, { sandboxNameOf, sandboxPrefixOf, ...options })
  return app
}

/** Ids in the form of the service's, counted: the same calls get the same ones. */
function correlationIds() {
  let count = 0
  return () => `00000000-0000-4000-8000-${(++count).toString(16).padStart(12, '0')}`
}

/** Fastify would refuse types that it does not know before any parser sees them; the real service does not (measured). */
function hideContentType({ headers }: FastifyRequest) {
  if (headers['content-type'] !== undefined) headers['content-type'] = undefined
}

function logRequest(request: FastifyRequest, reply: FastifyReply, done: () => void) {
  const { method, originalUrl, log } = request
  const [path, status] = [pathOf(originalUrl), reply.statusCode]
  log.info({ method, path, status, duration_ms: Math.round(reply.elapsedTime * 1000) / 1000 }, 'answered')
  done()
}
