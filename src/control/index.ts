import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { splitEndpoint } from '../contract/index.js'
import { parseJson } from '../diagnostics/json.js'
import { type Document, documentOf } from '../diagnostics/source.js'
import { FixtureError } from '../fixtures/error.js'
import { BodyError, hasBody, readBody } from '../http/body.js'
import { whenOver } from '../http/connections.js'
import { sandboxNameOf } from '../http/sandbox-name.js'
import { routeOf } from '../http/target.js'
import { checkSandboxName, run } from './check.js'
import { type GuardOptions, guard } from './guard.js'
import { controlDocument } from './openapi.js'
import { ControlError, problemOf } from './problem.js'
import type { AnyVerb, ControlContext } from './verb.js'
import { CONTROL_PREFIX, VERBS } from './verbs/index.js'

export interface ControlOptions {
  /** The context of the verbs in a sandbox. */
  readonly contextOf: (sandbox: string) => ControlContext
  /** Absent: only health and readiness are served. */
  readonly guard: GuardOptions | undefined
}

/** The largest body that is read: it may be a fixture. */
const BODY = { limit: 256 * 1024 * 1024, trustLength: true }

/** Our own API under `/_mock`. Health and readiness are always served, whatever the options and the state of the mock. */
export async function control(app: FastifyInstance, { contextOf, guard: guardOptions }: ControlOptions) {
  app.setErrorHandler((error, request, reply) => respondWithProblem(reply, asControlError(error, request)))
  for (const [url, status] of Object.entries({ '/health': 'ok', '/ready': 'ready' }))
    app.route({ method: ['GET', 'HEAD'], url, handler: (_request, reply) => reply.send({ status }) })
  if (!guardOptions) return

  await app.register(async (guarded) => {
    guarded.addHook('onRequest', async (request) => guard(request, guardOptions))
    guarded.get('/openapi.json', (_request, reply) => reply.send(controlDocument()))
    for (const verb of Object.values<AnyVerb>(VERBS)) {
      const [method, path] = splitEndpoint(verb.endpoint)
      guarded.route({
        method,
        url: routeOf(path),
        async handler(request, reply) {
          const text = await readText(request)
          const context = contextOf(checkSandboxName(sandboxNameOf(request)))
          const given = { params: documentOf(request.params), query: documentOf(request.query), body: parseBody(text) }
          const output = await run(verb, { ...context, signal: disconnected(reply, context.signal) }, given)
          return output === undefined ? reply.code(204).send() : reply.send(output)
        },
      })
    }
  })
}

/**
 * Responds to paths and methods that do not exist under the prefix. Not a not-found handler of Fastify's: for one with a
 * prefix it makes routes for every method, which takes a fifth of a start.
 */
export function respondToUnknown({ method, originalUrl }: FastifyRequest, reply: FastifyReply, isOn: boolean) {
  const error = isOn
    ? new ControlError('path_not_found', `no ${method} ${originalUrl}: GET ${CONTROL_PREFIX}/openapi.json lists all`)
    : new ControlError('control_disabled', 'control is off (--no-control): only /_mock/health and /_mock/ready exist')
  return respondWithProblem(reply, error)
}

/** Whether a request is one to the control API. */
export const isControl = ({ url }: FastifyRequest) => BELOW_PREFIX.test(url)

const BELOW_PREFIX = new RegExp(`^${CONTROL_PREFIX}(?=[/?]|$)`)

/** Aborts when the client disconnects or `parent` aborts. Not AbortSignal.any, which keeps every signal that it made. */
function disconnected({ raw }: FastifyReply, parent: AbortSignal): AbortSignal {
  const controller = new AbortController()
  const abort = () => controller.abort()
  parent.addEventListener('abort', abort)
  whenOver(raw, () => {
    parent.removeEventListener('abort', abort)
    abort()
  })
  return controller.signal
}

const readText = async ({ raw }: FastifyRequest) =>
  raw.method !== 'GET' && hasBody(raw) ? (await readBody(raw, BODY)).toString('utf8') : ''

/** Parses a body as JSON, whatever its content type; a missing body means `{}`. */
function parseBody(text: string): Document {
  const document = parseJson(text.trim() === '' ? '{}' : text.replace(/^\uFEFF/, ''))
  if (document.issues.length === 0) return document
  throw new ControlError('invalid_request', 'invalid body, nothing was changed', document.issues)
}

function asControlError(error: unknown, request: FastifyRequest): ControlError {
  if (error instanceof ControlError) return error
  if (error instanceof FixtureError)
    return new ControlError(error.code, 'invalid fixtures, nothing was changed', error.issues)
  if (error instanceof BodyError)
    return error.reason === 'too_large'
      ? new ControlError('body_too_large', `the body is larger than ${BODY.limit} bytes: send less`)
      : new ControlError('unreadable_body', 'the body broke off: send it again')
  request.log.error({ err: error }, 'internal error; please report it with this stack trace')
  return new ControlError('internal_error', 'ionworks-mock failed, a defect: report it with the stack trace in its log')
}

const respondWithProblem = (reply: FastifyReply, error: ControlError) =>
  reply.header('content-type', 'application/problem+json').code(error.status).send(problemOf(error))
