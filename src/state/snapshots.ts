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
  readonly #byName = new Map<string, Snapshot>()

  /** Names of the snapshots, in the order in which they were first saved. */
  get names(): string[] {
    return [...this.#byName.keys()]
  }

  get(name: string): Snapshot | undefined {
    return this.#byName.get(name)
  }

  /**
   * Saves a snapshot. Replaces an existing snapshot with this name. Returns false if the snapshot would be new and
   * there are already `MAX_SNAPSHOTS` snapshots.
   */
  save(name: string, snapshot: Snapshot): boolean {
    if (!this.#byName.has(name) && this.#byName.size >= MAX_SNAPSHOTS) return false
    this.#byName.set(name, snapshot)
    return true
  }

  clear(): void {
    this.#byName.clear()
  }
}
