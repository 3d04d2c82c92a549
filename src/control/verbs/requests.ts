import { type Static, Type } from '@sinclair/typebox'
import { Operation, RequestFilter, Transition } from '../../contract/control.js'
import { Closed, described, expected, Named, Nullable, optional, StringEnum } from '../../contract/schema.js'
import { DateTime, Duration } from '../../contract/values.js'
import { parseDuration } from '../../time/duration.js'
import { type Instant, parseInstant } from '../../time/instant.js'
import { checkArgument } from '../check.js'
import { ControlError } from '../problem.js'
import { receivedRequest } from '../received.js'
import { method, verb } from '../verb.js'

export const ReceivedRequest = Named('ReceivedRequest', {
  id: Type.String({ description: 'Correlation id, as in the header x-correlation-id of the response' }),
  at: described(DateTime, 'Time of arrival by the clock of the sandbox'),
  operation: described(Operation, 'Name of the operation'),
  pipeline_id: Nullable(Type.String(), {
    description:
      'Id of the pipeline in the path, of the pipeline that contains the element in the path, or of the pipeline ' +
      'that the request created; otherwise null',
  }),
  method: Type.String(),
  path: Type.String({ description: 'Path as it was sent, without the prefix of the sandbox' }),
  query: Type.Record(Type.String(), Type.String(), { description: 'Query parameters; credentials are redacted' }),
  headers: Type.Record(Type.String(), Type.String(), {
    description: 'Headers by lower-case name; credentials are redacted',
  }),
  body: Type.String({
    description:
      'First 8 KiB of the body. A gzip body is decompressed if the operation reads bodies; any other body is unchanged',
  }),
  body_encoding: optional(
    StringEnum(['base64']),
    'Present if the body is not UTF-8 text; then `body` contains the bytes of the body in base64',
  ),
  status: Nullable(Type.Integer({ description: 'Status of the response; null if no complete response was sent' })),
  fault: Nullable(Type.String({ description: 'Id of the fault that applied to the request' })),
  transitions: Type.Array(Transition, { description: 'Status changes that the request caused' }),
})
/** A received request, the status changes that it caused, and the status of its response. */
export type ReceivedRequest = Static<typeof ReceivedRequest>

/** Schema of a `status` in a query, where every value is a string. */
const StatusInQuery = Type.Unsafe<number>(
  Type.String({ pattern: '^[2-5]\\d\\d$', [expected]: 'an integer from 200 to 599' }),
)
const query = { ...RequestFilter.properties, status: Type.Optional(StatusInQuery) }

/** Converts a filter from a query: `status` to a number, and `since` to a normalized instant. */
const filterOf = ({ status, since, ...rest }: Omit<RequestFilter, 'status'> & { status?: unknown }): RequestFilter => ({
  ...rest,
  ...(status !== undefined && { status: Number(status) }),
  ...(since !== undefined && { since: parseInstant(since) as Instant }),
})

/** Messages about waits that can no longer succeed. */
const ENDED = {
  mock_closed: 'the mock was closed, so no matching request can arrive: wait for requests before you close the mock',
  sandbox_dropped: 'the sandbox was dropped, so no matching request can arrive: end all waits before you drop it',
}

const MAX_WAIT_MS = 5 * 60 * 1000

export const requestVerbs = {
  list_requests: verb(
    'GET /requests',
    'List received requests, oldest first',
    { query: Closed(query), response: Type.Array(ReceivedRequest) },
    ({ sandbox, query: filter }) => sandbox.journal.list(filterOf(filter)).map(receivedRequest),
  ),

  wait_for_request: verb(
    'GET /requests/wait',
    'Wait for a matching request; the response is an array with this request, or an empty array after the timeout',
    {
      query: Closed({ ...query, timeout: optional(Duration, 'Time limit in real time, at most 5m. Default: 5s') }),
      response: Type.Array(ReceivedRequest),
      errors: ['wait_too_long', 'sandbox_dropped', 'mock_closed'],
    },
    async ({ sandbox, disconnected, query: { timeout = '5s', ...filter } }) => {
      const ms = parseDuration(timeout) as number
      if (ms > MAX_WAIT_MS)
        throw new ControlError(
          'wait_too_long',
          `timeout: found ${timeout}, expected at most 5m; use a shorter timeout and wait again`,
        )
      // A sandbox with a waiting client is not idle and must not be evicted.
      sandbox.inFlight++
      const found = await sandbox.journal.waitFor(filterOf(filter), ms, disconnected)
      sandbox.inFlight--
      if (typeof found === 'object') return [receivedRequest(found)]
      if (found === 'mock_closed' || found === 'sandbox_dropped') throw new ControlError(found, ENDED[found])
      return []
    },
    true,
  ),
}

export const requests = {
  list: method(requestVerbs.list_requests, (filter: RequestFilter = {}) => ({
    query: checkArgument(RequestFilter, filter),
  })),
}
