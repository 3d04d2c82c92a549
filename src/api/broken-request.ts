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

/** The answer that is being made on a socket; not documented, but relied upon by others and kept for long. */
type ServerSocket = Socket & { _httpMessage?: ServerResponse | null }

/** The connection is gone, or its last request has had its answer and this is only noise behind it. */
const NOBODY_ASKS = new Set(['ECONNRESET', 'HPE_CLOSED_CONNECTION'])

/** A body that breaks matters only to a request that waits for it; most are answered without. */
const isAnswered = (error: ConnectionError, { _httpMessage: answer }: ServerSocket) =>
  error.code === 'HPE_INVALID_CHUNK_SIZE' && (!answer || answer.headersSent)

/** Answers what is not HTTP, and so never became a request, in the form of the API's own errors. */
export function answerBrokenRequest(
  error: ConnectionError,
  socket: Socket,
  { correlationId, logger }: { correlationId: string; logger: FastifyBaseLogger | undefined },
): void {
  if (!socket.writable || NOBODY_ASKS.has(error.code) || isAnswered(error, socket)) return void socket.destroy()
  const { status, detail } = ANSWERS[error.code] ?? {
    status: '400 Bad Request',
    detail: `This is not an HTTP request: ${error.message}`,
  }
  const body = JSON.stringify({ detail })
  logger?.info(
    { correlation_id: correlationId, status: Number.parseInt(status), err: error.message },
    'no HTTP request',
  )
  const head = [
    `HTTP/1.1 ${status}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-correlation-id: ${correlationId}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
