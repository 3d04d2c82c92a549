import { type Instant, parseInstant } from '../time/instant.js'
import type { Entry, EntryFilter } from '../state/journal.js'
import type { ReceivedRequest, RequestFilter } from './shapes.js'

/** What may hold a credential, by its name. */
const isSecret = (name: string) =>
  /key|token|secret|passw|auth|cookie|signature|^sig$/i.test(name) && !/^idempotency-key$/i.test(name)
const REDACTED = '[redacted]'

/** An entry of the journal as it is told: without credentials. */
export function receivedRequest(entry: Entry): ReceivedRequest {
  const { target, rawHeaders, transitions, ...rest } = entry
  const [path, ...query] = target.split('?')
  const parameters = [...new URLSearchParams(query.join('?'))].map(([name, value]) => [
    name,
    isSecret(name) ? REDACTED : value,
  ])
  const { id, at, operation, pipeline_id, method, body, status, fault } = rest
  return {
    ...{ id, at, operation, pipeline_id, method, path: path as string, query: Object.fromEntries(parameters) },
    ...{ headers: headersOf(rawHeaders), body: textOf(body), status, fault, transitions: [...transitions] },
  }
}

/** A character that was cut in its middle is left out. */
const textOf = (body: Buffer) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(body, { stream: true })

/** The address of the page before may have credentials in its query. */
const withoutQuery = (name: string, value: string) =>
  name === 'referer' ? value.replace(/\?.*/, `?${REDACTED}`) : value

/** Headers by their lower-case names; the values of repeated ones in a row. */
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

/** A filter as it came in a query. */
export const filterFrom = ({
  status,
  since,
  ...rest
}: Omit<RequestFilter, 'status'> & { status?: string }): EntryFilter => ({
  ...rest,
  ...(status !== undefined && { status: Number(status) }),
  ...(since !== undefined && { since: parseInstant(since) as Instant }),
})
