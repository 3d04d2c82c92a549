import { Type } from '@sinclair/typebox'
import type { ControlErrorCode } from '../contract/codes.js'
import { splitEndpoint } from '../contract/index.js'
import { checkerOf } from '../diagnostics/check.js'
import { loadDocuments, summaryOf } from '../fixtures/load.js'
import { addressOf, controlOver } from './handle.js'
import type { MockControl } from './mock-control.js'
import { ControlError, Problem } from './problem.js'
import { type AnyVerb, queryStrings, type Transport, type VerbOutput } from './verb.js'
import { CONTROL_PREFIX, VERBS } from './verbs/index.js'
import { Info } from './verbs/mock.js'

/** Options of `connect`. */
export interface ConnectOptions {
  /** Token that the mock requires: the value of its option `controlToken`. Default: no token is sent. */
  token?: string
}

/**
 * Connects to a mock in another process. The returned handle sends each call to the control API of that mock. It has
 * all members of the handle that `startMock` returns, except `port`, `seeded`, `inject` and `close`.
 * @param url URL of the mock, such as `http://127.0.0.1:4669`. With the URL of a sandbox, the methods of the handle
 *   act on that sandbox instead of the default one.
 * @throws ControlError if the URL is invalid (`invalid_address`), no server responds (`unreachable`), the server is
 *   not a mock (`not_a_mock`), or the mock rejects the call (`control_disabled`, `invalid_token`, `forbidden_host`).
 * @example
 * const mock = await connect('http://127.0.0.1:4669')
 * await mock.sandbox('retry').reset()
 */
export async function connect(url: string, { token }: ConnectOptions = {}): Promise<MockControl> {
  const base = checkAddress(url)
  const root = base.replace(/\/_sandbox\/[^/]+$/, '')
  const info = await transportTo(base, token).call(VERBS.get_info, {})
  if (!isInfo(info)) throw new ControlError('not_a_mock', `${base} is not an ionworks-mock: check the address`)
  return controlOver((name) => {
    const address = addressOf(root, info.project_id, name)
    if (name !== undefined) return { transport: transportTo(address.url, token), address }
    const env = { ...address.env, IONWORKS_API_URL: base }
    return { transport: transportTo(base, token), address: { url: base, env } }
  })
}

const { check: isInfo } = checkerOf(Info)

/** Returns a valid address without its trailing slashes. Rejects an invalid address. */
function checkAddress(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const isBare = parsed && !(parsed.username || parsed.password || parsed.search || parsed.hash)
  if (isBare && /^https?:$/.test(parsed.protocol)) return `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`
  const expected = 'expected an HTTP URL without credentials, query or fragment, such as http://127.0.0.1:4669'
  const reason = `invalid address ${JSON.stringify(url)}: ${expected}`
  throw new ControlError('invalid_address', reason)
}

function transportTo(base: string, token: string | undefined): Transport {
  const transport: Transport = {
    call: async (verb, input) => (await send(base, token, verb, input)) as VerbOutput<(typeof verb)['shape']>,
    // Checks the fixtures before sending them: the mock could not name files and positions in its issues.
    async load(verb, documents) {
      const loaded = loadDocuments(documents, (await transport.call(VERBS.get_clock, {})).now)
      const pipelines = documents.flatMap(({ value }) => (value as { pipelines: [] }).pipelines)
      await send(base, token, verb, { body: { pipelines } })
      return summaryOf(loaded)
    },
  }
  return transport
}

async function send(base: string, token: string | undefined, verb: AnyVerb, input: object): Promise<unknown> {
  const [method, template] = splitEndpoint(verb.endpoint)
  const { params = {}, query = {}, body }: { params?: Record<string, unknown>; query?: object; body?: object } = input
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeId(params[name]))
  const search = String(new URLSearchParams(queryStrings(query)))
  const target = base + CONTROL_PREFIX + path + (search && `?${search}`)
  const response = await fetch(target, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json', ...(token !== undefined && { 'x-mock-token': token }) },
  }).catch((error: unknown) => {
    const { cause } = error as { cause?: Error }
    throw cause
      ? new ControlError('unreachable', `no response from ${base} (${cause.message}): is the mock running?`)
      : new ControlError(
          'unsendable_call',
          'the request cannot be sent: the token must consist of visible ASCII characters, without spaces',
        )
  })
  if (!response.ok) throw await errorOf(response, target)
  return verb.shape.response ? jsonOf(response, target) : undefined
}

/** Encodes an id for a path. Replaces lone surrogates, because encodeURIComponent throws for them. */
const encodeId = (value: unknown) => encodeURIComponent(String(value).replace(/\p{Surrogate}/gu, '\ufffd'))

async function jsonOf(response: Response, target: string): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    throw new ControlError('not_a_mock', `${target} responded ${response.status} without JSON: check the address`)
  }
}

/** Also accepts documents with unknown keys or codes, which a later version of the mock may send. */
const { check: isProblem } = checkerOf(Type.Object(Problem.properties))

async function errorOf(response: Response, target: string): Promise<ControlError> {
  const problem = await jsonOf(response, target).catch(() => undefined)
  if (isProblem(problem))
    return new ControlError(problem.code as ControlErrorCode, problem.detail, problem.errors, problem.status)
  return new ControlError(
    'not_a_mock',
    `${target} responded ${response.status} without a problem document: check the address`,
    [],
    response.status,
  )
}
