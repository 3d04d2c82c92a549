import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { ConnectionError, FastifyBaseLogger } from 'fastify'

const ANSWERS: Record<string, { status: string; detail: string }> = {
  HPE_HEADER_OVERFLOW: {
    status: '431 Request Header Fields Too Large',
    detail: 'The request line and the headers are larger than 64 KiB',
  },
  ERR_HTTP_REQUEST_TIMEOUT: { status: '408 Request Timeout', detail: 'The request did not arrive in time' },
}

/** For how long what a client still sends is read after the answer: closed earlier, its system may drop the answer. */
const LINGER_MS = 1000

/** Answers a CONNECT: Node would close such connections without a word. */
export const answerConnect = (socket: Socket) => say(socket, '404 Not Found', 'Not Found', [])

interface Circumstances {
  /** To the last request of the connection: tells broken requests from bodies that break, and from noise behind one. */
  readonly last: ServerResponse | undefined
  readonly correlationId: string
  readonly logger: FastifyBaseLogger | undefined
}

/**
 * Answers what is not HTTP, and so never became a request, in the form of the API's own errors: after the answers to the
 * requests before it. A body that breaks matters only to a request that waits for it; most are answered without.
 */
export function answerBrokenRequest(error: ConnectionError, socket: Socket, circumstances: Circumstances): void {
  if (error.code === 'ECONNRESET') return void socket.destroy()
  // It has been told, and there is more of the same.
  if (!socket.writable) return
  const { last, correlationId, logger } = circumstances
  const again = () => answerBrokenRequest(error, socket, circumstances)
  if (last && !last.writableFinished) {
    if (last.req.complete || last.headersSent) return void last.once('finish', again)
    if (!last.socket) return void last.once('socket', again)
  }
  // Its last request has had its answer, and this is noise behind it.
  if (error.code === 'HPE_CLOSED_CONNECTION' || (last?.headersSent && !last.req.complete)) return socket.destroySoon()
  const { status, detail } = ANSWERS[error.code] ?? {
    status: '400 Bad Request',
    detail: `This is not an HTTP request: ${error.message}`,
  }
  logger?.info(
    { correlation_id: correlationId, status: Number.parseInt(status), err: error.message },
    'no HTTP request',
  )
  say(socket, status, detail, [`x-correlation-id: ${correlationId}`])
}

/** Sends an answer, and closes the connection. */
function say(socket: Socket, status: string, detail: string, headers: readonly string[]): void {
  const body = JSON.stringify({ detail })
  const head = [
    `HTTP/1.1 ${status}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    ...headers,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
  const linger = setTimeout(() => socket.destroy(), LINGER_MS)
  socket.once('close', () => clearTimeout(linger))
}
