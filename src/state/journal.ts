import type { OperationName } from '../contract/operations.js'
import { compareInstants, type Instant } from '../time/instant.js'
import type { Transition } from '../pipelines/state.js'

/** How many requests a sandbox remembers, and how many all sandboxes of a mock do together. */
export const MAX_ENTRIES = 1000
export const MAX_ENTRIES_IN_ALL = 100_000

/** How much of a body is remembered. */
export const MAX_BODY_BYTES = 8 * 1024

export const NO_BODY = Buffer.alloc(0)

/** A request as it was received, what it caused, and how it was answered. */
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
  /** Null where the request is none that the mocked API has. */
  readonly operation: OperationName | null
  /** The pipeline that it is about, or that it created. */
  pipeline_id: string | null
  /** The beginning of the body. */
  body: Buffer
  /** Null as long as it is not answered. */
  status: number | null
  /** The fault that it met. */
  fault: string | null
  transitions: readonly Transition[]
}

/** Which requests are meant: those to which everything that is said applies. */
export interface EntryFilter {
  readonly operation?: OperationName
  readonly pipeline_id?: string
  readonly status?: number
  /** At this instant or later. */
  readonly since?: Instant
}

export const matches = (entry: Entry, { operation, pipeline_id, status, since }: EntryFilter) =>
  (operation === undefined || entry.operation === operation) &&
  (pipeline_id === undefined || entry.pipeline_id === pipeline_id) &&
  (status === undefined || entry.status === status) &&
  (since === undefined || compareInstants(entry.at, since) >= 0)

/** Bounds what the journals of a mock hold together: past it, the one that was added to least lately forgets. */
export class JournalBudget {
  /** Those that remember something, the one that was added to least lately first. */
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
    const [idle] = this.#journals as unknown as [Journal]
    idle.forgetOldest()
  }

  /** So many are forgotten; with `isEmpty` the journal remembers nothing more. */
  giveBack(journal: Journal, count: number, isEmpty: boolean): void {
    this.#spent -= count
    if (!isEmpty) return
    this.#journals.delete(journal)
    if (journal === this.#latest) this.#latest = undefined
  }
}

/** The last requests that a sandbox saw. */
export class Journal {
  readonly #budget: JournalBudget
  /** A ring as soon as it is full: an entry stands where its number says. */
  #entries: (Entry | undefined)[] = []
  /** The numbers of the oldest entry and of the next. */
  #oldest = 0
  #next = 0
  #listeners: Set<(entry: Entry) => void> | undefined

  constructor(budget: JournalBudget) {
    this.#budget = budget
  }

  add(entry: Entry): void {
    if (this.#next - this.#oldest === MAX_ENTRIES) this.forgetOldest()
    this.#entries[this.#next++ % MAX_ENTRIES] = entry
    this.#budget.spend(this)
    this.#tell(entry)
  }

  /** The request of an entry has been answered, or never will be. */
  answered(entry: Entry, status: number | null): void {
    entry.status = status
    if (this.#listeners?.size && this.#entries.includes(entry)) this.#tell(entry)
  }

  /** Those that match, the oldest first. */
  list(filter: EntryFilter = {}): Entry[] {
    const start = this.#oldest % MAX_ENTRIES
    const inOrder = [...this.#entries.slice(start), ...this.#entries.slice(0, start)]
    return inOrder.filter((entry) => entry !== undefined && matches(entry, filter)) as Entry[]
  }

  /** The first that matches, now or within so many milliseconds; undefined if there is none until then, or an abort. */
  waitFor(filter: EntryFilter, timeoutMs: number, signal: AbortSignal): Promise<Entry | undefined> {
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

  forgetOldest(): void {
    this.#entries[this.#oldest++ % MAX_ENTRIES] = undefined
    this.#budget.giveBack(this, 1, this.#oldest === this.#next)
  }

  clear(): void {
    this.#budget.giveBack(this, this.#next - this.#oldest, true)
    this.#entries = []
    this.#oldest = this.#next = 0
  }

  #tell(entry: Entry): void {
    if (this.#listeners) for (const listen of this.#listeners) listen(entry)
  }
}
