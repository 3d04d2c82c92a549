import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** The answer that Node is sending on a socket; not documented, but relied upon by others and kept for long. */
type ServerSocket = Socket & { _httpMessage?: ServerResponse | null }

/**
 * Makes a stop close what is idle, and no more. Node by itself closes too much: it takes an answer for sent as soon as
 * it was handed over, and cuts it although a slow client is still reading. And too little: a connection on which
 * nothing was ever said counts as busy.
 */
export function closeOnlyWhatIsIdle(server: Server): void {
  const sockets = new Set<ServerSocket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const closeIdleConnections = server.closeIdleConnections.bind(server)
  server.closeIdleConnections = () => {
    const answers = [...sockets].map(({ _httpMessage }) => _httpMessage)
    const unsent = answers.filter((answer): answer is ServerResponse => answer?.finished === true)
    for (const answer of unsent) answer.finished = false
    closeIdleConnections()
    for (const answer of unsent) answer.finished = true
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
  }
}

/**
 * Tells answers of the end of their connection while they wait there for their turn, behind those to earlier requests:
 * Node tells only the one that is being sent.
 */
export function closeQueuedAnswers(server: Server): void {
  const queues = new WeakMap<Socket, Set<ServerResponse>>()
  const queueOf = (socket: Socket) => {
    const queue = queues.get(socket) ?? new Set<ServerResponse>()
    if (!queues.has(socket)) socket.once('close', () => queue.forEach((answer) => answer.emit('close')))
    queues.set(socket, queue)
    return queue
  }
  server.prependListener('request', ({ socket }, answer) => {
    if (answer.socket) return
    const queue = queueOf(socket).add(answer)
    answer.once('socket', () => queue.delete(answer))
  })
}
