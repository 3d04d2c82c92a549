import type { RequestFilter, Transition } from '../contract/control.js'
import type { OperationName } from '../contract/index.js'
import { compareInstants, type Instant } from '../time/instant.js'
import { clearTimeout, setTimeout } from '../time/timers.js'

/** Maximum number of journal entries in one sandbox. */
export const MAX_ENTRIES = 1000
/** Maximum number of journal entries in all sandboxes together. */
export const MAX_ENTRIES_IN_ALL = 100_000

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
  /** Header names and values, alternating, as they were sent. */
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
}

/** Returns whether an entry matches a filter. The `since` of the filter must be an Instant. */
export const matches = (entry: Entry, { operation, pipeline_id, status, since }: RequestFilter) =>
  (operation === undefined || entry.operation === operation) &&
  (pipeline_id === undefined || entry.pipeline_id === pipeline_id) &&
  (status === undefined || entry.status === status) &&
  (since === undefined || compareInstants(entry.at, since) >= 0)

/**
 * Limits the number of entries in all journals together. When a new entry exceeds the limit, the journal that has had
 * no new entry for the longest time drops its oldest entry.
 */
export class JournalBudget {
  /** The journals that have entries. The journal that has had no new entry for the longest time is first. */
  readonly #journals = new Set<Journal>()
  #latest: Journal | undefined
  #spent = 0

  constructor(readonly size = MAX_ENTRIES_IN_ALL) {}

  /** Counts a new entry of a journal. If the entry exceeds the limit, also drops an entry. */
  spend(journal: Journal): void {
    if (journal !== this.#latest) {
      this.#journals.delete(journal)
      this.#journals.add(journal)
      this.#latest = journal
    }
    if (++this.#spent <= this.size) return
    const [idle] = this.#journals
    idle?.dropOldest()
  }

  /** Subtracts `count` entries that a journal dropped. `isEmpty` is true if the journal has no entries left. */
  giveBack(journal: Journal, count: number, isEmpty: boolean): void {
    this.#spent -= count
    if (!isEmpty) return
    this.#journals.delete(journal)
    if (journal === this.#latest) this.#latest = undefined
  }
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
  #listeners: Set<(entry: Entry) => void> | undefined

  constructor(budget: JournalBudget) {
    this.#budget = budget
  }

  add(entry: Entry): void {
    if (this.#next - this.#oldest === MAX_ENTRIES) this.dropOldest()
    this.#entries[this.#next++ % MAX_ENTRIES] = entry
    this.#budget.spend(this)
    this.#notify(entry)
  }

  /** Sets the status of an entry. `status` is null if the request ended before the response was sent completely. */
  setStatus(entry: Entry, status: number | null): void {
    entry.status = status
    if (this.#listeners?.size && this.#entries.includes(entry)) this.#notify(entry)
  }

  /** Returns the matching entries, the oldest first. */
  list(filter: RequestFilter = {}): Entry[] {
    const start = this.#oldest % MAX_ENTRIES
    const inOrder = [...this.#entries.slice(start), ...this.#entries.slice(0, start)]
    return inOrder.filter((entry) => entry !== undefined && matches(entry, filter)) as Entry[]
  }

  /**
   * Resolves with the oldest matching entry. If no entry matches, waits until an entry matches. Resolves with
   * undefined after `timeoutMs` milliseconds, or when `signal` aborts.
   */
  waitFor(filter: RequestFilter, timeoutMs: number, signal: AbortSignal): Promise<Entry | undefined> {
    const [found] = this.list(filter)
    if (found || signal.aborted) return Promise.resolve(found)
    const listeners = (this.#listeners ??= new Set())
    return new Promise((resolve) => {
      const end = (entry?: Entry) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', abort)
        listeners.delete(listen)
        resolve(entry)
      }
      const abort = () => end()
      const listen = (entry: Entry) => {
        if (matches(entry, filter)) end(entry)
      }
      const timer = setTimeout(abort, timeoutMs)
      signal.addEventListener('abort', abort)
      listeners.add(listen)
    })
  }

  dropOldest(): void {
    this.#entries[this.#oldest++ % MAX_ENTRIES] = undefined
    this.#budget.giveBack(this, 1, this.#oldest === this.#next)
  }

  clear(): void {
    this.#budget.giveBack(this, this.#next - this.#oldest, true)
    this.#entries = []
    this.#oldest = this.#next = 0
  }

  #notify(entry: Entry): void {
    if (this.#listeners) for (const listen of this.#listeners) listen(entry)
  }
}
