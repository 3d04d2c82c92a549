import type { RequestFilter, Transition } from '../contract/control.js'
import type { OperationName } from '../contract/index.js'
import { compareInstants, type Instant } from '../time/instant.js'

/** How many entries the journal of a sandbox has, and those of all sandboxes together. */
export const MAX_ENTRIES = 1000
export const MAX_ENTRIES_IN_ALL = 100_000

/** How much of a body an entry has. */
export const MAX_BODY_BYTES = 8 * 1024

export const NO_BODY = Buffer.alloc(0)

/** A request as it was received, the transitions that it caused, and the status of its response. */
export interface Entry {
  /** The correlation id. */
  readonly id: string
  /** By the clock of the sandbox. */
  readonly at: Instant
  readonly method: string
  /** As it was sent, with its query. */
  readonly target: string
  /** Names and values in turn, as they were sent. */
  readonly rawHeaders: readonly string[]
  /** Null if the mocked API has no such operation. */
  readonly operation: OperationName | null
  /** The pipeline that its path leads to, or that it created. */
  pipeline_id: string | null
  /** The beginning of the body. */
  body: Buffer
  /** Null as long as it has no response. */
  status: number | null
  /** The fault that applied to it. */
  fault: string | null
  transitions: readonly Transition[]
}

/** `since` is a normalized instant. */
export const matches = (entry: Entry, { operation, pipeline_id, status, since }: RequestFilter) =>
  (operation === undefined || entry.operation === operation) &&
  (pipeline_id === undefined || entry.pipeline_id === pipeline_id) &&
  (status === undefined || entry.status === status) &&
  (since === undefined || compareInstants(entry.at, since) >= 0)

/** Limits the entries of all journals of a mock together: above it, the least recently used journal drops its oldest. */
export class JournalBudget {
  /** The journals with entries, the least recently used first. */
  readonly #journals = new Set<Journal>()
  #latest: Journal | undefined
  #spent = 0

  constructor(readonly size = MAX_ENTRIES_IN_ALL) {}

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

  /** A journal dropped `count` entries; with `isEmpty`, it has none left. */
  giveBack(journal: Journal, count: number, isEmpty: boolean): void {
    this.#spent -= count
    if (!isEmpty) return
    this.#journals.delete(journal)
    if (journal === this.#latest) this.#latest = undefined
  }
}

/** The last requests of a sandbox. */
export class Journal {
  readonly #budget: JournalBudget
  /** A ring once it is full: the index of an entry is its number modulo the size. */
  #entries: (Entry | undefined)[] = []
  /** The numbers of the oldest entry and of the next. */
  #oldest = 0
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

  /** Records the status of the response, or null if there is none. */
  setStatus(entry: Entry, status: number | null): void {
    entry.status = status
    if (this.#listeners?.size && this.#entries.includes(entry)) this.#notify(entry)
  }

  /** The entries that match, the oldest first. */
  list(filter: RequestFilter = {}): Entry[] {
    const start = this.#oldest % MAX_ENTRIES
    const inOrder = [...this.#entries.slice(start), ...this.#entries.slice(0, start)]
    return inOrder.filter((entry) => entry !== undefined && matches(entry, filter)) as Entry[]
  }

  /** Resolves with the first entry that matches; with undefined after `timeoutMs` milliseconds, or once `signal` aborts. */
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
