import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** The state of a client's connection. */
interface Connection {
  readonly socket: Socket
  latest?: ServerResponse
  /** The responses that are neither sent nor aborted, each with its callback. */
  readonly open: Map<ServerResponse, (() => void) | undefined>
  /** `bytesRead` of the socket when its last response ended. A larger value means that a request is arriving. */
  idleAt: number
  /** Called when no response is pending. Set when the server stops. */
  onIdle?: () => void
}

const connections = new WeakMap<Socket, Connection>()

function connectionOf(socket: Socket): Connection {
  const known = connections.get(socket)
  if (known) return known
  const connection: Connection = { socket, open: new Map(), idleAt: 0 }
  connections.set(socket, connection)
  // When a socket closes, Node emits `close` only on the response that is being sent, not on the queued ones.
  socket.once('close', () => {
    for (const response of connection.open.keys()) end(connection, response)
  })
  return connection
}

/** Records a response as pending on its connection. */
export function trackResponse({ socket }: IncomingMessage, response: ServerResponse): void {
  const connection = connectionOf(socket)
  connection.latest = response
  connection.open.set(response, undefined)
  response.on('close', () => end(connection, response))
}

/** Calls back once, when a response is sent or its connection closes, even if the response is still queued. */
export function whenOver(response: ServerResponse, callback: () => void): void {
  const open = connections.get(response.req.socket)?.open
  const before = open?.get(response)
  open?.set(response, () => {
    before?.()
    callback()
  })
}

/** Returns the response to the last request of a connection. */
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
 * Makes a stopping server close each connection as soon as it is idle. Node itself closes some connections too early:
 * it counts a response as sent once it is buffered, and so cuts off slow clients. It closes others too late: it
 * counts a connection without any request as busy.
 */
export function closeWhenIdle(server: Server): void {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  // `server.close()` calls this method.
  server.closeIdleConnections = () => {
    for (const socket of sockets) {
      const connection = connectionOf(socket)
      connection.onIdle = () => socket.destroySoon()
      if (connection.open.size === 0 && socket.bytesRead === connection.idleAt) connection.onIdle()
    }
  }
}
