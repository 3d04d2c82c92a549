import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { LIMIT_MS } from './until.js'

export interface RequestOptions {
  readonly method?: string
  /** The request target, sent verbatim (`fetch` would normalize it). Default: the path and query of `url`. */
  readonly path?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string | Buffer
  /** Time limit for the request and the whole response. */
  readonly limitMs?: number
}

interface Response {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/**
 * Sends a request on a new connection. Rejects if the connection fails. At the time limit, rejects with an error
 * whose code is TIMEOUT.
 */
export async function send(url: string, options: RequestOptions = {}): Promise<Response> {
  const { method = 'GET', path, headers = {}, body, limitMs = LIMIT_MS } = options
  const { hostname, port, pathname, search } = new URL(url)
  const length = body !== undefined &&
    !('transfer-encoding' in headers) && { 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const sent = request({
      host: hostname.replace(/[[\]]/g, ''),
      port,
      method,
      path: path ?? pathname + search,
      headers: { ...length, ...headers },
      agent: false,
    })
    const timeout = Object.assign(new Error(`no response to ${method} ${url} in ${limitMs} ms`), { code: 'TIMEOUT' })
    const timer = setTimeout(() => sent.destroy(timeout), limitMs)
    sent.on('close', () => clearTimeout(timer))
    sent.on('error', reject)
    sent.on('response', (response) => {
      const { statusCode, headers } = response
      text(response).then((body) => resolve({ status: statusCode as number, headers, body }), reject)
    })
    sent.end(body)
  })
}

/** The response to a request. If the request failed, `status` is the code or the message of the error. */
export type Outcome = Omit<Response, 'status'> & { readonly status: number | string }

/** Sends a request and returns its outcome. Never rejects. */
export const attempt = (url: string, options?: RequestOptions): Promise<Outcome> =>
  send(url, options).catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException
    return { status: code ?? message, headers: {}, body: '' }
  })
