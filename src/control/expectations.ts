import { Type } from '@sinclair/typebox'
import type { ErrorCode } from '../contract/codes.js'
import { Count, RequestFilter } from '../contract/control.js'
import { Closed } from '../contract/schema.js'
import { Duration } from '../contract/values.js'
import { countOf } from '../diagnostics/spelling.js'
import { checkArgument } from './check.js'
import type { Transport } from './verb.js'
import { faultVerbs } from './verbs/faults.js'
import { pipelineVerbs } from './verbs/pipelines.js'
import { type ReceivedRequest, requests, requestVerbs } from './verbs/requests.js'

/** Maximum number of requests that a message lists. */
const MAX_LISTED = 20

/**
 * Thrown if an assertion fails (`verify`, `expectCanceled`, `assertConsumed`) or `waitFor` times out. The message
 * lists the last 20 requests of `received`.
 */
export class ExpectationError extends Error {
  override readonly name = 'ExpectationError'

  constructor(
    /** Stable code for programs, such as `request_count_mismatch`. `ERROR_CODES` explains every code. */
    readonly code: ErrorCode,
    expectation: string,
    /** All requests in the journal, oldest first. For `expectCanceled`, only the requests about the pipeline. */
    readonly received: readonly ReceivedRequest[],
    /** Text after the word `request` or `requests` in the message, such as ` about this pipeline`. */
    about = '',
  ) {
    const lines = received.slice(-MAX_LISTED).map(describeRequest)
    const part = received.length > MAX_LISTED ? ` (last ${MAX_LISTED} of ${received.length})` : ''
    const title = `received requests${about}${part}:`
    const list = received.length === 0 ? [`no request${about} was received`] : [title, ...lines]
    super([expectation, ...list].join('\n'))
  }
}

function describeRequest({ at, method, path, status, operation, fault, transitions }: ReceivedRequest): string {
  const moved = transitions.map(({ kind, from, to }) => `${kind} ${from} → ${to}`)
  const details = [operation, ...(fault ? [`fault ${fault}`] : []), ...moved]
  return `  ${at} ${method} ${path} ${status ?? 'no complete response'} (${details.join(', ')})`
}

/**
 * Returns text such as ` with operation "cancel_pipeline" and status 200`, or an empty string for an empty filter.
 */
function describeFilter(filter: RequestFilter): string {
  const parts = Object.entries(filter).map(([key, value]) => `${key} ${JSON.stringify(value)}`)
  return parts.length === 0 ? '' : ` with ${parts.join(' and ')}`
}

const WaitOptions = Closed({ timeout: Type.Optional(Duration) })

export async function waitFor(transport: Transport, given: RequestFilter = {}, options: { timeout?: string } = {}) {
  const filter = checkArgument(RequestFilter, given)
  const { timeout = '5s' } = checkArgument(WaitOptions, options)
  const [request] = await transport.call(requestVerbs.wait_for_request, { query: { ...filter, timeout } })
  if (request) return request
  const message = `timed out after ${timeout}: expected a request${describeFilter(filter)}`
  throw new ExpectationError('request_not_received', message, await requests.list(transport))
}

const Verification = Closed({ ...RequestFilter.properties, times: Type.Optional(Count('')) })

export async function verify(transport: Transport, expectation: RequestFilter & { times?: number }) {
  const { times, ...filter } = checkArgument(Verification, expectation)
  const { length } = await requests.list(transport, filter)
  if (times === undefined ? length > 0 : length === times) return
  const expected = times === undefined ? 'at least 1 request' : countOf(times, 'request')
  const message = `expected ${expected}${describeFilter(filter)}, found ${length}`
  throw new ExpectationError('request_count_mismatch', message, await requests.list(transport))
}

export async function expectCanceled(transport: Transport, pipeline_id: string) {
  const params = { id: pipeline_id }
  const { status } = await transport.call(pipelineVerbs.get_pipeline, { params })
  const elements = await transport.call(pipelineVerbs.get_elements, { params })
  const open = elements.filter((one) => one.status === 'pending' || one.status === 'running')
  if (status === 'canceled' && open.length === 0) return
  const rest = open.map((one) => `, element ${JSON.stringify(one.name)} is ${one.status}`).join('')
  const expected = `expected pipeline ${JSON.stringify(pipeline_id)} to be canceled and all its elements to have ended`
  const message = `${expected}: the pipeline is ${status}${rest}`
  const received = await requests.list(transport, { pipeline_id })
  throw new ExpectationError('pipeline_not_canceled', message, received, ' about this pipeline')
}

export async function assertConsumed(transport: Transport) {
  const unconsumed = (await transport.call(faultVerbs.list_faults, {})).filter(({ consumed }) => !consumed)
  if (unconsumed.length === 0) return
  const lines = unconsumed.map(({ id, fired, matched, held: _, consumed: __, ...plan }) => {
    const planned = plan.times === null ? 'at least 1 request' : countOf(plan.times ?? 1, 'request')
    const text = JSON.stringify(plan)
    return `${id} was planned for ${planned}, but applied to ${fired}; ${countOf(matched, 'request')} matched its plan ${text}`
  })
  const message = ['expected every fault to be consumed', ...lines].join('\n')
  throw new ExpectationError('faults_not_consumed', message, await requests.list(transport))
}
