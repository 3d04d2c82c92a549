// Sends and reads HTTP as bytes on a socket, for tests that need control of every byte.
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { within } from './until.js'

/** Returns the text of an HTTP request. */
export function requestText(method: string, path: string, body = '', headers: Record<string, string> = {}): string {
  const lines = Object.entries({ host: 'mock', 'content-type': 'application/json', ...headers })
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return `${method} ${path} HTTP/1.1\r\n${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

/** Encodes a string in Latin-1, as one byte for each character. Returns a Buffer unchanged. */
export const bytesOf = (part: string | Buffer): Buffer =>
  typeof part === 'string' ? Buffer.from(part, 'latin1') : part

export interface RawResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * Parses the complete responses at the start of `bytes`. `responses` has all of these responses except 100 Continue.
 * `rest` has the bytes after the last complete response.
 */
export function readResponses(bytes: Buffer): { responses: RawResponse[]; rest: Buffer } {
  const responses: RawResponse[] = []
  let rest = bytes
  for (;;) {
    const end = rest.indexOf('\r\n\r\n')
    if (end === -1 || rest.toString('latin1', 0, 5) !== 'HTTP/') break
    const [first = '', ...lines] = rest.toString('latin1', 0, end).split('\r\n')
    const headers = Object.fromEntries(lines.map(nameAndValue))
    const length = Number(headers['content-length'] ?? 0)
    if (rest.length < end + 4 + length) break
    const status = Number(first.split(' ')[1])
    const body = rest.toString('utf8', end + 4, end + 4 + length)
    rest = rest.subarray(end + 4 + length)
    if (status !== 100) responses.push({ status, headers, body })
  }
  return { responses, rest }
}

function nameAndValue(line: string): [name: string, value: string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
}

/** Sends bytes on a new connection, and returns the text that arrives until the server closes the connection. */
export function sendBytes(port: number, bytes: string | Buffer, host = '127.0.0.1'): Promise<string> {
  const socket = connect(port, host, () => socket.write(bytes))
  return within('the server to close the connection', text(socket)).finally(() => socket.destroy())
}

export interface ExchangeOptions {
  /**
   * After the first byte from the server, we close our side of the connection as soon as no further byte arrives for
   * this time.
   */
  readonly quietMs?: number
  /** After this time since the start, we close our side in any case. */
  readonly limitMs?: number
  /** The pause between two parts. */
  readonly betweenMs?: number
  /** Whether to close our side as soon as all parts are sent. */
  readonly endAtOnce?: boolean
}

export interface Exchange {
  readonly responses: RawResponse[]
  readonly rest: Buffer
  /**
   * The party that closed the connection: `server`, `server, after us` if we had closed our side before, or `nobody`
   * if the server kept the connection open. If the connection failed, the error code.
   */
  readonly by: string
  /** Whether we closed our side before the server closed its side. */
  readonly waited: boolean
}

/** Time limit for the server to close a connection after we have closed our side. */
const GRACE_MS = 10_000

/**
 * Writes parts to a new connection, and reads until the server closes the connection. The options determine when
 * we close our side of the connection. After that, still reads for at most `GRACE_MS`.
 */
export function exchange(
  port: number,
  parts: readonly (string | Buffer)[],
  { quietMs = 60, limitMs = 1500, betweenMs = 0, endAtOnce = false }: ExchangeOptions = {},
): Promise<Exchange> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let [by, ended] = ['', false]
    let timer: NodeJS.Timeout | undefined
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    const finish = () => {
      clearTimeout(timer)
      clearTimeout(limit)
      socket.destroy()
      resolve({ ...readResponses(Buffer.concat(chunks)), by: by || 'nobody', waited: ended })
    }
    const endOurs = () => {
      if (ended) return
      ended = true
      socket.end()
      timer = setTimeout(finish, GRACE_MS)
    }
    const limit = setTimeout(endOurs, limitMs)
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      if (ended) return
      clearTimeout(timer)
      timer = setTimeout(endOurs, quietMs)
    })
    socket.on('end', () => {
      by ||= ended ? 'server, after us' : 'server'
      finish()
    })
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      by ||= String(code)
    })
    socket.on('close', finish)
    const write = async () => {
      for (const part of parts) {
        if (socket.destroyed) return
        socket.write(bytesOf(part))
        if (betweenMs > 0) await new Promise((resume) => setTimeout(resume, betweenMs))
      }
      if (endAtOnce) endOurs()
    }
    socket.on('connect', () => void write())
  })
}

/** A keep-alive connection that pipelines requests, and counts the responses by their status. */
export class PipelinedConnection {
  readonly statuses = new Map<string, number>()
  readonly #socket: Socket
  #rest = ''
  #pending = 0
  #done: (error?: Error) => void = () => undefined

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true }).setEncoding('latin1')
    this.#socket.on('data', (text: string) => this.#read(text))
    this.#socket.on('error', () => undefined)
    this.#socket.on('close', () => this.#done(new Error('the server closed the connection')))
  }

  /**
   * Sends all requests at once, and resolves when each request has a response. Rejects if the server closes the
   * connection, and at the time limit.
   */
  send(texts: readonly string[]): Promise<void> {
    this.#pending = texts.length
    const responses = new Promise<void>((resolve, reject) => {
      this.#done = (error) => (error ? reject(error) : resolve())
      this.#socket.write(texts.join(''))
    })
    return within(`the responses to ${texts.length} requests`, responses)
  }

  close(): void {
    this.#done = () => undefined
    this.#socket.destroy()
  }

  #read(text: string): void {
    this.#rest += text
    let at = 0
    for (;;) {
      const end = this.#rest.indexOf('\r\n\r\n', at)
      if (end === -1) break
      const head = this.#rest.slice(at, end)
      const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
      if (this.#rest.length < end + 4 + length) break
      const status = head.slice(9, 12)
      this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
      at = end + 4 + length
      this.#pending--
    }
    this.#rest = this.#rest.slice(at)
    if (this.#pending === 0) this.#done()
  }
}
