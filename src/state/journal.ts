import type { OperationName } from '../contract/operations.js'
import { compareInstants, type Instant } from '../pipelines/instant.js'
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

/** Bounds what the journals of a mock hold together: past it, the oldest request of all is forgotten. */
export class JournalBudget {
  readonly #spent: { journal: Journal; number: number }[] = []
  #next = 0

  constructor(readonly size = MAX_ENTRIES_IN_ALL) {}

  /** Tells that a journal has this many entries since its beginning. */
  spend(journal: Journal, number: number): void {
    const oldest = this.#spent[this.#next]
    if (oldest) oldest.journal.forget(oldest.number)
    this.#spent[this.#next] = { journal, number }
    this.#next = (this.#next + 1) % this.size
  }
}

/** The last requests that a sandbox saw. */
export class Journal {
  readonly #budget: JournalBudget
  #entries: (Entry | undefined)[] = []
  /** The number of the first place in the list; entries are numbered from 1, and never anew. */
  #first = 1
  /** The number of the oldest entry that is remembered. */
  #oldest = 1
  #listeners: Set<(entry: Entry) => void> | undefined

  constructor(budget: JournalBudget) {
    this.#budget = budget
  }

  add(entry: Entry): void {
    const number = this.#first + this.#entries.push(entry) - 1
    this.forget(number - MAX_ENTRIES)
    this.#budget.spend(this, number)
    this.#tell(entry)
  }

  /** The request of an entry has been answered, or never will be. */
  answered(entry: Entry, status: number | null): void {
    entry.status = status
    if (this.#listeners?.size && this.#entries.includes(entry)) this.#tell(entry)
  }

  /** Those that match, the oldest first. */
  list(filter: EntryFilter = {}): Entry[] {
    return this.#entries.filter((entry) => entry !== undefined && matches(entry, filter)) as Entry[]
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

  /** Forgets the entries up to that number. */
  forget(number: number): void {
    for (; this.#oldest <= number; this.#oldest++) this.#entries[this.#oldest - this.#first] = undefined
    // Moving the rest to the front costs as much as what was forgotten before.
    const gone = this.#oldest - this.#first
    if (gone === 0 || gone * 2 < this.#entries.length) return
    this.#entries = this.#entries.slice(gone)
    this.#first = this.#oldest
  }

  clear(): void {
    this.forget(this.#first + this.#entries.length - 1)
  }

  #tell(entry: Entry): void {
    if (this.#listeners) for (const listen of this.#listeners) listen(entry)
  }
}
