import type { IncomingMessage, ServerResponse } from 'node:http'
import { createGunzip } from 'node:zlib'
import { type Memory, MemoryError, Reservation } from '../state/memory.js'
import { inNextTurn } from '../time/timers.js'
import { whenOver } from './connections.js'

/**
 * Thrown if a body cannot be read. `reason` is `too_large` if the body is larger than the limit, and `unreadable` if
 * the body is incomplete or not valid gzip.
 */
export class BodyError extends Error {
  constructor(readonly reason: 'too_large' | 'unreadable') {
    super(`cannot read the body: ${reason}`)
  }
}

export const hasBody = ({ headers }: IncomingMessage): boolean =>
  (headers['content-length'] ?? '0') !== '0' || headers['transfer-encoding'] !== undefined

export const isGzip = ({ headers }: IncomingMessage): boolean =>
  headers['content-encoding']?.trim().toLowerCase() === 'gzip'

/** Returns an empty reservation for the body of a request. The reservation is closed when the response is over. */
export function reservationFor(response: ServerResponse, memory: Memory): Reservation {
  const reserved = new Reservation(memory, 'bodies')
  whenOver(response, () => reserved.close())
  return reserved
}

/**
 * Parsing a body needs at most this many times the memory of the body (estimated). During the parsing, this memory is
 * reserved in addition to the memory of the body.
 */
const PARSING_FACTOR = 7

/** Reserves memory for parsing a body. @throws MemoryError if there is not enough memory left. */
export const reserveParsing = (memory: Reservation) => memory.require(memory.bytes * PARSING_FACTOR)

/** Length of a text above which each step of its processing has a turn of its own. */
const LONG_TEXT = 1024 * 1024

/**
 * Resolves with a value: in the next turn if the text is long, so that other requests can run before, and otherwise
 * in this turn. If a client has closed its side of the connection, Node.js closes the other side in the next turn, and
 * the client does not receive a later response.
 */
export const inNextTurnIfLong = async <T>(value: T, text = ''): Promise<T> =>
  text.length > LONG_TEXT ? inNextTurn(value) : value

interface BodyOptions {
  /** The memory of the body. The caller releases this memory. */
  readonly memory: Reservation
  /** Maximum size in bytes, after decompression. */
  readonly limit: number
  /** Whether to reject a body before it arrives if the header `content-length` is above the limit. Default: false. */
  readonly trustLength?: boolean
  /** Whether the body is compressed with gzip. Default: false. */
  readonly unpack?: boolean
}

/**
 * Reads the body of a request. If the body is rejected, reads and discards the rest of the body: if the mock closed the
 * connection while the client sends the body, the client could lose the response.
 * @throws BodyError if the body cannot be read. MemoryError if there is no memory left for the body.
 */
export const readBody = (request: IncomingMessage, { memory, limit, trustLength, unpack }: BodyOptions) =>
  new Promise<Buffer>((resolve, reject) => {
    const gunzip = unpack ? createGunzip() : undefined
    const chunks: Buffer[] = []
    let length = 0
    const fail = (error: Error) => {
      reject(error)
      chunks.length = 0
      gunzip?.destroy()
      request.resume()
    }
    if (trustLength && Number(request.headers['content-length']) > limit) return fail(new BodyError('too_large'))
    const body = gunzip ? request.pipe(gunzip) : request
    body.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > limit) return fail(new BodyError('too_large'))
      if (!memory.add(chunk.length)) return fail(new MemoryError(memory.limit))
      chunks.push(chunk)
    })
    // Releases the chunks at once: the request refers to this function until its response has been sent.
    body.on('end', () => resolve(Buffer.concat(chunks.splice(0))))
    const failUnreadable = () => fail(new BodyError('unreadable'))
    body.on('error', failUnreadable)
    if (gunzip) request.on('error', failUnreadable)
  })
