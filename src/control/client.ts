import { checkerOf } from '../diagnostics/check.js'
import { loadDocuments, summaryOf } from '../fixtures/load.js'
import { CALLS, type Caller, type CallShape, PREFIX } from './calls.js'
import { controlOver, type MockControl, placeOf, type Transport } from './handle.js'
import { ControlError } from './problem.js'
import { Info, Problem } from './shapes.js'

/** How a mock elsewhere is reached. */
export interface ConnectOptions {
  /** What the mock was given as `--control-token`. */
  token?: string
}

/**
 * Connects to a mock that runs elsewhere: what comes back has the verbs of a mock in process.
 * @throws ControlError if what answers there is no mock, or refuses control.
 */
export async function connect(url: string, { token }: ConnectOptions = {}): Promise<MockControl> {
  const here = addressOf(url)
  const root = here.replace(/\/_sandbox\/[^/]+$/, '')
  const transportTo = (base: string): Transport => {
    const call = callerTo(base, token)
    return {
      call,
      // Checked here already, for only here it is known where the faults stand.
      async load(verb, documents) {
        const loaded = loadDocuments(documents, (await call('get_clock', {})).now)
        const pipelines = documents.flatMap(({ value }) => (value as { pipelines: [] }).pipelines)
        await call(verb, { body: { pipelines } })
        return summaryOf(loaded)
      },
    }
  }
  const info = await transportTo(here).call('get_info', {})
  if (!isInfo(info)) throw new ControlError(502, `what answers at ${here} is no mock: check the address`)
  return controlOver((name) => {
    const place = placeOf(root, info.project_id, name)
    if (name !== undefined) return { transport: transportTo(place.url), place }
    return { transport: transportTo(here), place: { url: here, env: { ...place.env, IONWORKS_API_URL: here } } }
  })
}

const { isRight: isInfo } = checkerOf(Info)

/** The address without a trailing slash. */
function addressOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (
    !parsed ||
    !/^https?:$/.test(parsed.protocol) ||
    parsed.username ||
    parsed.password ||
    parsed.search ||
    parsed.hash
  )
    throw new ControlError(400, 'the address of a mock is expected, such as http://127.0.0.1:4669, and nothing more')
  return `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`
}

const callerTo =
  (base: string, token: string | undefined): Caller =>
  async (name, input) => {
    const { method, url, answer }: CallShape = CALLS[name]
    const { params = {}, query = {}, body } = input as { params?: object; query?: object; body?: unknown }
    const path = Object.entries(params).reduce(
      (path, [key, value]) =>
        path.replace(`:${key}`, encodeURIComponent(String(value).replace(/\p{Surrogate}/gu, '\ufffd'))),
      url,
    )
    const target = `${base}${PREFIX}${path}?${new URLSearchParams(query as Record<string, string>)}`
    const response = await fetch(target, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      headers: { 'content-type': 'application/json', ...(token !== undefined && { 'x-mock-token': token }) },
    }).catch((error: Error & { cause?: Error }) => {
      throw error.cause
        ? new ControlError(503, `nothing answers at ${base} (${error.cause.message}): is the mock running?`)
        : new ControlError(400, 'the call cannot be sent: a token is visible ASCII characters, without spaces')
    })
    if (!response.ok) throw await errorOf(response, target)
    return (answer ? await jsonOf(response, target) : undefined) as never
  }

async function jsonOf(response: Response, target: string): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    throw new ControlError(502, `${target} answered ${response.status}, but no JSON: is that a mock?`)
  }
}

const { isRight: isProblem } = checkerOf(Problem)

async function errorOf(response: Response, target: string): Promise<ControlError> {
  const problem = await jsonOf(response, target).catch(() => undefined)
  if (isProblem(problem)) return new ControlError(problem.status, problem.detail, problem.errors)
  return new ControlError(response.status, `${target} answered ${response.status}: is that a mock?`)
}
