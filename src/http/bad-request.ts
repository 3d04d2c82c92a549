import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ConnectionError, FastifyBaseLogger } from 'fastify'
import { clearTimeout, setTimeout } from '../time/timers.js'

const RESPONSES: Record<string, { status: string; detail: string }> = {
  HPE_HEADER_OVERFLOW: {
    status: '431 Request Header Fields Too Large',
    detail: 'The request line and the headers together are larger than 64 KiB',
  },
  ERR_HTTP_REQUEST_TIMEOUT: { status: '408 Request Timeout', detail: 'The request did not arrive in time' },
}

/**
 * Maximum time for which incoming bytes are read and discarded after the response. If the mock closed the socket at
 * once, bytes that are still on their way would reset the connection, and the client could lose the response.
 */
const LINGER_MS = 1000

/**
 * The sockets on which an error must wait until an earlier response has been sent. Meanwhile, Node reports another
 * error for each further chunk of the invalid request. These further errors are ignored.
 */
const waiting = new WeakSet<Socket>()

interface Context {
  /**
   * The response to the latest request on the connection. This response may already have been sent. Undefined before
   * the first request.
   */
  readonly last: ServerResponse | undefined
  readonly correlationId: string
  readonly logger: FastifyBaseLogger | undefined
}

/** Responds to a CONNECT request with a 404. By default, Node would close the connection without a response. */
export function respondToConnect(
  { method, url: path }: IncomingMessage,
  socket: Duplex,
  { correlationId, logger }: Omit<Context, 'last'>,
): void {
  logger?.info({ correlation_id: correlationId, method, path, status: 404, duration_ms: 0 }, 'request completed')
  writeResponse(socket, '404 Not Found', 'Not Found', correlationId)
}

/**
 * Handles an error that Node reports for a connection. If a request is invalid, arrives too slowly, or has a request
 * line and headers that are too large, sends a response in FastAPI's form. The responses to earlier requests on the
 * connection are sent first.
 */
export function respondToBadRequest(error: ConnectionError, socket: Socket, context: Context): void {
  const { last, correlationId, logger } = context
  const retryOn = (event: 'finish' | 'socket') => {
    if (waiting.has(socket)) return
    waiting.add(socket)
    last?.once(event, () => {
      waiting.delete(socket)
      respondToBadRequest(error, socket, context)
    })
  }
  switch (classify(error, socket, last)) {
    case 'reset':
      return void socket.destroy()
    case 'ended':
      return
    case 'sending':
      return retryOn('finish')
    case 'queued':
      return retryOn('socket')
    case 'ignored':
      return socket.destroySoon()
    case 'bad request': {
      const { status, detail } = RESPONSES[error.code] ?? {
        status: '400 Bad Request',
        detail: `Invalid HTTP request: ${error.message}`,
      }
      const fields = { correlation_id: correlationId, status: Number.parseInt(status), err: error.message }
      logger?.info(fields, 'invalid HTTP request')
      writeResponse(socket, status, detail, correlationId)
    }
  }
}

/**
 * Classifies an error that Node reports for a connection. `sending` and `queued` mean that the latest response must
 * be sent first. Bytes after a request with `connection: close` are ignored. An invalid body is ignored if the
 * response to its request has already been sent: most operations respond before the body has arrived.
 */
function classify({ code }: ConnectionError, socket: Socket, last: ServerResponse | undefined) {
  if (code === 'ECONNRESET') return 'reset'
  if (!socket.writable) return 'ended'
  const isArriving = last !== undefined && !last.req.complete
  if (last && !last.writableFinished) {
    if (!isArriving || last.headersSent) return 'sending'
    if (!last.socket) return 'queued'
  }
  return code === 'HPE_CLOSED_CONNECTION' || (isArriving && last.headersSent) ? 'ignored' : 'bad request'
}

/** Writes a response to a socket and closes the connection. */
function writeResponse(socket: Duplex, status: string, detail: string, correlationId: string): void {
  const body = JSON.stringify({ detail })
  const head = [
    `HTTP/1.1 ${status}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-correlation-id: ${correlationId}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
  const linger = setTimeout(() => socket.destroy(), LINGER_MS)
  socket.once('close', () => clearTimeout(linger))
}
