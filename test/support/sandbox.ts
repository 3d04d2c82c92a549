import { type FixtureSource, loadSeed } from '../../src/fixtures/load.js'
import type { SharedState } from '../../src/state/home.js'
import { JournalBudget } from '../../src/state/journal-budget.js'
import { Memory } from '../../src/state/memory.js'
import { Clock, machineTime } from '../../src/time/clock.js'
import type { Instant } from '../../src/time/instant.js'

/** Returns the parts that the sandboxes of a mock share. The clocks of the sandboxes are frozen at `now`. */
export async function sharedState(fixture: FixtureSource, now: Instant, takes?: number): Promise<SharedState> {
  const home = { loaded: await loadSeed([fixture], now), newClock: () => new Clock(machineTime, now), takes }
  const memory = new Memory(Infinity)
  return { home, source: machineTime, memory, budget: new JournalBudget(memory) }
}
