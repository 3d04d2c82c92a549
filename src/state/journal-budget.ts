import type { Journal } from './journal.js'
import type { Memory } from './memory.js'

/**
 * Limits the memory of all journals together. When a new entry exceeds the limit, the journal that has had no new
 * entry for the longest time drops its oldest entries.
 */
export class JournalBudget {
  readonly #memory: Memory
  #onFirstDrop: (() => void) | undefined
  /** The journals that have entries. The journal that has had no new entry for the longest time is first. */
  readonly #journals = new Set<Journal>()
  #latest: Journal | undefined

  /** `onFirstDrop` is called once, when the first entry is dropped because of the limit. */
  constructor(memory: Memory, onFirstDrop?: () => void) {
    this.#memory = memory
    this.#onFirstDrop = onFirstDrop
  }

  /** Records that `journal` has the newest entry of all journals. */
  use(journal: Journal): void {
    if (journal === this.#latest) return
    this.#journals.delete(journal)
    this.#journals.add(journal)
    this.#latest = journal
  }

  /** Counts the memory of a new entry. If the journals exceed their limit, drops old entries. */
  spend(bytes: number): void {
    this.#memory.countJournals(bytes)
    while (this.#isExceeded) {
      const [idle] = this.#journals
      ;(idle as Journal).dropOldest()
      this.#announceFirstDrop()
    }
  }

  #announceFirstDrop(): void {
    this.#onFirstDrop?.()
    this.#onFirstDrop = undefined
  }

  get #isExceeded(): boolean {
    return this.#memory.used.journals > this.#memory.limitOfJournals
  }

  /** Subtracts the memory of entries that a journal dropped. `isEmpty` is true if the journal has no entries left. */
  giveBack(journal: Journal, bytes: number, isEmpty: boolean): void {
    this.#memory.countJournals(-bytes)
    if (!isEmpty) return
    this.#journals.delete(journal)
    if (journal === this.#latest) this.#latest = undefined
  }
}
