import type { RequestFilter, Transition } from '../contract/control.js'
import type { OperationName } from '../contract/index.js'
import type { JournalBudget } from './journal-budget.js'
import { compareInstants, type Instant } from '../time/instant.js'
import { clearTimeout, setTimeout } from '../time/timers.js'

/** Maximum number of journal entries in one sandbox. */
export const MAX_ENTRIES = 1000
/** Maximum number of bytes of a request body in an entry. */
export const MAX_BODY_BYTES = 8 * 1024

export const NO_BODY = Buffer.alloc(0)

/** A received request, the transitions that it caused, and the status of its response. */
export interface Entry {
  /** The correlation id. The response contains this id in the header `x-correlation-id`. */
  readonly id: string
  /** Time of arrival, by the clock of the sandbox. */
  readonly at: Instant
  readonly method: string
  /** Path and query of the request target, as they were sent. The prefix `/_sandbox/<name>` is removed. */
  readonly target: string
  /** The headers as they were sent: each name is followed by its value. */
  readonly rawHeaders: readonly string[]
  readonly operation: OperationName
  /**
   * Id of the pipeline in the path, of the pipeline that contains the element in the path, or of the pipeline that
   * the request created. Null for all other requests.
   */
  pipeline_id: string | null
  /** The first `MAX_BODY_BYTES` bytes of the body. */
  body: Buffer
  /** Status of the response. Null until the response has been sent completely. */
  status: number | null
  /** Id of the fault that applied to the request, or null. */
  fault: string | null
  transitions: readonly Transition[]
  /** Estimated size in bytes. 0 if no journal contains the entry. */
  bytes: number
}

/** Estimated size of an entry without its target, headers, body and transitions, in bytes. */
const SIZE_OF_ENTRY = 600
/** Estimated size of a string in addition to its characters, in bytes. */
const SIZE_OF_STRING = 24
/** Estimated size of a transition, in bytes. */
const SIZE_OF_TRANSITION = 200

const headBytesOf = ({ target, rawHeaders }: Entry) =>
  rawHeaders.reduce((sum, text) => sum + SIZE_OF_STRING + text.length, SIZE_OF_ENTRY + target.length)

/** Returns whether an entry matches a filter. The `since` of the filter must be an Instant. */
export const matches = (entry: Entry, { operation, pipeline_id, status, since }: RequestFilter) =>
  (operation === undefined || entry.operation === operation) &&
  (pipeline_id === undefined || entry.pipeline_id === pipeline_id) &&
  (status === undefined || entry.status === status) &&
  (since === undefined || compareInstants(entry.at, since) >= 0)

/**
 * How a call of `waitFor` ends without a matching request. `disconnected`: the client that called `waitFor` has
 * disconnected. `mock_closed` and `sandbox_dropped`: no request can arrive anymore.
 */
export type WaitEnd = 'timed_out' | 'disconnected' | 'mock_closed' | 'sandbox_dropped'

interface Wait {
  readonly filter: RequestFilter
  readonly end: (how: Entry | WaitEnd) => void
}

/** The most recent requests to a sandbox, at most `MAX_ENTRIES`. */
export class Journal {
  readonly #budget: JournalBudget
  /** A ring buffer. Entries are numbered from 0; the index of an entry is its number modulo `MAX_ENTRIES`. */
  #entries: (Entry | undefined)[] = []
  /** Number of the oldest entry. */
  #oldest = 0
  /** Number of the next entry. */
  #next = 0
  #waits: Set<Wait> | undefined
  /** The result of a later wait for which no entry matches. Undefined until `endWaits` is called. */
  #ended: WaitEnd | undefined

  constructor(budget: JournalBudget) {
    this.#budget = budget
  }

  add(entry: Entry): void {
    if (this.#next - this.#oldest === MAX_ENTRIES) this.dropOldest()
    this.#entries[this.#next++ % MAX_ENTRIES] = entry
    this.#budget.use(this)
    this.#grow(entry, headBytesOf(entry))
    this.#notify(entry)
  }

  /** Replaces the body of an entry. Drops the bytes beyond `MAX_BODY_BYTES`. */
  setBody(entry: Entry, body: Buffer): void {
    const start = Buffer.from(body.subarray(0, MAX_BODY_BYTES))
    if (entry.bytes > 0) this.#grow(entry, start.length - entry.body.length)
    entry.body = start
  }

  setTransitions(entry: Entry, transitions: Entry['transitions']): void {
    entry.transitions = transitions
    if (entry.bytes > 0) this.#grow(entry, SIZE_OF_TRANSITION * transitions.length)
  }

  #grow(entry: Entry, bytes: number): void {
    entry.bytes += bytes
    this.#budget.spend(bytes)
  }

  /** Sets the status of an entry. `status` is null if the request ended before the response was sent completely. */
  setStatus(entry: Entry, status: number | null): void {
    entry.status = status
    if (this.#waits?.size && this.#entries.includes(entry)) this.#notify(entry)
  }

  /** Returns the matching entries, the oldest first. */
  list(filter: RequestFilter = {}): Entry[] {
    const start = this.#oldest % MAX_ENTRIES
    const inOrder = [...this.#entries.slice(start), ...this.#entries.slice(0, start)]
    return inOrder.filter((entry) => entry !== undefined && matches(entry, filter)) as Entry[]
  }

  /**
   * Resolves with the oldest matching entry. If no entry matches, waits until an entry matches, `timeoutMs`
   * milliseconds have passed, `disconnected` aborts, or `endWaits` is called.
   */
  waitFor(filter: RequestFilter, timeoutMs: number, disconnected?: AbortSignal): Promise<Entry | WaitEnd> {
    const known = this.list(filter)[0] ?? this.#ended
    if (known) return Promise.resolve(known)
    const waits = (this.#waits ??= new Set())
    return new Promise((resolve) => {
      const timer = setTimeout(() => wait.end('timed_out'), timeoutMs)
      const wait: Wait = {
        filter,
        end: (how) => {
          clearTimeout(timer)
          waits.delete(wait)
          resolve(how)
        },
      }
      disconnected?.addEventListener('abort', () => wait.end('disconnected'))
      waits.add(wait)
    })
  }

  /** Ends all waits in progress. Later waits end as soon as they begin. */
  endWaits(how: WaitEnd): void {
    this.#ended = how
    for (const wait of this.#waits ?? []) wait.end(how)
  }

  /** Drops the oldest entry. The journal must not be empty. */
  dropOldest(): void {
    const i = this.#oldest++ % MAX_ENTRIES
    const entry = this.#entries[i] as Entry
    this.#entries[i] = undefined
    this.#forget([entry])
  }

  #forget(entries: readonly Entry[]): void {
    let bytes = 0
    for (const entry of entries) {
      bytes += entry.bytes
      entry.bytes = 0
    }
    this.#budget.giveBack(this, bytes, this.#oldest === this.#next)
  }

  clear(): void {
    const entries = this.list()
    this.#oldest = this.#next
    this.#forget(entries)
    this.#entries = []
    this.#oldest = this.#next = 0
  }

  #notify(entry: Entry): void {
    for (const wait of this.#waits ?? []) if (matches(entry, wait.filter)) wait.end(entry)
  }
}
