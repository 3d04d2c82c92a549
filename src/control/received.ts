import { TextDecoder } from 'node:util'
import { type Entry, MAX_BODY_BYTES } from '../state/journal.js'
import type { ReceivedRequest } from './verbs/requests.js'

/** Returns whether the name of a header or parameter suggests that its value is a credential. */
const isSecret = (name: string) =>
  /key|token|secret|passw|auth|cookie|signature|^sig$/i.test(name) && !/^idempotency-key$/i.test(name)
const REDACTED = '[redacted]'

/** Returns an entry of the journal in the form of the control API, with credentials redacted. */
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
    ...{
      headers: headersOf(rawHeaders),
      ...bodyOf(body),
      status,
      fault,
      transitions: transitions.map((one) => ({ ...one })),
    },
  }
}

/** Decodes the recorded start of a body as UTF-8. Encodes bytes that are not UTF-8 in base64. */
function bodyOf(body: Buffer): Pick<ReceivedRequest, 'body' | 'body_encoding'> {
  // A longer body may be cut off within a character. The option `stream` omits this character.
  const stream = body.length === MAX_BODY_BYTES
  try {
    return { body: new TextDecoder('utf-8', { ignoreBOM: true, fatal: true }).decode(body, { stream }) }
  } catch {
    return { body: body.toString('base64'), body_encoding: 'base64' }
  }
}

/** Redacts the query in a Referer header, because it may contain credentials. */
const redactReferer = (name: string, value: string) =>
  name === 'referer' ? value.replace(/\?.*/, `?${REDACTED}`) : value

/** Returns redacted headers by lower-case name. The values of a repeated header are joined with commas. */
function headersOf(rawHeaders: readonly string[]): Record<string, string> {
  const headers = new Map<string, string>()
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase()
    const value = isSecret(name) ? REDACTED : redactReferer(name, rawHeaders[i + 1] as string)
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return Object.fromEntries(headers)
}
