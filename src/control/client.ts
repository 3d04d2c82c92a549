import { Type } from '@sinclair/typebox'
import type { ControlErrorCode } from '../contract/codes.js'
import { splitEndpoint } from '../contract/index.js'
import { checkerOf } from '../diagnostics/check.js'
import { loadDocuments, summaryOf } from '../fixtures/load.js'
import { addressOf, controlOver, type MockControl } from './handle.js'
import { ControlError, Problem } from './problem.js'
import { type AnyVerb, queryStrings, type Transport, type VerbOutput } from './verb.js'
import { CONTROL_PREFIX, VERBS } from './verbs/index.js'
import { Info } from './verbs/mock.js'

/** Options of `connect`. */
export interface ConnectOptions {
  /** The token that the mock requires (`--control-token`). Default: none. */
  token?: string
}

/**
 * Connects to a mock that runs elsewhere, and resolves with the same methods as those of a mock in process.
 * @throws ControlError if the server at `url` is not a mock, or refuses control.
 */
export async function connect(url: string, { token }: ConnectOptions = {}): Promise<MockControl> {
  const here = checkAddress(url)
  const root = here.replace(/\/_sandbox\/[^/]+$/, '')
  const info = await transportTo(here, token).call(VERBS.get_info, {})
  if (!isInfo(info)) throw new ControlError('not_a_mock', `${here} is not an ionworks-mock: check the address`)
  return controlOver((name) => {
    const address = addressOf(root, info.project_id, name)
    if (name !== undefined) return { transport: transportTo(address.url, token), address }
    const env = { ...address.env, IONWORKS_API_URL: here }
    return { transport: transportTo(here, token), address: { url: here, env } }
  })
}

const { check: isInfo } = checkerOf(Info)

/** Returns the address without a trailing slash. */
function checkAddress(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const isAlone = parsed && !(parsed.username || parsed.password || parsed.search || parsed.hash)
  if (isAlone && /^https?:$/.test(parsed.protocol)) return `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`
  const reason = `invalid address ${JSON.stringify(url)}: expected the URL of a mock alone, such as http://127.0.0.1:4669`
  throw new ControlError('invalid_address', reason)
}

function transportTo(base: string, token: string | undefined): Transport {
  const transport: Transport = {
    call: async (verb, input) => (await send(base, token, verb, input)) as VerbOutput<(typeof verb)['shape']>,
    // Checked here already, because only here the positions of issues are known.
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
      : new ControlError('unsendable_call', 'the call cannot be sent: a token is visible ASCII without spaces')
  })
  if (!response.ok) throw await errorOf(response, target)
  return verb.shape.response ? jsonOf(response, target) : undefined
}

const encodeId = (value: unknown) => encodeURIComponent(String(value).replace(/\p{Surrogate}/gu, '\ufffd'))

async function jsonOf(response: Response, target: string): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    throw new ControlError('not_a_mock', `${target} responded ${response.status}, but not with JSON: is it a mock?`)
  }
}

/** A problem of any version: later ones may have more keys and codes. */
const { check: isProblem } = checkerOf(Type.Object(Problem.properties))

async function errorOf(response: Response, target: string): Promise<ControlError> {
  const problem = await jsonOf(response, target).catch(() => undefined)
  if (isProblem(problem))
    return new ControlError(problem.code as ControlErrorCode, problem.detail, problem.errors, problem.status)
  return new ControlError('not_a_mock', `${target} responded ${response.status}: is it a mock?`, [], response.status)
}
