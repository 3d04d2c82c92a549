import type { Entry } from '../state/journal.js'
import type { ReceivedRequest } from './verbs/requests.js'

/** Whether a header or parameter of that name may hold a credential. */
const isSecret = (name: string) =>
  /key|token|secret|passw|auth|cookie|signature|^sig$/i.test(name) && !/^idempotency-key$/i.test(name)
const REDACTED = '[redacted]'

/** An entry of the journal as it is shown: without credentials. */
export function receivedRequest(entry: Entry): ReceivedRequest {
  const { target, rawHeaders, transitions, ...rest } = entry
  const [path, ...query] = target.split('?')
  const parameters = [...new URLSearchParams(query.join('?'))].map(([name, value]): [string, string] => [
    name,
    isSecret(name) ? REDACTED : value,
  ])
  const { id, at, operation, pipeline_id, method, body, status, fault } = rest
  const shown: Record<string, string> = Object.fromEntries(parameters)
  return {
    ...{ id, at, operation, pipeline_id, method, path: path as string, query: shown },
    ...{ headers: headersOf(rawHeaders), body: textOf(body), status, fault, transitions: [...transitions] },
  }
}

/** Decodes the start of a body; a character that is cut off is left out. */
const textOf = (body: Buffer) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(body, { stream: true })

/** The address of the previous page may have credentials in its query. */
const withoutQuery = (name: string, value: string) =>
  name === 'referer' ? value.replace(/\?.*/, `?${REDACTED}`) : value

/** Headers by their lower-case names; the values of a repeated header are joined. */
function headersOf(rawHeaders: readonly string[]): Record<string, string> {
  const headers = new Map<string, string>()
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase()
    const value = isSecret(name) ? REDACTED : withoutQuery(name, rawHeaders[i + 1] as string)
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return Object.fromEntries(headers)
}
