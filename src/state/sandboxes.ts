import type { Sandbox } from './sandbox.js'

/** The sandbox of all who name none. It is never dropped. */
export const DEFAULT_SANDBOX = 'default'

/** How many named ones there are at most, unless the mock is told otherwise. */
export const MAX_SANDBOXES = 10_000

/** What a name may be, of sandboxes and snapshots. Dots alone are none: in a path they mean another place. */
export const NAME = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/

export const isSandboxName = (text: string) => text === DEFAULT_SANDBOX || NAME.test(text)

/** What a name of a sandbox may be, for messages. */
export const SANDBOX_NAMES = '1 to 64 letters, digits, dots, underscores and hyphens, not "." or ".."'

/** The sandboxes of a mock, each made when it is first named. */
export class Sandboxes {
  readonly default: Sandbox
  readonly #make: () => Sandbox
  readonly #max: number
  readonly #onDrop: (name: string) => void
  /** The longest idle first. */
  readonly #named = new Map<string, Sandbox>()

  /** Past `max` named ones, the longest idle that has no request in flight is dropped, and `onDrop` is told. */
  constructor(make: () => Sandbox, max: number, onDrop: (name: string) => void) {
    this.#make = make
    this.#max = max
    this.#onDrop = onDrop
    this.default = make()
  }

  get(name: string): Sandbox {
    if (name === DEFAULT_SANDBOX) return this.default
    const found = this.#named.get(name)
    if (found) this.#named.delete(name)
    const sandbox = found ?? this.#make()
    this.#named.set(name, sandbox)
    if (!found) this.#dropLongestIdle(name)
    return sandbox
  }

  /** The named ones, the longest idle first. */
  list(): [name: string, sandbox: Sandbox][] {
    return [...this.#named]
  }

  /** Forgets a sandbox; what its requests wait for is cut off. False if there is none of that name. */
  drop(name: string): boolean {
    const sandbox = this.#named.get(name)
    sandbox?.faults.clear()
    sandbox?.journal.clear()
    return this.#named.delete(name)
  }

  /** Cuts off what faults hold, for it would never end by itself. */
  cutHeld(): void {
    for (const { faults } of [this.default, ...this.#named.values()]) faults.clear()
  }

  #dropLongestIdle(newest: string): void {
    if (this.#named.size <= this.#max) return
    for (const [name, { inFlight }] of this.#named) {
      if (inFlight > 0 || name === newest) continue
      this.drop(name)
      this.#onDrop(name)
      if (this.#named.size <= this.#max) return
    }
  }
}
