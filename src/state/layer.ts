/**
 * The records of one type in a sandbox. A layer stores only the differences from the seed: the records that were
 * created, changed or deleted.
 */
export class Layer<T> {
  readonly #seeded: (id: string) => T | undefined
  readonly #idOf: (record: T) => string
  /** The seeded records that were changed or deleted, by id. The value of a deleted record is undefined. */
  #changed: Map<string, T | undefined> | undefined
  #created: Map<string, T> | undefined

  constructor(seeded: (id: string) => T | undefined, idOf: (record: T) => string) {
    this.#seeded = seeded
    this.#idOf = idOf
  }

  copy(): Layer<T> {
    const copy = new Layer(this.#seeded, this.#idOf)
    copy.#changed = this.#changed && new Map(this.#changed)
    copy.#created = this.#created && new Map(this.#created)
    return copy
  }

  get(id: string): T | undefined {
    return this.#created?.get(id) ?? (this.#changed?.has(id) ? this.#changed.get(id) : this.#seeded(id))
  }

  /**
   * Returns the current versions of the given seeded records, except deleted records, followed by all created
   * records.
   */
  over(seeded: readonly T[]): T[] {
    const current = seeded.map((record) => {
      const id = this.#idOf(record)
      return this.#changed?.has(id) ? this.#changed.get(id) : record
    })
    return [...current, ...(this.#created?.values() ?? [])].filter((record) => record !== undefined)
  }

  /** Returns a record that was created or changed. Returns undefined for an unchanged or deleted record. */
  stored(id: string): T | undefined {
    return this.#created?.get(id) ?? this.#changed?.get(id)
  }

  isCreated(id: string): boolean {
    return this.#created?.has(id) ?? false
  }

  create(record: T): void {
    const created = (this.#created ??= new Map<string, T>())
    created.set(this.#idOf(record), record)
  }

  /** Replaces an existing record. */
  set(record: T): void {
    const id = this.#idOf(record)
    if (this.#created?.has(id)) this.#created.set(id, record)
    else this.#change(id, record)
  }

  /** Deletes an existing record. */
  delete(id: string): void {
    if (!this.#created?.delete(id)) this.#change(id, undefined)
  }

  #change(id: string, record: T | undefined): void {
    const changed = (this.#changed ??= new Map<string, T | undefined>())
    changed.set(id, record)
  }
}
