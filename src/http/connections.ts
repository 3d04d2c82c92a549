import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** What is known of a connection. */
interface Connection {
  readonly socket: Socket
  latest?: ServerResponse
  /** The responses that are not over yet, each with the function to call then. */
  readonly open: Map<ServerResponse, (() => void) | undefined>
  /** `bytesRead` of the socket when its last response was over: more means that a request is arriving. */
  idleAt: number
  /** Called when the last response is over, once the server stops. */
  onIdle?: () => void
}

const connections = new WeakMap<Socket, Connection>()

function connectionOf(socket: Socket): Connection {
  const known = connections.get(socket)
  if (known) return known
  const connection: Connection = { socket, open: new Map(), idleAt: 0 }
  connections.set(socket, connection)
  // Node emits `close` on the response that is being sent alone, not on those that wait behind it.
  socket.once('close', () => {
    for (const response of connection.open.keys()) end(connection, response)
  })
  return connection
}

/** Records a response that a connection is to get. */
export function trackResponse({ socket }: IncomingMessage, response: ServerResponse): void {
  const connection = connectionOf(socket)
  connection.latest = response
  connection.open.set(response, undefined)
  response.on('close', () => end(connection, response))
}

/** Calls back once when a response is sent, or its connection is closed; also while it waits behind others. */
export function whenOver(response: ServerResponse, callback: () => void): void {
  const open = connections.get(response.req.socket)?.open
  const before = open?.get(response)
  open?.set(response, () => {
    before?.()
    callback()
  })
}

/** The response to the last request of a connection. */
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
 * Makes a stop of the server close each connection as soon as it is idle. Node closes some too early: it takes a response
 * for sent once it is queued, and cuts off a slow client. And some too late: one that never made a request counts as busy.
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
