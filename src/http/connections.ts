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

/** What is known of a connection. */
interface Known {
  latest: ServerResponse
  /** Answers that wait for their turn, behind those to earlier requests. */
  queue?: Set<ServerResponse>
}

const known = new WeakMap<Socket, Known>()

/** The answer to the last request of a connection, sent or not. */
export const latestAnswerOn = (socket: Socket): ServerResponse | undefined => known.get(socket)?.latest

/**
 * Takes note of an answer that a connection is to get. While it waits for its turn there it is told of the connection's
 * end: Node tells only the one that is being sent.
 */
export function noteAnswer(socket: Socket, answer: ServerResponse): void {
  const connection = known.get(socket)
  if (connection) connection.latest = answer
  else known.set(socket, { latest: answer })
  if (!answer.socket) enqueue(socket, answer)
}

function enqueue(socket: Socket, answer: ServerResponse): void {
  const connection = known.get(socket) as Known
  if (!connection.queue) socket.once('close', () => connection.queue?.forEach((waiting) => waiting.emit('close')))
  const queue = (connection.queue ??= new Set())
  queue.add(answer)
  answer.once('socket', () => queue.delete(answer))
}
