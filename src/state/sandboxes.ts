import type { ResetPart } from '../contract/control.js'
import type { Loaded, ValidFixtures } from '../fixtures/load.js'
import { clocksOf, type Home, type SharedState, takesOf } from './home.js'
import { Memory, MemoryError, Reservation } from './memory.js'
import { Sandbox } from './sandbox.js'
import { weightOfFixtures } from './weight.js'

/** Name of the sandbox for requests that do not name a sandbox. This sandbox cannot be dropped. */
export const DEFAULT_SANDBOX = 'default'

/** Estimated size of a sandbox in its initial state, in bytes (measured with Node.js 20). */
const SIZE_OF_SANDBOX = 2048

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
  readonly #memory: Reservation
  readonly #homeMemory: Reservation
  readonly #max: number
  readonly #onEvict: (name: string) => void
  /** The named sandboxes, the least recently used first. */
  readonly #named = new Map<string, Sandbox>()
  #isClosed = false

  /**
   * A new named sandbox evicts idle sandboxes if there would be more than `max` named sandboxes, or if there is no
   * memory left. A sandbox is idle if it has nothing in flight. The least recently used sandbox is evicted first.
   * `onEvict` is called with the name of each evicted sandbox.
   */
  constructor(shared: SharedState, max: number, onEvict: (name: string) => void) {
    this.#shared = shared
    this.#memory = new Reservation(shared.memory, 'sandboxes')
    this.#homeMemory = new Reservation(shared.memory, 'pipelines')
    this.#max = max
    this.#onEvict = onEvict
    this.default = new Sandbox(shared)
  }

  /** The initial state of every sandbox. */
  get home(): Home {
    return this.#shared.home
  }

  has(name: string): boolean {
    return name === DEFAULT_SANDBOX || this.#named.has(name)
  }

  /**
   * Returns a sandbox. Creates the sandbox if it does not exist.
   * @throws MemoryError if there is no memory left, and no sandbox can be evicted.
   */
  get(name: string): Sandbox {
    if (name === DEFAULT_SANDBOX) return this.default
    const found = this.#named.get(name)
    this.#named.delete(name)
    const sandbox = found ?? this.#create()
    if (this.#isClosed) sandbox.journal.endWaits('mock_closed')
    this.#named.set(name, sandbox)
    return sandbox
  }

  /**
   * Returns a sandbox for a call that only reads. If the sandbox does not exist, returns a temporary sandbox in the
   * initial state.
   */
  peek(name: string): Sandbox {
    if (this.has(name)) return this.get(name)
    return new Sandbox({ ...this.#shared, memory: new Memory(Infinity) })
  }

  /**
   * Makes fixtures the initial state of every sandbox, and replaces the data of all existing sandboxes. The settings
   * of the fixtures also replace the clock and the progress.
   * @throws MemoryError, and changes nothing, if there is not enough memory left.
   */
  seed(fixtures: ValidFixtures): Loaded {
    const { settings } = fixtures
    const { home, source } = this.#shared
    const newClock = settings.clock === undefined ? home.newClock : clocksOf(settings.clock, source)
    const loaded = fixtures.loadAt(newClock().now())
    this.#homeMemory.require(weightOfFixtures(fixtures) - this.#homeMemory.bytes)
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
   * Drops a named sandbox, ends its waits, and aborts the requests that its faults hold. Returns false if the sandbox
   * does not exist.
   */
  drop(name: string): boolean {
    const sandbox = this.#named.get(name)
    if (!sandbox) return false
    sandbox.dispose()
    this.#memory.add(-SIZE_OF_SANDBOX)
    return this.#named.delete(name)
  }

  /** Ends all waits, and aborts all requests that faults hold without a time limit. */
  close(): void {
    this.#isClosed = true
    for (const { faults, journal } of this.#all()) {
      faults.abort()
      journal.endWaits('mock_closed')
    }
  }

  /** Aborts all requests that faults hold or delay. */
  abortHeld(): void {
    for (const { faults } of this.#all()) faults.abort({ withDelays: true })
  }

  #all(): Iterable<Sandbox> {
    return [this.default, ...this.#named.values()]
  }

  /** Creates a sandbox. Evicts idle sandboxes if there are too many sandboxes, or if there is no memory left. */
  #create(): Sandbox {
    const idle = this.#idle()
    while (this.#named.size >= this.#max && this.#evict(idle));
    while (!this.#memory.add(SIZE_OF_SANDBOX)) if (!this.#evict(idle)) throw new MemoryError(this.#shared.memory.limit)
    return new Sandbox(this.#shared)
  }

  /** Generates the names of the sandboxes with nothing in flight, the least recently used first. */
  *#idle(): Generator<string, undefined> {
    for (const [name, { inFlight }] of this.#named) if (inFlight === 0) yield name
  }

  /** Evicts the next idle sandbox. Returns false if there is no idle sandbox. */
  #evict(idle: Iterator<string, undefined>): boolean {
    const { value: name } = idle.next()
    if (name === undefined) return false
    this.drop(name)
    this.#onEvict(name)
    return true
  }
}
