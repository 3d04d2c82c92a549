import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { Socket } from 'node:net'

interface Connection {
  readonly socket: Socket
  latest?: ServerResponse
  /**
   * The responses that have been neither sent nor aborted. The value of a response is a function to call when the
   * response is sent or aborted.
   */
  readonly open: Map<ServerResponse, (() => void) | undefined>
  /**
   * The `bytesRead` of the socket when the connection last became idle. If the socket has read more bytes since then,
   * a request is arriving.
   */
  idleAt: number
  /** Called when `open` becomes empty. Undefined until the server stops. */
  onIdle?: () => void
}

const connections = new WeakMap<Socket, Connection>()

function connectionOf(socket: Socket): Connection {
  const known = connections.get(socket)
  if (known) return known
  const connection: Connection = { socket, open: new Map(), idleAt: 0 }
  connections.set(socket, connection)
  // When a socket closes, Node emits `close` on the response that is being sent, but not on queued responses.
  socket.once('close', () => {
    for (const response of connection.open.keys()) end(connection, response)
  })
  return connection
}

/** Tracks the response to a request until the response is sent or aborted. */
export function trackResponse({ socket }: IncomingMessage, response: ServerResponse): void {
  const connection = connectionOf(socket)
  connection.latest = response
  connection.open.set(response, undefined)
  response.on('close', () => end(connection, response))
}

/**
 * Calls `callback` once, when the response is sent or its connection closes, even if the response is queued behind
 * other responses.
 */
export function whenOver(response: ServerResponse, callback: () => void): void {
  const { open } = connectionOf(response.req.socket)
  const before = open.get(response)
  open.set(response, () => {
    before?.()
    callback()
  })
}

/**
 * Returns the status of a response that is over, or null if the response has not been sent completely. The response to
 * a request that `inject` sent has no connection. It counts as sent when it has ended.
 */
export const sentStatus = (response: ServerResponse): number | null =>
  response.writableFinished || (response.writableEnded && !(response.req.socket instanceof Socket))
    ? response.statusCode
    : null

/** Returns the response to the latest request on a connection. */
export const latestResponse = (socket: Socket): ServerResponse | undefined => connections.get(socket)?.latest

function end(connection: Connection, response: ServerResponse): void {
  const callback = connection.open.get(response)
  connection.open.delete(response)
  callback?.()
  if (connection.open.size > 0) return
  connection.idleAt = connection.socket.bytesRead
  connection.onIdle?.()
}

/**
 * Makes `server.close()` close each connection as soon as the connection is idle: no response is open, and no request
 * is arriving. Node's own rule has two problems. Node treats a buffered response as sent, so slow clients lose
 * responses. Node treats a new connection without a request as busy, so the connection stays open too long.
 */
export function closeWhenIdle(server: Server): void {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  // Node calls this method in `server.close()`.
  server.closeIdleConnections = () => {
    for (const socket of sockets) {
      const connection = connectionOf(socket)
      connection.onIdle = () => socket.destroySoon()
      if (connection.open.size === 0 && socket.bytesRead === connection.idleAt) connection.onIdle()
    }
  }
}
