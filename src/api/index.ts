import type { TSchema } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  hasInput,
  MODELS,
  OPERATION_NAMES,
  type OperationInput,
  type OperationName,
  OPERATIONS,
  type OperationShape,
  PipelineConfig,
  splitEndpoint,
} from '../contract/index.js'
import { BodyError, hasBody, inNextTurnIfLong, isGzip, readBody, reservationFor, reserveParsing } from '../http/body.js'
import { sentStatus, whenOver } from '../http/connections.js'
import { HttpError } from '../http/error.js'
import { usePlainJson } from '../http/plain-json.js'
import { selectionOf } from '../http/sandbox-name.js'
import { routeOf } from '../http/target.js'
import { type Memory, MemoryError, type Reservation } from '../state/memory.js'
import type { Sandbox } from '../state/sandbox.js'
import { isSandboxName } from '../state/sandboxes.js'
import { inNextTurn } from '../time/timers.js'
import { bodyTooLarge, internalError, invalidSandbox, outOfMemory, unauthorized, unreadable } from './errors.js'
import { bodyValidator, decodeBody } from './fastapi/body.js'
import { respondToUnrouted } from './fastapi/not-found.js'
import { validateQuery } from './fastapi/query.js'
import { applyFault, respond, respondInPieces, respondWithError } from './faults.js'
import { type Api, openApiDocument, type ResponseOptions } from './openapi.js'
import { RUN, type Run } from './operations/index.js'
import { PipelineWriter } from './records.js'
import { RequestRecord } from './request.js'
import { documented422, unknownRecord } from './resources.js'
import { unservedWarner } from './unserved.js'

export interface ApiOptions extends ResponseOptions {
  readonly sandboxOf: (name: string) => Sandbox
  readonly memory: Memory
  /** Maximum size of a request body in bytes, after decompression. */
  readonly bodyLimit: number
  /** Maximum number of elements of a created pipeline. */
  readonly elementLimit: number
}

/** Fastify plugin that serves the mocked API: its operations and its OpenAPI document. */
export async function api(app: Api, options: ApiOptions) {
  const { sandboxOf, memory, strict, unknownPipeline, requireKey, bodyLimit, elementLimit } = options
  const write = new PipelineWriter(strict)
  const validateBody = bodyValidator([PipelineConfig, ...MODELS], elementLimit)
  const warnIfUnserved = unservedWarner()
  let document: Promise<string> | undefined

  app.decorateRequest('record')
  app.addHook('onRequest', (request, reply, done) => {
    const name = selectionOf(request).name
    if (!isSandboxName(name)) throw new HttpError(invalidSandbox(name))
    const { operation } = request.routeOptions.config
    // Only a request to an operation creates a sandbox and has a journal entry.
    if (operation) begin(operation, sandboxOf(name), request, reply, done)
    else if (request.is404) {
      warnIfUnserved(request)
      respondToUnrouted(request, reply)
    } else done()
  })
  // Fastify runs the hook above for unknown paths only if a not-found handler is set. The hook responds to unknown
  // paths itself, so this handler is never called.
  app.setNotFoundHandler(() => undefined)
  app.setErrorHandler((error, request, reply) => {
    usePlainJson(reply)
    if (error instanceof HttpError) return respondWithError(reply, error.response)
    if (error instanceof BodyError)
      return respondWithError(reply, error.reason === 'too_large' ? bodyTooLarge(bodyLimit) : unreadable)
    if (error instanceof MemoryError) return respondWithError(reply, outOfMemory(error.message))
    request.log.error({ err: error }, 'internal error; please report it with this stack trace')
    return respondWithError(reply, internalError)
  })

  app.get('/openapi.json', async (_request, reply) => {
    respond(reply, 200, await (document ??= openApiDocument(options).then((value) => JSON.stringify(value))))
    return reply
  })
  for (const name of OPERATION_NAMES) app.route(routeFor(name))

  function routeFor<N extends OperationName>(name: N) {
    const shape: OperationShape = OPERATIONS[name]
    const operate: Run<N> = RUN[name]
    const run = (
      { headers, record, params, query }: FastifyRequest,
      reply: FastifyReply,
      body: unknown,
    ): void | Promise<void> => {
      const output = operate({
        params: params as OperationInput<N>['params'],
        query: validateQuery(shape.query, query as Record<string, string>) as OperationInput<N>['query'],
        body: body as OperationInput<N>['body'],
        headers,
        record,
        sandbox: record.sandbox,
        write,
      })
      const status = shape.status ?? 200
      if (output === undefined) respondWithError(reply, unknownRecord(params as object, unknownPipeline))
      else if (typeof output !== 'object') respond(reply, status, output)
      else if (output === null) respond(reply, status, undefined)
      else return respondInPieces(reply, status, output)
    }
    const handler = (request: FastifyRequest, reply: FastifyReply) => {
      if (!shape.open && requireKey && !hasKey(request)) respondWithError(reply, unauthorized)
      else if (hasInput(shape) && prefers422(request)) respondWithError(reply, documented422(shape))
      else if (!shape.body) void run(request, reply, undefined)
      else {
        const reserved = reservationFor(reply.raw, memory)
        readInput(request, reserved, bodyLimit)
          .catch((error: unknown) => {
            reply.header('connection', 'close')
            throw error
          })
          .then((body) => inNextTurnIfLong(body, body?.text))
          .then((body) => {
            reserveParsing(reserved)
            return validateBody(shape.body as TSchema, body)
          })
          .then(inNextTurn)
          .then((body) => {
            reserved.free()
            return run(request, reply, body)
          })
          .catch((error: unknown) => reply.send(error))
      }
    }
    const [method, path] = splitEndpoint(shape.endpoint)
    return { method, url: routeOf(path), config: { operation: name }, handler }
  }
}

/** Records a request to an operation, and applies the fault of the request, if any. */
function begin(
  operation: OperationName,
  sandbox: Sandbox,
  request: FastifyRequest,
  reply: FastifyReply,
  done: () => void,
) {
  const record = new RequestRecord(operation, sandbox, request)
  request.record = record
  const { raw } = reply
  whenOver(raw, () => record.end(sentStatus(raw)))
  const shape: OperationShape = OPERATIONS[operation]
  if (!shape.body || record.fault?.plan.respond) record.noteBody(request.raw)
  if (record.fault) applyFault(record.fault, shape, reply, done)
  else done()
}

/**
 * Reads and decodes the body of a request. Returns undefined if the request has no body. Accepts gzip, because the
 * client compresses large bodies (seen in the official client).
 */
async function readInput({ raw, record, headers }: FastifyRequest, memory: Reservation, limit: number) {
  if (!hasBody(raw)) return undefined
  record.noteBody(raw)
  const body = await readBody(raw, { memory, limit, unpack: isGzip(raw) })
  record.setBody(body)
  return decodeBody(body, headers['content-type'])
}

/** Returns whether a request has an API key. Any key is valid. */
const hasKey = ({ headers }: FastifyRequest) =>
  Boolean(headers['x-api-key']) || /^Bearer +\S/i.test(headers.authorization ?? '')

/**
 * Returns whether a request has the header `Prefer: code=422`, which asks for the 422 that the contract documents.
 * The mock server Prism supports the same header.
 */
const prefers422 = ({ headers: { prefer } }: FastifyRequest) =>
  prefer !== undefined && /(^|[,;])\s*code\s*=\s*("422"|422)\s*($|[,;])/i.test(String(prefer))
