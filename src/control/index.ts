import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Document, documentOf } from '../diagnostics/source.js'
import { FixtureError } from '../diagnostics/issue.js'
import { parseJson } from '../diagnostics/json.js'
import { CALLS, type CallName, PREFIX } from './calls.js'
import { checkInput, checkSandboxName } from './check.js'
import { controlDocument } from './openapi.js'
import { type GuardOptions, guard } from './guard.js'
import { ControlError, problemOf } from './problem.js'
import { VERBS, type World } from './verbs.js'

export interface ControlOptions {
  /** Which sandbox a request is about, by its name; it may be none that can be. */
  readonly sandboxNameOf: (request: FastifyRequest) => string
  /** What there is to that name. */
  readonly worldOf: (sandbox: string) => World
  /** Left out: only health and readiness answer. */
  readonly guard: GuardOptions | undefined
}

/** The largest body that is read: a fixture document may be one. */
const MAX_BODY_BYTES = 256 * 1024 * 1024

/** Our own API under `/_mock`. Its answers about health come always: no option and no state of the mock changes them. */
export async function control(app: FastifyInstance, { sandboxNameOf, worldOf, guard: guardOptions }: ControlOptions) {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: MAX_BODY_BYTES }, (_request, text, done) =>
    done(null, text),
  )
  app.setErrorHandler((error, request, reply) => refuse(reply, asControlError(error, request)))

  app.route({ method: ['GET', 'HEAD'], url: '/health', handler: (_request, reply) => reply.send({ status: 'ok' }) })
  app.route({ method: ['GET', 'HEAD'], url: '/ready', handler: (_request, reply) => reply.send({ status: 'ready' }) })
  if (!guardOptions) return
  await app.register(async (guarded) => {
    guarded.addHook('onRequest', async (request) => guard(request, guardOptions))
    guarded.get('/openapi.json', (_request, reply) => reply.send(controlDocument()))
    for (const name of Object.keys(CALLS) as CallName[]) {
      const { method, url } = CALLS[name]
      guarded.route({
        method,
        url,
        async handler(request, reply) {
          const world = worldOf(checkSandboxName(sandboxNameOf(request)))
          const answer = await call(name, request, { ...world, signal: untilGone(reply, world.signal) })
          return answer === undefined ? reply.code(204).send() : reply.send(answer)
        },
      })
    }
  })
}

/**
 * Answers what is below the prefix, and nothing of it. Not by a handler of Fastify's: for one of a prefix it makes routes
 * for every method that there is, which takes a fifth of a start.
 */
export function answerUnknown({ method, originalUrl }: FastifyRequest, reply: FastifyReply, isOn: boolean) {
  const what = isOn
    ? `there is no ${method} ${originalUrl} here: GET ${PREFIX}/openapi.json lists what there is`
    : `control is off (--no-control): only GET ${PREFIX}/health and GET ${PREFIX}/ready answer`
  return refuse(reply, new ControlError(404, what))
}

/** Whether a path is our own API's. */
export const isControl = ({ url }: FastifyRequest) => BELOW.test(url)

const BELOW = new RegExp(`^${PREFIX}(?=[/?]|$)`)

/** Aborted when the client has gone, or with the other. Not by `AbortSignal.any`: a signal never forgets what it made. */
function untilGone({ raw }: FastifyReply, other: AbortSignal): AbortSignal {
  const gone = new AbortController()
  const abort = () => gone.abort()
  other.addEventListener('abort', abort)
  raw.once('close', () => {
    other.removeEventListener('abort', abort)
    abort()
  })
  return gone.signal
}

function call(name: CallName, { params, query, body }: FastifyRequest, world: World) {
  const document = documentIn(body)
  const input = checkInput(name, { params: documentOf(params), query: documentOf(query), body: document })
  return VERBS[name](world, input as never, document)
}

/** No body is as good as an empty object, whatever its type is said to be. */
function documentIn(body: unknown): Document {
  const text = typeof body === 'string' && body.trim() !== '' ? body : '{}'
  const document = parseJson(text.replace(/^\uFEFF/, ''))
  if (document.faults.length > 0) throw new ControlError(400, 'nothing was done: the body is broken', document.faults)
  return document
}

function asControlError(error: unknown, request: FastifyRequest): ControlError {
  if (error instanceof ControlError) return error
  if (error instanceof FixtureError)
    return new ControlError(400, 'nothing was done: the fixture has faults', error.faults)
  const { statusCode = 500, message } = error as FastifyError
  if (statusCode < 500) return new ControlError(statusCode, `nothing was done: ${message}`)
  request.log.error({ err: error }, 'the mock failed: this is a defect of it, please report it')
  return new ControlError(500, 'ionworks-mock failed: its log says why. This is a defect of the mock, please report it')
}

function refuse(reply: FastifyReply, error: ControlError) {
  // Fastify would close the connection of a client that still sends, which then would not see the answer.
  if (error.status === 413 && reply.request.headers.connection !== 'close') reply.header('connection', 'keep-alive')
  return reply.header('content-type', 'application/problem+json').code(error.status).send(problemOf(error))
}
