import type { Sandbox } from './sandbox.js'

/** Name of the sandbox of requests that name no sandbox. It is never dropped. */
export const DEFAULT_SANDBOX = 'default'

/** Default limit of named sandboxes. */
export const MAX_SANDBOXES = 10_000

/** Matches names of sandboxes and snapshots. Excludes `.` and `..`, which clients resolve in paths. */
export const NAME = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/

export const isSandboxName = (text: string) => text === DEFAULT_SANDBOX || NAME.test(text)

/** Description of `NAME` in messages. */
export const SANDBOX_NAMES = '1 to 64 letters, digits, dots, underscores and hyphens, not "." or ".."'

/** The sandboxes of a mock, each created on first use. */
export class Sandboxes {
  readonly default: Sandbox
  readonly #make: () => Sandbox
  readonly #max: number
  readonly #onEvict: (name: string) => void
  /** In the order of last use, the least recently used first. */
  readonly #named = new Map<string, Sandbox>()

  /**
   * Above `max` named sandboxes, the longest idle sandbox without a request in flight is evicted, and `onEvict` is
   * called with its name.
   */
  constructor(make: () => Sandbox, max: number, onEvict: (name: string) => void) {
    this.#make = make
    this.#max = max
    this.#onEvict = onEvict
    this.default = make()
  }

  get(name: string): Sandbox {
    if (name === DEFAULT_SANDBOX) return this.default
    const found = this.#named.get(name)
    if (found) this.#named.delete(name)
    const sandbox = found ?? this.#make()
    this.#named.set(name, sandbox)
    if (!found) this.#evictLongestIdle(name)
    return sandbox
  }

  /** Returns the named sandboxes, the longest idle first. */
  list(): [name: string, sandbox: Sandbox][] {
    return [...this.#named]
  }

  /** Drops a sandbox, and aborts the requests that its faults hold. Returns false if it does not exist. */
  drop(name: string): boolean {
    const sandbox = this.#named.get(name)
    sandbox?.faults.clear()
    sandbox?.journal.clear()
    return this.#named.delete(name)
  }

  /** Aborts all requests that faults hold, because some of them would never end. */
  abortHeld(): void {
    for (const { faults } of [this.default, ...this.#named.values()]) faults.clear()
  }

  #evictLongestIdle(newest: string): void {
    if (this.#named.size <= this.#max) return
    for (const [name, { inFlight }] of this.#named) {
      if (inFlight > 0 || name === newest) continue
      this.drop(name)
      this.#onEvict(name)
      if (this.#named.size <= this.#max) return
    }
  }
}
