/** The records of one resource in a sandbox: what was changed, created and deleted there, over what was seeded. */
export class Layer<T> {
  readonly #seeded: (id: string) => T | undefined
  readonly #idOf: (record: T) => string
  /** Seeded records that were changed; undefined: deleted. */
  #changed = new Map<string, T | undefined>()
  #created = new Map<string, T>()

  constructor(seeded: (id: string) => T | undefined, idOf: (record: T) => string) {
    this.#seeded = seeded
    this.#idOf = idOf
  }

  copy(): Layer<T> {
    const copy = new Layer(this.#seeded, this.#idOf)
    copy.#changed = new Map(this.#changed)
    copy.#created = new Map(this.#created)
    return copy
  }

  get(id: string): T | undefined {
    return this.#created.get(id) ?? (this.#changed.has(id) ? this.#changed.get(id) : this.#seeded(id))
  }

  /** Returns seeded records as they are in the sandbox, and then those that were created. */
  over(seeded: readonly T[]): T[] {
    const current = seeded.map((record) => {
      const id = this.#idOf(record)
      return this.#changed.has(id) ? this.#changed.get(id) : record
    })
    return [...current, ...this.#created.values()].filter((record) => record !== undefined)
  }

  /** The records that were changed or created. */
  touched(): T[] {
    return [...this.#changed.values(), ...this.#created.values()].filter((record) => record !== undefined)
  }

  isCreated(id: string): boolean {
    return this.#created.has(id)
  }

  create(record: T): void {
    this.#created.set(this.#idOf(record), record)
  }

  /** Replaces a record that exists. */
  set(record: T): void {
    const id = this.#idOf(record)
    if (this.#created.has(id)) this.#created.set(id, record)
    else this.#changed.set(id, record)
  }

  /** Deletes a record that exists. */
  delete(id: string): void {
    if (!this.#created.delete(id)) this.#changed.set(id, undefined)
  }
}
