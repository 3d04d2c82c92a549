import type { ResetPart } from '../contract/control.js'
import type { PipelineElement } from '../contract/index.js'
import type { Loaded, ValidFixtures } from '../fixtures/load.js'
import type { Seed } from '../fixtures/seed.js'
import { create, type NewPipeline } from '../pipelines/create.js'
import type { CreationPlan } from '../pipelines/creation-plan.js'
import { deepFreeze } from '../pipelines/freeze.js'
import { startClock } from '../pipelines/progress.js'
import type { Outcome, PipelineState } from '../pipelines/state.js'
import type { Clock, TimeSource } from '../time/clock.js'
import { compareInstants, type Instant, millisecondsFrom } from '../time/instant.js'
import { Faults } from './faults.js'
import { clocksOf, type Home, takesOf } from './home.js'
import { Journal, type JournalBudget } from './journal.js'
import { Overlay } from './overlay.js'
import { Snapshots } from './snapshots.js'

/** A function that computes the next state of a pipeline at an instant. */
export type Rule = (state: PipelineState, now: Instant) => Outcome

/** The parts of a mock that all its sandboxes share. */
export interface SharedState {
  /** The initial state of every sandbox. */
  home: Home
  /** The time that clocks follow. */
  readonly source: TimeSource
  readonly budget: JournalBudget
}

/** Maximum number of plans for created pipelines in a sandbox. Fixtures can contain more plans. */
export const MAX_PLANS = 1000

const ALL_PARTS: readonly ResetPart[] = ['data', 'journal', 'faults', 'clock']

/**
 * An isolated state: data, clock, journal and faults. All sandboxes of a mock start with the same seed. The data of a
 * sandbox contains only the differences from the seed. A reset drops these differences, so a reset is fast even if
 * the seed is large.
 *
 * Before a pipeline or one of its elements is returned, the due transitions of the pipeline are applied.
 */
export class Sandbox {
  readonly #shared: SharedState
  #clock: Clock
  #data: Overlay
  readonly #snapshots = new Snapshots()
  readonly journal: Journal
  readonly faults = new Faults()
  /** Number of requests in progress, plus the number of `waitFor` calls that are still waiting. */
  inFlight = 0

  constructor(shared: SharedState) {
    const { home, budget } = shared
    this.#shared = shared
    this.#clock = home.newClock()
    this.#data = new Overlay(home.loaded.seed, this.#clock.now(), home.takes)
    this.journal = new Journal(budget)
  }

  pipeline(id: string, now?: Instant): PipelineState | undefined {
    const found = this.#data.pipelines.get(id)
    return found && this.#data.keep(found, this.settle(found, now))
  }

  element(id: string): Readonly<PipelineElement> | undefined {
    const owner = this.#data.ownerOf(id)
    return owner === undefined ? undefined : this.pipeline(owner)?.elements.find((element) => element.id === id)
  }

  /**
   * Returns all pipelines, or only the pipelines of one project. Seeded pipelines come first, in the order of the
   * seed. Created pipelines follow, in the order of their creation.
   */
  pipelines(project_id?: string, now = this.#clock.now()): PipelineState[] {
    return this.unsettled(project_id).map((state) => this.settle(state, now))
  }

  /** Returns the same pipelines as `pipelines`, but without the transitions that are due and not yet applied. */
  unsettled(project_id?: string): PipelineState[] {
    return this.#data.list(project_id)
  }

  /**
   * Returns a pipeline with its due transitions. The sandbox does not store the result: a list of all pipelines would
   * otherwise store every pipeline once more.
   */
  settle(state: PipelineState, now?: Instant): PipelineState {
    return this.#data.settle(state, () => now ?? this.#clock.now())
  }

  /** Applies a rule to a pipeline at the current time. Returns undefined if the pipeline does not exist. */
  apply(rule: Rule, id: string): Outcome | undefined {
    const now = this.#clock.now()
    const state = this.pipeline(id, now)
    if (!state) return undefined
    const outcome = rule(state, now)
    this.#data.keep(state, outcome.next)
    return outcome
  }

  /** Creates a pipeline with new ids, at the current time. */
  create(input: NewPipeline): PipelineState {
    return this.#add(create(input, this.#clock.now(), () => this.#data.nextId(), this.#data.plans))
  }

  /**
   * Adds the pipelines and plans of a seed. The ids of the pipelines and elements must not exist yet. The progress of
   * the pipelines starts at the current time. The plans apply before all other plans.
   */
  add({ pipelines, plans }: Seed): void {
    for (const state of pipelines) this.#add(state)
    this.#data.plans = [...plans, ...this.#data.plans]
  }

  #add(state: PipelineState): PipelineState {
    const added = deepFreeze(startClock(state, this.#clock.now(), this.#data.takes))
    this.#data.create(added)
    return added
  }

  /** Deletes a pipeline with its elements. Returns false if the pipeline does not exist. */
  delete(id: string): boolean {
    const state = this.pipeline(id)
    if (state) this.#data.delete(state)
    return state !== undefined
  }

  get clock(): Pick<Clock, 'now' | 'mode'> {
    return this.#clock
  }

  /**
   * Calls `set` to change the clock. If the clock moves forward, the transitions between the old and the new time
   * become due. If the clock moves back, transitions that were already due stay applied, and future transitions move
   * back by the same amount as the clock.
   */
  setClock(set: (clock: Clock) => void): void {
    const before = this.#clock.now()
    set(this.#clock)
    const after = this.#clock.now()
    if (compareInstants(after, before) < 0) this.#data.postpone(before, millisecondsFrom(before, after))
  }

  /**
   * Replaces the data with the pipelines and plans of fixtures, until the data is reset. The settings of the fixtures
   * replace the clock and the progress of the sandbox.
   */
  seed(fixtures: ValidFixtures): Loaded {
    const { settings } = fixtures
    if (settings.clock !== undefined) this.#clock = clocksOf(settings.clock, this.#shared.source)()
    const now = this.#clock.now()
    const loaded = fixtures.loadAt(now)
    this.#data = new Overlay(loaded.seed, now, takesOf(settings.progress, this.#shared.home.takes))
    return loaded
  }

  /** Plans for the pipelines that clients create. The first matching plan applies. */
  get plans(): readonly CreationPlan[] {
    return this.#data.plans
  }

  /** Adds a plan before all other plans. Returns false if the sandbox already has `MAX_PLANS` plans. */
  addPlan(plan: CreationPlan): boolean {
    const { plans } = this.#data
    if (plans.length >= MAX_PLANS) return false
    this.#data.plans = [deepFreeze(plan), ...plans]
    return true
  }

  /** Default running time of elements in milliseconds. Undefined if elements do not end by themselves. */
  get takes(): number | undefined {
    return this.#data.takes
  }

  /**
   * Resets the given parts of the sandbox. By default, resets all parts and deletes the snapshots. A reset of the
   * faults aborts the requests that the faults hold.
   */
  reset(parts: readonly ResetPart[] = ALL_PARTS): void {
    const { home } = this.#shared
    const newClock = () => void (this.#clock = home.newClock())
    // `setClock` also moves future transitions. This is unnecessary if the data is reset, too.
    if (parts.includes('clock') && parts.includes('data')) newClock()
    else if (parts.includes('clock')) this.setClock(newClock)
    if (parts.includes('data')) this.#data = new Overlay(home.loaded.seed, this.#clock.now(), home.takes)
    if (parts.includes('faults')) this.faults.clear()
    if (parts.includes('journal')) this.journal.clear()
    if (parts === ALL_PARTS) this.#snapshots.clear()
  }

  /**
   * Saves the data under a name. Replaces an existing snapshot with this name. Returns false if the snapshot would be
   * new and the sandbox already has `MAX_SNAPSHOTS` snapshots.
   */
  snapshot(name: string): boolean {
    return this.#snapshots.save(name, { data: this.#data.copy(), at: this.#clock.now() })
  }

  /**
   * Restores the data of a snapshot. Future transitions are then as far in the future as they were when the snapshot
   * was saved. Returns false if the snapshot does not exist.
   */
  restore(name: string): boolean {
    const snapshot = this.#snapshots.get(name)
    if (!snapshot) return false
    this.#data = snapshot.data.copy()
    this.#data.postpone(snapshot.at, millisecondsFrom(snapshot.at, this.#clock.now()))
    return true
  }

  /** Names of the snapshots, in the order in which they were first saved. */
  get snapshots(): string[] {
    return this.#snapshots.names
  }
}
