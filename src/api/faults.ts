import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { OperationShape } from '../contract/index.js'
import { whenOver } from '../http/connections.js'
import type { ErrorResponse } from '../http/error.js'
import { type Fault, type HoldEnd, Hold } from '../state/faults.js'
import { parseDuration } from '../time/duration.js'
import { inNextTurn, setImmediate } from '../time/timers.js'
import { plannedError } from './errors.js'
import type { RequestRecord } from './request.js'
import { documented422 } from './resources.js'

/** The body of a response, whole or in encoded pieces. */
type Body = string | readonly Buffer[]

/**
 * Sends a response. If `body` is undefined, the response has no content. If the request has a fault that acts after the
 * operation, applies the fault: holds or truncates the response, or closes the connection. Therefore all responses of
 * the mocked API must be sent with this function.
 */
export function respond(reply: FastifyReply, status: number, body: Body | undefined): void {
  reply.code(status)
  // Only a request to an operation has the property `record`.
  const { fault } = (reply.request.record as RequestRecord | undefined) ?? {}
  const { disconnect, hold, truncate } = fault?.plan ?? {}
  if (fault && hold === 'after')
    void waitFor(fault, reply.raw).then((end) => (end === 'released' ? send(reply, body) : reply.raw.destroy()))
  else if (disconnect === 'after') reply.raw.destroy()
  else if (truncate !== undefined) sendStart(reply, body, truncate)
  else send(reply, body)
}

/**
 * Minimum length of a large body. The function `respond` encodes a large body in a separate turn of the event loop, so
 * that other requests wait less. Node.js itself would copy a long string before the encoding.
 */
const LARGE_RESPONSE = 100_000

/** Sends a response like `respond`. Encodes the pieces above `LARGE_RESPONSE` in turns of their own. */
export async function respondInPieces(reply: FastifyReply, status: number, pieces: Iterable<string>): Promise<void> {
  const body: Buffer[] = []
  let length = 0
  for (const piece of pieces) {
    if (length > LARGE_RESPONSE) await inNextTurn(undefined)
    length += piece.length
    body.push(Buffer.from(piece))
  }
  respond(reply, status, body)
}

function send(reply: FastifyReply, body: Body | undefined): void {
  if (typeof body === 'object') {
    const raw = writeHead(reply, lengthOf(body))
    for (const piece of body) raw.write(piece)
    raw.end()
  } else if (body !== undefined && body.length > LARGE_RESPONSE) setImmediate(() => void reply.send(Buffer.from(body)))
  else reply.send(body)
}

export const respondWithError = (reply: FastifyReply, { status, body }: ErrorResponse) =>
  respond(reply, status, JSON.stringify(body))

/** Sends all headers of a response but only the first `length` bytes of its body, then closes the connection. */
function sendStart(reply: FastifyReply, body: Body | undefined, length: number): void {
  const bytes = typeof body === 'object' ? Buffer.concat(body) : Buffer.from(body ?? '')
  const raw = writeHead(reply, body === undefined ? undefined : bytes.length)
  raw.flushHeaders()
  raw.write(bytes.subarray(0, length), () => raw.destroy())
}

/** Writes the status and the headers of a response whose body is not sent by Fastify. */
function writeHead(reply: FastifyReply, length: number | undefined): ServerResponse {
  const { raw } = reply.hijack()
  const headers = reply.getHeaders() as OutgoingHttpHeaders
  return raw.writeHead(raw.statusCode, length === undefined ? headers : { ...headers, 'content-length': length })
}

const lengthOf = (pieces: readonly Buffer[]) => pieces.reduce((sum, { length }) => sum + length, 0)

/**
 * Applies a fault before the operation runs. Calls `proceed` to run the operation, unless the fault itself sends a
 * response or closes the connection.
 */
export function applyFault(fault: Fault, shape: OperationShape, reply: FastifyReply, proceed: () => void): void {
  const { respond: planned, delay, disconnect, hang, hold } = fault.plan
  if (planned) {
    const { status, body, headers = {} } = planned
    const hasDefault = body === undefined && status >= 400
    if (body === undefined && !hasDefault) reply.removeHeader('content-type')
    for (const [name, value] of Object.entries(headers)) reply.header(name.toLowerCase(), value)
    if (hasDefault) return respondWithError(reply, status === 422 ? documented422(shape) : plannedError(status))
    return respond(reply, status, typeof body === 'string' ? body : JSON.stringify(body))
  }
  const cutOff = () => void reply.raw.destroy()
  if (disconnect === 'before') return cutOff()
  const ms = delay === undefined ? undefined : parseDuration(delay)
  if (!hang && hold !== 'before' && ms === undefined) return proceed()
  void waitFor(fault, reply.raw, ms).then((end) => (end === 'released' && !hang ? proceed() : cutOff()))
}

/**
 * Holds a request until its fault is released or removed, its client disconnects, or `ms` milliseconds have passed.
 * Without `ms`, there is no time limit.
 */
const waitFor = (fault: Fault, response: ServerResponse, ms?: number) =>
  new Promise<HoldEnd>((resolve) => {
    const hold = new Hold(fault, ms, resolve)
    whenOver(response, () => hold.end('aborted'))
  })
