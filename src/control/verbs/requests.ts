import { type Static, Type } from '@sinclair/typebox'
import { Operation, RequestFilter, Transition } from '../../contract/control.js'
import { Closed, described, expected, Nullable, optional, Titled } from '../../contract/schema.js'
import { DateTime, Duration } from '../../contract/values.js'
import { parseDuration } from '../../time/duration.js'
import { type Instant, parseInstant } from '../../time/instant.js'
import { ControlError } from '../problem.js'
import { receivedRequest } from '../received.js'
import { method, verb } from '../verb.js'

export const ReceivedRequest = Titled('Request', {
  id: Type.String({ description: 'The correlation id' }),
  at: described(DateTime, 'By the clock of the sandbox'),
  operation: Nullable(Operation),
  pipeline_id: Nullable(Type.String()),
  method: Type.String(),
  path: Type.String(),
  query: Type.Record(Type.String(), Type.String()),
  headers: Type.Record(Type.String(), Type.String(), { description: 'Credentials are redacted' }),
  body: Type.String({ description: 'Its first 8 KiB' }),
  status: Nullable(Type.Integer({ description: 'Status of the response; null: none was sent' })),
  fault: Nullable(Type.String({ description: 'The id of the fault that applied to it' })),
  transitions: Type.Array(Transition, { description: 'The changes that it caused' }),
})
/** A request as it was received, what it caused, and the status of its response. */
export type ReceivedRequest = Static<typeof ReceivedRequest>

/** In a query, numbers are strings. */
const StatusInQuery = Type.Unsafe<number>(
  Type.String({ pattern: '^[2-5]\\d\\d$', [expected]: 'an integer from 200 to 599' }),
)
const query = { ...RequestFilter.properties, status: Type.Optional(StatusInQuery) }

/** Reads a filter from a query, where a status is a string. */
const filterOf = ({ status, since, ...rest }: Omit<RequestFilter, 'status'> & { status?: unknown }): RequestFilter => ({
  ...rest,
  ...(status !== undefined && { status: Number(status) }),
  ...(since !== undefined && { since: parseInstant(since) as Instant }),
})

const MAX_WAIT_MS = 5 * 60 * 1000

export const requestVerbs = {
  list_requests: verb(
    'GET /requests',
    'List the requests that were received, the oldest first',
    { query: Closed(query), response: Type.Array(ReceivedRequest) },
    ({ sandbox, query: filter }) => sandbox.journal.list(filterOf(filter)).map(receivedRequest),
  ),

  wait_for_request: verb(
    'GET /requests/wait',
    'Wait for a request; the response is empty if none comes in time',
    {
      query: Closed({ ...query, timeout: optional(Duration, 'Default: 5s; at most 5m') }),
      response: Type.Array(ReceivedRequest),
    },
    async ({ sandbox, signal, query: { timeout = '5s', ...filter } }) => {
      const ms = parseDuration(timeout) as number
      if (ms > MAX_WAIT_MS)
        throw new ControlError('wait_too_long', `timeout: ${timeout} is longer than 5m: use less, and wait again`)
      // A sandbox in which someone waits is not idle.
      sandbox.inFlight++
      const entry = await sandbox.journal.waitFor(filterOf(filter), ms, signal)
      sandbox.inFlight--
      return entry ? [receivedRequest(entry)] : []
    },
  ),
}

export const requests = {
  list: method(requestVerbs.list_requests, (filter: RequestFilter = {}) => ({ query: filter })),
}
