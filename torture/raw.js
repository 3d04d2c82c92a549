import { connect } from 'node:net'
import { Buffer, clearTimeout, setTimeout } from './globals.js'

/** Bytes of text as they are written, each character one byte. */
export const bytesOf = (part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)

/** Reads answers out of bytes: those that are complete, and what is left. */
export function readAnswers(bytes) {
  const answers = []
  let rest = bytes
  for (;;) {
    const end = rest.indexOf('\r\n\r\n')
    if (end === -1 || !rest.subarray(0, 5).equals(Buffer.from('HTTP/'))) break
    const [first, ...lines] = rest.subarray(0, end).toString('latin1').split('\r\n')
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), valueIn(line)]),
    )
    const length = Number(headers['content-length'] ?? 0)
    const body = rest.subarray(end + 4, end + 4 + length)
    if (body.length < length) break
    const status = Number(first.split(' ')[1])
    answers.push({ status, headers, body: body.toString('utf8') })
    rest = rest.subarray(end + 4 + length)
    if (status === 100) answers.pop()
  }
  return { answers, rest }
}

const valueIn = (line) => line.slice(line.indexOf(':') + 1).trim()

/**
 * Writes parts to a connection, and reads until it is closed, until nothing came for a while after an answer, or for too
 * long. Then our side is closed too, as someone does who has nothing more to say, and what comes yet is read.
 */
export function exchange(port, parts, { quietMs = 60, limitMs = 1500, betweenMs = 0, endAtOnce = false } = {}) {
  return new Promise((resolve) => {
    const chunks = []
    let [by, ended, timer] = ['', false, undefined]
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    const finish = () => {
      clearTimeout(timer)
      clearTimeout(limit)
      socket.destroy()
      resolve({ ...readAnswers(Buffer.concat(chunks)), by: by || 'nobody', waited: ended })
    }
    const endOurs = () => {
      if (ended) return
      ended = true
      socket.end()
      timer = setTimeout(finish, 1000)
    }
    const limit = setTimeout(endOurs, limitMs)
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      if (ended) return
      clearTimeout(timer)
      timer = setTimeout(endOurs, quietMs)
    })
    socket.on('end', () => {
      by ||= ended ? 'mock, after us' : 'mock'
      finish()
    })
    socket.on('error', ({ code }) => {
      by ||= code
    })
    socket.on('close', finish)
    socket.on('connect', async () => {
      for (const part of parts) {
        if (socket.destroyed) return
        socket.write(bytesOf(part))
        if (betweenMs > 0) await new Promise((resume) => setTimeout(resume, betweenMs))
      }
      if (endAtOnce) {
        ended = true
        socket.end()
        timer = setTimeout(finish, 2000)
      }
    })
  })
}

const EMPTY = new Set([204, 304, 307])

/** What is wrong with the form of an answer: each has to be JSON, errors with a detail. */
export function misform({ status, headers, body }) {
  if (EMPTY.has(status)) return []
  const type = headers['content-type'] ?? 'no type'
  if (!/^application\/(problem\+)?json$/.test(type)) return [`${status} is ${type}: ${body.slice(0, 80)}`]
  try {
    const { detail } = JSON.parse(body)
    return status < 400 || detail !== undefined ? [] : [`${status} has no detail: ${body.slice(0, 80)}`]
  } catch {
    return [`${status} is no JSON: ${body.slice(0, 80)}`]
  }
}

/** A whole request as text. */
export function textOf(method, path, body = '', headers = {}) {
  const lines = Object.entries({ host: 'mock', 'content-type': 'application/json', ...headers })
  const length = Buffer.byteLength(body)
  return `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}content-length: ${length}\r\n\r\n${body}`
}

/** A keep-alive connection that sends without waiting, and counts the answers by their status. */
export class Pipe {
  statuses = new Map()
  #socket
  #rest = ''
  #left = 0
  #done = () => undefined

  constructor(port) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true }).setEncoding('latin1')
    this.#socket.on('data', (text) => this.#read(text))
    this.#socket.on('error', () => undefined)
    this.#socket.on('close', () => this.#done(new Error('the mock closed a connection')))
  }

  /** Resolves when all are answered. */
  send(texts) {
    this.#left = texts.length
    return new Promise((resolve, reject) => {
      this.#done = (error) => (error ? reject(error) : resolve())
      this.#socket.write(texts.join(''))
    })
  }

  close() {
    this.#done = () => undefined
    this.#socket.destroy()
  }

  #read(text) {
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
