import type { IncomingMessage } from 'node:http'
import { createGunzip } from 'node:zlib'

/** A body that cannot be read: it is above the limit, or it broke off or cannot be unpacked. */
export class BodyError extends Error {
  constructor(readonly reason: 'too_large' | 'unreadable') {
    super(`the body is ${reason}`)
  }
}

export const hasBody = ({ headers }: IncomingMessage): boolean =>
  (headers['content-length'] ?? '0') !== '0' || headers['transfer-encoding'] !== undefined

export const isGzip = ({ headers }: IncomingMessage): boolean =>
  headers['content-encoding']?.trim().toLowerCase() === 'gzip'

interface BodyOptions {
  /** The largest body, in bytes; packed or unpacked. */
  readonly limit: number
  /** Whether a declared length above the limit is rejected before the body arrives. */
  readonly trustLength?: boolean
  /** Whether the body is packed with gzip. */
  readonly unpack?: boolean
  /** Called with each chunk as it is read. */
  readonly onChunk?: (chunk: Buffer) => void
}

/** Reads a body. One above the limit is read to its end: a client that is cut off would not see the response. */
export const readBody = (request: IncomingMessage, { limit, trustLength, unpack, onChunk }: BodyOptions) =>
  new Promise<Buffer>((resolve, reject) => {
    const gunzip = unpack ? createGunzip() : undefined
    const chunks: Buffer[] = []
    let length = 0
    const fail = (reason: BodyError['reason']) => {
      reject(new BodyError(reason))
      chunks.length = 0
      gunzip?.destroy()
      request.resume()
    }
    if (trustLength && Number(request.headers['content-length']) > limit) return fail('too_large')
    const body = gunzip ? request.pipe(gunzip) : request
    body.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > limit) return fail('too_large')
      chunks.push(chunk)
      onChunk?.(chunk)
    })
    body.on('end', () => resolve(Buffer.concat(chunks)))
    body.on('error', () => fail('unreadable'))
    if (gunzip) request.on('error', () => fail('unreadable'))
  })
