/** The parts of the state that share the memory of a mock. */
export const MEMORY_PARTS = ['journals', 'pipelines', 'snapshots', 'faults', 'sandboxes', 'bodies'] as const
export type MemoryPart = (typeof MEMORY_PARTS)[number]

/**
 * The share of the limit that the mock can use. The rest is for memory that the mock no longer uses, but that the
 * garbage collector has not freed yet (measured with Node.js 20).
 */
const USABLE_SHARE = 5 / 8

/** The share of the usable memory that is only for journals. The other parts cannot use this share. */
const JOURNALS_SHARE = 1 / 4

/** Thrown if there is not enough memory left. The call that throws this error changes nothing. */
export class MemoryError extends Error {
  constructor(limit: number) {
    super(
      `no memory left: the mock has reached its limit of ${Math.round(limit / 2 ** 20)} MiB; ` +
        'reset or drop sandboxes that are no longer needed, or raise --memory-limit',
    )
  }
}

/**
 * The memory that a mock uses for its state. All sizes are in bytes. The sizes are estimates, because Node.js cannot
 * measure the size of an object.
 */
export class Memory {
  readonly #used: Record<MemoryPart, number> = {
    ...{ journals: 0, pipelines: 0, snapshots: 0, faults: 0, sandboxes: 0, bodies: 0 },
  }
  /** Memory that the parts other than the journals use. */
  #usedByOthers = 0

  constructor(readonly limit: number) {}

  get limitOfJournals(): number {
    return this.limit * USABLE_SHARE * JOURNALS_SHARE
  }

  get #limitOfOthers(): number {
    return this.limit * USABLE_SHARE - this.limitOfJournals
  }

  /** The memory that each part uses. */
  get used(): Readonly<Record<MemoryPart, number>> {
    return this.#used
  }

  /** Counts `bytes` as used by a part. Returns false, and counts nothing, if there is not enough memory left. */
  reserve(part: Exclude<MemoryPart, 'journals'>, bytes: number): boolean {
    if (this.#usedByOthers + bytes > this.#limitOfOthers) return false
    this.#usedByOthers += bytes
    this.#used[part] += bytes
    return true
  }

  /** Counts `bytes` as used by the journals. The class `JournalBudget` keeps the journals within `limitOfJournals`. */
  countJournals(bytes: number): void {
    this.#used.journals += bytes
  }
}

/** The memory that one owner has reserved. All of this memory can be released at once. */
export class Reservation {
  readonly #memory: Memory
  readonly #part: Exclude<MemoryPart, 'journals'>
  #bytes = 0
  #isClosed = false

  constructor(memory: Memory, part: Exclude<MemoryPart, 'journals'>) {
    this.#memory = memory
    this.#part = part
  }

  /** The limit of the whole memory. */
  get limit(): number {
    return this.#memory.limit
  }

  get bytes(): number {
    return this.#bytes
  }

  /**
   * Reserves more memory, or releases memory if `bytes` is negative. Returns false if there is not enough memory left.
   */
  add(bytes: number): boolean {
    if (this.#isClosed) return true
    const isReserved = this.#memory.reserve(this.#part, bytes)
    if (isReserved) this.#bytes += bytes
    return isReserved
  }

  /** Reserves more memory. Throws a MemoryError if there is not enough memory left. */
  require(bytes: number): void {
    if (!this.add(bytes)) throw new MemoryError(this.limit)
  }

  /** Releases all memory. */
  free(): void {
    this.add(-this.#bytes)
  }

  /**
   * Releases all memory. Later calls reserve no memory. Used when the owner is dropped: requests in flight may still
   * change the owner.
   */
  close(): void {
    this.free()
    this.#isClosed = true
  }
}
