import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { splitEndpoint } from '../contract/index.js'
import { parseJson } from '../diagnostics/json.js'
import { type Document, documentOf } from '../diagnostics/source.js'
import { FixtureError } from '../fixtures/error.js'
import { BodyError, hasBody, readBody, reservationFor, reserveParsing } from '../http/body.js'
import { whenOver } from '../http/connections.js'
import { selectionOf } from '../http/sandbox-name.js'
import { decodePath, routeOf, targetOf } from '../http/target.js'
import { MemoryError, type Reservation } from '../state/memory.js'
import { checkSandboxName, run } from './check.js'
import { type GuardOptions, guard } from './guard.js'
import { controlDocument } from './openapi.js'
import { ControlError, problemOf } from './problem.js'
import { methodsAt, PROBE_METHODS, PROBES } from './routes.js'
import type { ControlContext } from './verb.js'
import { CONTROL_PREFIX, VERBS } from './verbs/index.js'

export interface ControlOptions {
  readonly context: ControlContext
  /** If undefined, the control API is off: only `/_mock/health` and `/_mock/ready` are served. */
  readonly guard: GuardOptions | undefined
}

/** Maximum size of a body. A fixture file has the same maximum size, because a fixture can be sent as a body. */
const MAX_CONTROL_BYTES = 256 * 1024 * 1024

/** Fastify plugin that serves the control API. The guard does not apply to `/health` and `/ready`. */
export async function control(app: FastifyInstance, { context, guard: guardOptions }: ControlOptions) {
  app.setErrorHandler((error, request, reply) => respondWithProblem(reply, asControlError(error, request)))
  for (const [url, { status }] of Object.entries(PROBES))
    app.route({ method: [...PROBE_METHODS], url, handler: (_request, reply) => reply.send({ status }) })
  if (!guardOptions) return

  await app.register(async (guarded) => {
    guarded.addHook('onRequest', async (request) => guard(request, guardOptions))
    guarded.get('/openapi.json', (_request, reply) => reply.send(controlDocument()))
    for (const verb of Object.values(VERBS)) {
      const [method, path] = splitEndpoint(verb.endpoint)
      guarded.route({
        method,
        url: routeOf(path),
        async handler(request, reply) {
          const reserved = reservationFor(reply.raw, context.memory)
          const text = await readText(request, reserved)
          const name = checkSandboxName(selectionOf(request).name)
          reserveParsing(reserved)
          const given = { params: documentOf(request.params), query: documentOf(request.query), body: parseBody(text) }
          reserved.free()
          const output = await run(verb, { ...context, disconnected: disconnectSignal(reply) }, name, given)
          return output === undefined ? reply.code(204).send() : reply.send(jsonOf(output))
        },
      })
    }
  })
}

/**
 * Responds to requests under `/_mock` that no route matches. `isOn` is true if the control API is on. This function
 * replaces Fastify's not-found handler: Fastify would add a route for every method, and adding these routes would take
 * a fifth of the startup time (measured).
 */
export function respondToUnknown(request: FastifyRequest, reply: FastifyReply, isOn: boolean) {
  const path = decodePath(targetOf(request).path)
  const allowed = methodsAt(path, isOn).join(', ')
  if (allowed !== '') reply.header('allow', allowed)
  return respondWithProblem(reply, unknown(request.method, path, allowed, isOn))
}

function unknown(method: string, path: string, allowed: string, isOn: boolean): ControlError {
  if (allowed !== '')
    return new ControlError('method_not_allowed', `${path} does not support the method ${method}: use ${allowed}`)
  if (isOn) return new ControlError('path_not_found', `unknown path ${path}: see ${CONTROL_PREFIX}/openapi.json`)
  return new ControlError(
    'control_disabled',
    'the control API is disabled (--no-control): restart the mock without this flag',
  )
}

export const isControl = ({ url }: FastifyRequest) => BELOW_PREFIX.test(url)

const BELOW_PREFIX = new RegExp(`^${CONTROL_PREFIX}(?=[/?]|$)`)

/** Returns a signal that aborts when the response is sent or the client disconnects. */
function disconnectSignal({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController()
  whenOver(raw, () => controller.abort())
  return controller.signal
}

const readText = async ({ raw }: FastifyRequest, memory: Reservation) =>
  raw.method !== 'GET' && hasBody(raw)
    ? (await readBody(raw, { memory, limit: MAX_CONTROL_BYTES, trustLength: true })).toString('utf8')
    : ''

/** Parses a body as JSON, regardless of its content type. An empty body is parsed as `{}`. */
function parseBody(text: string): Document {
  const document = parseJson(text.trim() === '' ? '{}' : text.replace(/^\uFEFF/, ''))
  if (document.issues.length === 0) return document
  throw new ControlError('invalid_request', 'invalid body; nothing was changed', document.issues)
}

/**
 * Converts the output of a verb to JSON. `JSON.stringify` throws an error if the text would be too long for a string.
 */
function jsonOf(output: unknown): string {
  try {
    return JSON.stringify(output)
  } catch {
    throw new ControlError(
      'response_too_large',
      'the response is larger than 512 MB: request single records, or use the handle of startMock in process',
    )
  }
}

function asControlError(error: unknown, request: FastifyRequest): ControlError {
  if (error instanceof ControlError) return error
  if (error instanceof FixtureError)
    return new ControlError(error.code, 'invalid fixtures; nothing was changed', error.issues)
  if (error instanceof BodyError)
    return error.reason === 'too_large'
      ? new ControlError(
          'body_too_large',
          `the body is larger than ${MAX_CONTROL_BYTES / 2 ** 20} MiB: send a smaller body`,
        )
      : new ControlError('unreadable_body', 'the body ended early: send the request again')
  if (error instanceof MemoryError) return new ControlError('out_of_memory', error.message)
  request.log.error({ err: error }, 'internal error; please report it with this stack trace')
  return new ControlError(
    'internal_error',
    'internal error; please report it with the stack trace from the log of the mock',
  )
}

const respondWithProblem = (reply: FastifyReply, error: ControlError) =>
  reply.header('content-type', 'application/problem+json').code(error.status).send(problemOf(error))
