import type { Instant } from '../time/instant.js'
import type { Overlay } from './overlay.js'

/** Maximum number of snapshots in a sandbox. */
export const MAX_SNAPSHOTS = 100

/** The data of a sandbox, and the time at which it was saved. */
export interface Snapshot {
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

  get(name: string): Snapshot | undefined {
    return this.#byName?.get(name)
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
