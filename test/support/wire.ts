// HTTP as bytes on a socket, for requests that no client library would send.
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { within } from './until.js'

/** A whole request. */
export function requestText(method: string, path: string, body = '', headers: Record<string, string> = {}): string {
  const lines = Object.entries({ host: 'mock', 'content-type': 'application/json', ...headers })
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return `${method} ${path} HTTP/1.1\r\n${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

/** The bytes of a string as it is written, one for each character. */
export const bytesOf = (part: string | Buffer): Buffer =>
  typeof part === 'string' ? Buffer.from(part, 'latin1') : part

export interface RawResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Reads the responses that are complete, and returns them with the bytes that are left. */
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

/** Sends bytes on a connection of its own, and returns what comes back until the server closes it. */
export function talk(port: number, bytes: string | Buffer, host = '127.0.0.1'): Promise<string> {
  const socket = connect(port, host, () => socket.write(bytes))
  return within('the server to close the connection', text(socket)).finally(() => socket.destroy())
}

export interface ExchangeOptions {
  /** How long no byte comes before we close our side. */
  readonly quietMs?: number
  /** After how long we close our side in any case. */
  readonly limitMs?: number
  /** The pause between two parts. */
  readonly betweenMs?: number
  /** Whether we close our side as soon as all is sent. */
  readonly endAtOnce?: boolean
}

export interface Exchange {
  readonly responses: RawResponse[]
  readonly rest: Buffer
  /** Who closed the connection, or the code of the error in which it ended. */
  readonly by: string
  /** Whether we were the first to close our side. */
  readonly waited: boolean
}

/** How long a server may take to close a connection behind us. */
const GRACE_MS = 10_000

/**
 * Writes parts to a connection, and reads until the server closes it, until nothing came for a while after a response, or
 * until the limit. Then our side is closed too, and the bytes that still come are read.
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

/** A keep-alive connection that sends many requests at once, and counts the responses by their status. */
export class Pipeline {
  readonly statuses = new Map<string, number>()
  readonly #socket: Socket
  #rest = ''
  #left = 0
  #done: (error?: Error) => void = () => undefined

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true }).setEncoding('latin1')
    this.#socket.on('data', (text: string) => this.#read(text))
    this.#socket.on('error', () => undefined)
    this.#socket.on('close', () => this.#done(new Error('the server closed the connection')))
  }

  /** Resolves when all have a response. */
  send(texts: readonly string[]): Promise<void> {
    this.#left = texts.length
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
      this.#left--
    }
    this.#rest = this.#rest.slice(at)
    if (this.#left === 0) this.#done()
  }
}
