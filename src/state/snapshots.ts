import { type Instant, millisecondsFrom } from '../time/instant.js'
import type { Reservation } from './memory.js'
import type { Overlay } from './overlay.js'

/** Maximum number of snapshots in a sandbox. */
export const MAX_SNAPSHOTS = 100

/** The data of a sandbox, and the time at which it was saved. */
interface Snapshot {
  readonly data: Overlay
  readonly at: Instant
}

/** The snapshots of a sandbox, by name. */
export class Snapshots {
  #byName: Map<string, Snapshot> | undefined

  /** Names of the snapshots, in the order in which they were first saved. */
  get names(): string[] {
    return [...(this.#byName?.keys() ?? [])]
  }

  /**
   * Copies the data of a snapshot. At the time `now`, future transitions of the copy are as far in the future as they
   * were when the snapshot was saved. Returns undefined if the snapshot does not exist.
   * @throws MemoryError if `memory` is too small for the copy. Nothing stays reserved.
   */
  copyOf(name: string, now: Instant, memory: Reservation): Overlay | undefined {
    const snapshot = this.#byName?.get(name)
    if (!snapshot) return undefined
    try {
      const data = snapshot.data.copy(memory)
      data.postpone(snapshot.at, millisecondsFrom(snapshot.at, now))
      return data
    } catch (error) {
      memory.free()
      throw error
    }
  }

  /**
   * Calls `make`, and saves the returned snapshot under a name. Replaces an existing snapshot with this name. Returns
   * false if the snapshot would be new and there are already `MAX_SNAPSHOTS` snapshots.
   */
  save(name: string, make: () => Snapshot): boolean {
    const snapshots = (this.#byName ??= new Map<string, Snapshot>())
    const before = snapshots.get(name)
    if (!before && snapshots.size >= MAX_SNAPSHOTS) return false
    snapshots.set(name, make())
    before?.data.memory.free()
    return true
  }

  clear(): void {
    for (const { data } of this.#byName?.values() ?? []) data.memory.free()
    this.#byName = undefined
  }
}
