import { parseClock, parseProgress } from '../contract/settings.js'
import type { Loaded } from '../fixtures/load.js'
import type { FixtureMock } from '../fixtures/schema.js'
import { Clock, type TimeSource } from '../time/clock.js'
import type { JournalBudget } from './journal-budget.js'
import type { Memory } from './memory.js'

/** The initial state of the sandboxes of a mock. A reset restores this state. */
export interface Home {
  readonly loaded: Loaded
  readonly newClock: () => Clock
  /**
   * Default running time of elements in milliseconds. If undefined, an element ends by itself only if the element or
   * its pipeline has the key `takes` in the fixture.
   */
  readonly takes: number | undefined
}

/** The parts of a mock that all its sandboxes share. */
export interface SharedState {
  home: Home
  /** The time that clocks follow. */
  readonly source: TimeSource
  readonly memory: Memory
  readonly budget: JournalBudget
}

/**
 * Returns a function that makes clocks with the given setting. If the setting freezes the clocks, all of them start at
 * the same time, even if the setting contains no time.
 */
export function clocksOf(setting: string, source: TimeSource): () => Clock {
  const { frozen, at = source() } = parseClock(setting) as NonNullable<ReturnType<typeof parseClock>>
  return () => new Clock(source, frozen ? at : undefined)
}

/** Returns the running time of elements for a progress setting. If there is no setting, returns `other`. */
export const takesOf = (progress: FixtureMock['progress'], other: Home['takes']) =>
  progress === undefined ? other : parseProgress(progress)
