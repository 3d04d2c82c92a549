import { type OutgoingHttpHeaders, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { text } from 'node:stream/consumers'

export interface ReceivedResponse {
  readonly status: number
  readonly body: string
}

interface Message {
  readonly method: string
  readonly headers: OutgoingHttpHeaders
  readonly body: string | undefined
}

/**
 * Returns the reason for a failed request. If several addresses of a host fail, the error has a code but no message.
 */
export const reasonOf = ({ message, code }: NodeJS.ErrnoException) => message || code

/**
 * Sends a request with the HTTP client of Node.js. Rejects with the error of the HTTP client if no complete response
 * arrives. `fetch` is not used: jsdom has no `fetch`, and the `fetch` of happy-dom applies the same-origin policy.
 */
export async function exchange(target: string, message: Message): Promise<ReceivedResponse> {
  const { method, headers, body } = message
  const request = target.startsWith('https:') ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const sent = request(target, { method, headers }, (response) => {
      text(response).then((content) => resolve({ status: Number(response.statusCode), body: content }), reject)
    })
    sent.on('error', (error: NodeJS.ErrnoException) => {
      // The server may close an idle connection at the same time as the client reuses the connection.
      if (sent.reusedSocket && error.code === 'ECONNRESET') resolve(exchange(target, message))
      else reject(error)
    })
    sent.end(body)
  })
}
