import type { ResetPart } from '../contract/control.js'
import type { Loaded, ValidFixtures } from '../fixtures/load.js'
import { clocksOf, type Home, takesOf } from './home.js'
import { Sandbox, type SharedState } from './sandbox.js'

/** Name of the sandbox for requests that do not name a sandbox. This sandbox cannot be dropped. */
export const DEFAULT_SANDBOX = 'default'

/** Default maximum number of named sandboxes. */
export const MAX_SANDBOXES = 10_000

/**
 * Matches names of sandboxes and snapshots. `.` and `..` are excluded, because HTTP clients remove these segments
 * from paths.
 */
export const NAME = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/

export const isSandboxName = (text: string) => text === DEFAULT_SANDBOX || NAME.test(text)

/** Description of the names that `NAME` matches, for messages. */
export const SANDBOX_NAMES = '1 to 64 letters, digits, dots, underscores and hyphens, not "." or ".."'

/** The sandboxes of a mock. Named sandboxes are created on first use. */
export class Sandboxes {
  readonly default: Sandbox
  readonly #shared: SharedState
  readonly #max: number
  readonly #onEvict: (name: string) => void
  /** The named sandboxes, the least recently used first. */
  readonly #named = new Map<string, Sandbox>()

  /**
   * If there are more than `max` named sandboxes after one is created, the least recently used sandboxes with nothing
   * in flight are evicted, and `onEvict` is called with the name of each evicted sandbox.
   */
  constructor(shared: SharedState, max: number, onEvict: (name: string) => void) {
    this.#shared = shared
    this.#max = max
    this.#onEvict = onEvict
    this.default = new Sandbox(shared)
  }

  /** The initial state of every sandbox. */
  get home(): Home {
    return this.#shared.home
  }

  /** Returns a sandbox. Creates the sandbox if it does not exist. */
  get(name: string): Sandbox {
    if (name === DEFAULT_SANDBOX) return this.default
    const found = this.#named.get(name)
    if (found) this.#named.delete(name)
    const sandbox = found ?? new Sandbox(this.#shared)
    this.#named.set(name, sandbox)
    if (!found) this.#evictLeastRecentlyUsed(name)
    return sandbox
  }

  /**
   * Returns a sandbox for reading. If the sandbox does not exist, returns a new sandbox in the initial state, and
   * does not keep it.
   */
  peek(name: string): Sandbox {
    return name === DEFAULT_SANDBOX || this.#named.has(name) ? this.get(name) : new Sandbox(this.#shared)
  }

  /**
   * Makes fixtures the initial state of every sandbox, and replaces the data of all existing sandboxes. The settings
   * of the fixtures also replace the clock and the progress.
   */
  seed(fixtures: ValidFixtures): Loaded {
    const { settings } = fixtures
    const { home, source } = this.#shared
    const newClock = settings.clock === undefined ? home.newClock : clocksOf(settings.clock, source)
    const loaded = fixtures.loadAt(newClock().now())
    this.#shared.home = { loaded, newClock, takes: takesOf(settings.progress, home.takes) }
    const parts: ResetPart[] = settings.clock === undefined ? ['data'] : ['data', 'clock']
    for (const sandbox of [this.default, ...this.#named.values()]) sandbox.reset(parts)
    return loaded
  }

  /** Returns the named sandboxes, the least recently used first. */
  list(): [name: string, sandbox: Sandbox][] {
    return [...this.#named]
  }

  /**
   * Drops a named sandbox and aborts the requests that its faults hold. Returns false if the sandbox does not exist.
   */
  drop(name: string): boolean {
    const sandbox = this.#named.get(name)
    sandbox?.faults.clear()
    sandbox?.journal.clear()
    return this.#named.delete(name)
  }

  /**
   * Removes all faults. This aborts the requests that the faults hold. Without this, a held request might never end.
   */
  abortHeld(): void {
    for (const { faults } of [this.default, ...this.#named.values()]) faults.clear()
  }

  #evictLeastRecentlyUsed(newest: string): void {
    if (this.#named.size <= this.#max) return
    for (const [name, { inFlight }] of this.#named) {
      if (inFlight > 0 || name === newest) continue
      this.drop(name)
      this.#onEvict(name)
      if (this.#named.size <= this.#max) return
    }
  }
}
