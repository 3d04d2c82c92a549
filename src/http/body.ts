import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { FastifyRequest } from 'fastify'
import { type ErrorResponse, HttpError } from './error.js'

/** The largest body that is read, packed or unpacked. Ours: far above what the official client sends, far below a danger. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024

/** A body as text, and whether its type says that it is JSON. */
export interface Body {
  readonly text: string
  readonly isJson: boolean
}

/** What FastAPI says of a body that it cannot even try to understand (its source: any error but broken JSON). */
export const UNREADABLE: ErrorResponse = { status: 400, body: { detail: 'There was an error parsing the body' } }

/** Ours: the real service's limit is not known. */
export const TOO_LARGE: ErrorResponse = {
  status: 413,
  body: { detail: `The body is larger than ${MAX_BODY_BYTES} bytes` },
}

const unpack = promisify(gunzip)

/** Reads a body that may be packed with gzip, as the official client packs large ones (seen). */
export async function readBody(request: FastifyRequest, payload: IncomingMessage): Promise<Body> {
  const bytes = await collect(payload)
  const packed = request.headers['content-encoding']?.trim().toLowerCase() === 'gzip'
  const plain = packed ? await unpacked(bytes) : bytes
  if (!isUtf8(plain)) throw new HttpError(UNREADABLE)
  return { text: plain.toString('utf8').replace(/^\uFEFF/, ''), isJson: isJson(sentType(request)) }
}

/** What is above the limit is let pass unread: a client that is cut off in the middle would not see the answer. */
const collect = (payload: IncomingMessage) =>
  new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    payload.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= MAX_BODY_BYTES) chunks.push(chunk)
      else reject(new HttpError(TOO_LARGE))
    })
    payload.on('end', () => resolve(Buffer.concat(chunks)))
    payload.on('error', () => reject(new HttpError(UNREADABLE)))
  })

async function unpacked(bytes: Buffer): Promise<Buffer> {
  try {
    return await unpack(bytes, { maxOutputLength: MAX_BODY_BYTES })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw new HttpError(TOO_LARGE)
    throw new HttpError(UNREADABLE)
  }
}

/** The type as it was sent: the parsed headers have lost it, so that Fastify reads every body. */
function sentType({ raw: { rawHeaders } }: FastifyRequest): string {
  const at = rawHeaders.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === 'content-type')
  return at === -1 ? '' : (rawHeaders[at + 1] as string)
}

/** A body of any other type, or of none, is a text to FastAPI (measured). */
const isJson = (type: string) => /^\s*application\/([\w.+-]+\+)?json\s*(;|$)/i.test(type)
