import type { ReceivedRequest, RequestFilter } from './shapes.js'

/** How many requests a message lists. */
const SHOWN = 20

/** What a test expects has not come true; the message tells what was received instead. */
export class ExpectationError extends Error {
  override readonly name = 'ExpectationError'

  constructor(
    expectation: string,
    readonly received: readonly ReceivedRequest[],
  ) {
    const lines = received.slice(-SHOWN).map(line)
    const earlier = received.length > SHOWN ? [`… and ${received.length - SHOWN} earlier ones`] : []
    const list = received.length === 0 ? ['no request was received'] : ['received were:', ...earlier, ...lines]
    super([expectation, ...list].join('\n'))
  }
}

function line({ at, method, path, status, operation, fault, transitions }: ReceivedRequest): string {
  const moved = transitions.map(({ kind, from, to }) => `${kind} ${from} → ${to}`)
  const more = [operation ?? 'no operation', ...(fault ? [`met ${fault}`] : []), ...moved]
  return `  ${at} ${method} ${path} ${status ?? 'not answered'} (${more.join(', ')})`
}

/** A filter in words. */
export function told(filter: RequestFilter): string {
  const parts = Object.entries(filter).filter(([, value]) => value !== undefined)
  return parts.length === 0 ? 'at all' : `with ${parts.map(([key, value]) => `${key} ${value}`).join(', ')}`
}
