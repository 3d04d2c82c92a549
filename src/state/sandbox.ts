import type { ResetPart } from '../contract/control.js'
import type { PipelineElement } from '../contract/index.js'
import type { Seed } from '../fixtures/seed.js'
import { create, type NewPipeline } from '../pipelines/create.js'
import { deepFreeze } from '../pipelines/freeze.js'
import { postpone, settle, startClock } from '../pipelines/progress.js'
import type { Outcome, PipelineState } from '../pipelines/state.js'
import type { Clock } from '../time/clock.js'
import { compareInstants, EARLIEST, type Instant, later, millisecondsFrom } from '../time/instant.js'
import { Faults } from './faults.js'
import { Journal, type JournalBudget } from './journal.js'
import { Overlay } from './overlay.js'

/** A function that computes the next state of a pipeline at an instant. */
export type Rule = (state: PipelineState, now: Instant) => Outcome

/** Options that all sandboxes of a mock share. */
export interface SandboxOptions {
  readonly newClock: () => Clock
  /**
   * Default running time of elements in milliseconds. Absent: an element does not end by itself if neither the
   * element nor its pipeline has `takes` in the fixture.
   */
  readonly takes?: number | undefined
  readonly budget: JournalBudget
}

/** Maximum number of snapshots in a sandbox. */
export const MAX_SNAPSHOTS = 100

const ALL_PARTS: readonly ResetPart[] = ['data', 'journal', 'faults', 'clock']

/**
 * An isolated state: data, clock, journal and faults. All sandboxes of a mock start with the same seed. The data of a
 * sandbox contains only the differences from the seed. A reset drops these differences, so a reset is fast even if
 * the seed is large.
 *
 * Before a pipeline or one of its elements is returned, the due transitions of the pipeline are applied.
 */
export class Sandbox {
  readonly #initialSeed: Seed
  readonly #options: SandboxOptions
  #clock: Clock
  #data: Overlay
  #snapshots: Map<string, { data: Overlay; at: Instant }> | undefined
  readonly journal: Journal
  readonly faults = new Faults()
  /** Number of requests in progress, plus the number of `waitFor` calls that are still waiting. */
  inFlight = 0

  constructor(seed: Seed, options: SandboxOptions) {
    this.#initialSeed = seed
    this.#options = options
    this.#clock = options.newClock()
    this.#data = new Overlay(seed, this.#clock.now())
    this.journal = new Journal(options.budget)
  }

  pipeline(id: string, now?: Instant): PipelineState | undefined {
    const found = this.#data.pipelines.get(id)
    return found && this.#keep(found, this.settle(found, now))
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
    const started = this.#started(state)
    return started.plan ? settle(started, now ?? this.#clock.now()).next : state
  }

  #started(state: PipelineState): PipelineState {
    return startClock(state, this.#data.startedAt, this.#options.takes)
  }

  /** Applies a rule to a pipeline at the current time. Returns undefined if the pipeline does not exist. */
  apply(rule: Rule, id: string): Outcome | undefined {
    const now = this.#clock.now()
    const state = this.pipeline(id, now)
    if (!state) return undefined
    const outcome = rule(state, now)
    this.#keep(state, outcome.next)
    return outcome
  }

  /** Creates a pipeline with new ids, at the current time. */
  create(input: NewPipeline): PipelineState {
    return this.#add(create(input, this.#clock.now(), () => this.#data.nextId()))
  }

  /**
   * Adds pipelines. The ids of the pipelines and elements must not exist yet. The progress of the pipelines starts at
   * the current time.
   */
  add(states: readonly PipelineState[]): void {
    for (const state of states) this.#add(state)
  }

  #add(state: PipelineState): PipelineState {
    const added = deepFreeze(startClock(state, this.#clock.now(), this.#options.takes))
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
    if (compareInstants(after, before) < 0) this.#postpone(before, millisecondsFrom(before, after))
  }

  /**
   * Applies the transitions that are due at the time `at`, and moves all later transitions by `ms` milliseconds. A
   * negative number moves the transitions to earlier times.
   */
  #postpone(at: Instant, ms: number): void {
    for (const started of this.unsettled().map((state) => this.#started(state)))
      this.#keep(started, settle(started, at).next)
    this.#data.startedAt = later(this.#data.startedAt, ms) ?? EARLIEST
    for (const state of this.#data.pipelines.touched()) if (state.since) this.#keep(state, postpone(state, ms))
  }

  /**
   * Replaces the data with the pipelines of another seed. A reset of the data restores the initial seed. The clock
   * does not change.
   */
  replace(seed: Seed): void {
    this.#data = new Overlay(seed, this.#clock.now())
  }

  /**
   * Resets the given parts of the sandbox. By default, resets all parts and deletes the snapshots. A reset of the
   * faults aborts the requests that the faults hold.
   */
  reset(parts: readonly ResetPart[] = ALL_PARTS): void {
    const newClock = () => void (this.#clock = this.#options.newClock())
    // `setClock` also moves future transitions. This is unnecessary if the data is reset, too.
    if (parts.includes('clock') && parts.includes('data')) newClock()
    else if (parts.includes('clock')) this.setClock(newClock)
    if (parts.includes('data')) this.replace(this.#initialSeed)
    if (parts.includes('faults')) this.faults.clear()
    if (parts.includes('journal')) this.journal.clear()
    if (parts === ALL_PARTS) this.#snapshots = undefined
  }

  /**
   * Saves the data under a name. Replaces an existing snapshot with this name. Returns false if the snapshot would be
   * new and the sandbox already has `MAX_SNAPSHOTS` snapshots.
   */
  snapshot(name: string): boolean {
    const snapshots = (this.#snapshots ??= new Map())
    if (!snapshots.has(name) && snapshots.size >= MAX_SNAPSHOTS) return false
    snapshots.set(name, { data: this.#data.copy(), at: this.#clock.now() })
    return true
  }

  /**
   * Restores the data of a snapshot. Future transitions are then as far in the future as they were when the snapshot
   * was saved. Returns false if the snapshot does not exist.
   */
  restore(name: string): boolean {
    const snapshot = this.#snapshots?.get(name)
    if (!snapshot) return false
    this.#data = snapshot.data.copy()
    this.#postpone(snapshot.at, millisecondsFrom(snapshot.at, this.#clock.now()))
    return true
  }

  /** Names of the snapshots, in the order in which they were first saved. */
  get snapshots(): string[] {
    return [...(this.#snapshots?.keys() ?? [])]
  }

  /** Stores the new version of a pipeline, and returns it. If nothing has changed, stores nothing. */
  #keep(before: PipelineState, next: PipelineState): PipelineState {
    if (next !== before) this.#data.pipelines.set(deepFreeze(next))
    return next
  }
}
