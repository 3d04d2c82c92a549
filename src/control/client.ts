import { Type } from '@sinclair/typebox'
import type { ControlErrorCode } from '../contract/codes.js'
import { splitEndpoint } from '../contract/index.js'
import { Closed } from '../contract/schema.js'
import { checkerOf } from '../diagnostics/check.js'
import { summaryOf, validateDocuments } from '../fixtures/load.js'
import { checkArgument, checkInput, partsOf } from './check.js'
import { exchange, reasonOf, type ReceivedResponse } from './exchange.js'
import { addressOf, controlOver } from './handle.js'
import type { MockControl } from './mock-control.js'
import { ControlError, Problem } from './problem.js'
import { type AnyVerb, queryStrings, type Transport, type VerbOutput } from './verb.js'
import { clockVerbs } from './verbs/clock.js'
import { CONTROL_PREFIX } from './verbs/index.js'
import { Info, mockVerbs } from './verbs/mock.js'

/** Options of `connect`. */
export interface ConnectOptions {
  /** Token that the mock requires: the value of its option `controlToken`. Default: no token is sent. */
  token?: string
}

const Options = Closed({ token: Type.Optional(Type.String()) })

/**
 * Connects to a mock in another process, and sends one request to check that the server is a mock. The returned
 * handle sends each call to the control API of that mock. The handle has the same members as the handle that
 * `startMock` returns, except `port`, `seeded`, `inject` and `close`. It also does not support `await using`.
 * @param url URL of the mock, such as `http://127.0.0.1:4669`. If it is the URL of a sandbox, such as
 *   `http://127.0.0.1:4669/_sandbox/retry`, the handle acts on that sandbox instead of the default sandbox.
 * @throws ControlError if the URL is invalid (`invalid_address`), an option is invalid (`invalid_request`), the token
 *   contains invalid characters (`unsendable_call`), no server responds (`unreachable`), the server is not a mock
 *   (`not_a_mock`), or the mock rejects this request (for example `invalid_token`, `forbidden_host` or
 *   `control_disabled`).
 * @example
 * const mock = await connect('http://127.0.0.1:4669')
 * await mock.sandbox('retry').reset()
 */
export async function connect(url: string, options: ConnectOptions = {}): Promise<MockControl> {
  const { token } = checkArgument(Options, options)
  const base = checkAddress(url)
  const root = base.replace(/\/_sandbox\/[^/]+$/, '')
  const info = await transportTo(base, token).call(mockVerbs.get_info, {})
  if (!isInfo(info))
    throw new ControlError('not_a_mock', `the server at ${base} is not an ionworks-mock: check the address`)
  return controlOver((name) => {
    const address = addressOf(root, info.project_id, name)
    if (name !== undefined) return { transport: transportTo(address.url, token), address }
    const env = { ...address.env, IONWORKS_API_URL: base }
    return { transport: transportTo(base, token), address: { url: base, env } }
  })
}

const { check: isInfo } = checkerOf(Info)

/** Returns an address without its trailing slashes. Throws a ControlError if the address is invalid. */
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
    // The client checks the input, so that it rejects an invalid argument in the same way as the handle of `startMock`.
    async call(verb, input) {
      checkInput(verb, partsOf(input))
      return (await send(base, token, verb, input)) as VerbOutput<(typeof verb)['shape']>
    },
    // The client validates the fixtures. The mock receives only their contents, so its messages would have neither
    // files nor positions.
    async load(verb, documents, query) {
      checkInput(verb, partsOf({ query }))
      const { fixtures, settings, loadAt } = validateDocuments(documents)
      const loaded = loadAt((await transport.call(clockVerbs.get_clock, {})).now)
      const plans = fixtures.flatMap((fixture) => fixture.plans ?? [])
      const pipelines = fixtures.flatMap((fixture) => fixture.pipelines)
      await send(base, token, verb, { query, body: { mock: settings, plans, pipelines } })
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
  const response = await exchange(target, {
    method,
    headers: { 'content-type': 'application/json', ...(token !== undefined && { 'x-mock-token': token }) },
    body: body && JSON.stringify(body),
  }).catch((cause: unknown) => {
    const error = cause as NodeJS.ErrnoException
    if (error.code === 'ERR_INVALID_CHAR')
      throw new ControlError('unsendable_call', 'invalid token: expected visible ASCII characters, without spaces')
    const reason = `no response from ${base}: ${reasonOf(error)}; is the mock running?`
    throw new ControlError('unreachable', reason, [], undefined, cause)
  })
  if (response.status >= 300) throw errorOf(response, target)
  return verb.shape.response ? jsonOf(response, target) : undefined
}

/** Encodes an id for a path. Replaces lone surrogates, because `encodeURIComponent` throws an error for them. */
const encodeId = (value: unknown) => encodeURIComponent(String(value).replace(/\p{Surrogate}/gu, '\ufffd'))

/** Parses JSON. Returns undefined if the text is not valid JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function jsonOf({ status, body }: ReceivedResponse, target: string): unknown {
  const value = parsed(body)
  if (value !== undefined) return value
  throw new ControlError('not_a_mock', `${target} responded ${status} without JSON: check the address`)
}

/** Checks a problem document. Accepts unknown keys, because a later version of the mock may send more keys. */
const { check: isProblem } = checkerOf(Type.Object(Problem.properties))

function errorOf({ status, body }: ReceivedResponse, target: string): ControlError {
  const problem = parsed(body)
  if (isProblem(problem))
    return new ControlError(problem.code as ControlErrorCode, problem.detail, problem.errors, problem.status)
  const reason = `${target} responded ${status} without a problem document: check the address`
  return new ControlError('not_a_mock', reason, [], status)
}
