import { TextDecoder } from 'node:util'
import { isSecret, REDACTED, redactUrls } from '../http/redact.js'
import { type Entry, MAX_BODY_BYTES } from '../state/journal.js'
import type { ReceivedRequest } from './verbs/requests.js'

/** Returns the value of a header or parameter with credentials redacted. */
const redacted = (name: string, value: string) => (isSecret(name) ? REDACTED : redactUrls(value))

/** Returns an entry of the journal in the form of the control API, with credentials redacted. */
export function receivedRequest(entry: Entry): ReceivedRequest {
  const { id, at, operation, pipeline_id, method, target, rawHeaders, body, status, fault, transitions } = entry
  const [path = '', ...query] = target.split('?')
  const parameters = [...new URLSearchParams(query.join('?'))].map(([name, value]) => [name, redacted(name, value)])
  return {
    ...{ id, at, operation, pipeline_id: pipeline_id && redactUrls(pipeline_id), method, path: redactUrls(path) },
    ...{ query: Object.fromEntries(parameters) as Record<string, string>, headers: headersOf(rawHeaders) },
    ...{ ...bodyOf(body), status, fault, transitions: transitions.map((one) => ({ ...one })) },
  }
}

/** Decodes the recorded start of a body as UTF-8. Encodes bytes that are not UTF-8 in base64. */
function bodyOf(body: Buffer): Pick<ReceivedRequest, 'body' | 'body_encoding'> {
  // The recorded part of a longer body may end within a character. The option `stream` omits this character.
  const stream = body.length === MAX_BODY_BYTES
  try {
    return { body: new TextDecoder('utf-8', { ignoreBOM: true, fatal: true }).decode(body, { stream }) }
  } catch {
    return { body: body.toString('base64'), body_encoding: 'base64' }
  }
}

/** Redacts the whole query in a Referer header, because its parameters may have any names. */
const redactReferer = (value: string) => value.replace(/(\?|%3f).*/i, `$1${REDACTED}`)

/** Returns redacted headers by lower-case name. The values of a repeated header are joined with commas. */
function headersOf(rawHeaders: readonly string[]): Record<string, string> {
  const headers = new Map<string, string>()
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase()
    const shown = redacted(name, rawHeaders[i + 1] as string)
    const value = name === 'referer' ? redactReferer(shown) : shown
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return Object.fromEntries(headers)
}
