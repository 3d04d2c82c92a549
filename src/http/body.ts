import type { IncomingMessage } from 'node:http'
import { createGunzip } from 'node:zlib'

/**
 * Thrown if a body cannot be read. The reason is `too_large` if the body exceeds the limit, and `unreadable` if it is
 * incomplete or not valid gzip.
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

interface BodyOptions {
  /** Maximum size in bytes, after decompression. */
  readonly limit: number
  /**
   * Whether to reject a request before its body arrives, if the header `content-length` is above the limit. Default:
   * false.
   */
  readonly trustLength?: boolean
  /** Whether to decompress the body with gzip. Default: false. */
  readonly unpack?: boolean
  /** Called with each chunk, after decompression. */
  readonly onChunk?: (chunk: Buffer) => void
}

/**
 * Reads the body of a request. After a rejection, the rest of the body is still read and discarded: if the connection
 * closed while the client is sending the body, the client could lose the response.
 * @throws BodyError
 */
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
