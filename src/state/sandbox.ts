import type { ResetPart } from '../contract/control.js'
import type { PipelineElement } from '../contract/index.js'
import type { Loaded, ValidFixtures } from '../fixtures/load.js'
import type { Seed } from '../fixtures/seed.js'
import type { NewPipeline } from '../pipelines/create.js'
import { findJob, type JobState } from '../pipelines/job.js'
import type { Outcome, PipelineState } from '../pipelines/state.js'
import type { Clock } from '../time/clock.js'
import { compareInstants, type Instant, millisecondsFrom } from '../time/instant.js'
import { Faults } from './faults.js'
import { clocksOf, type SharedState, takesOf } from './home.js'
import { Journal } from './journal.js'
import { MemoryError, Reservation } from './memory.js'
import { Overlay } from './overlay.js'
import { Snapshots } from './snapshots.js'
import { weightOfFixtures } from './weight.js'

/** A function that computes the next state of a pipeline at an instant. */
export type Rule = (state: PipelineState, now: Instant) => Outcome

const ALL_PARTS: readonly ResetPart[] = ['data', 'journal', 'faults', 'clock']

/**
 * An isolated state: data, clock, journal and faults. All sandboxes of a mock start with the same seed. The data of a
 * sandbox contains only the differences from the seed. A reset drops these differences, so a reset is fast even if the
 * seed is large.
 *
 * Each method that returns pipelines or elements, except `unsettled`, first applies the due transitions.
 */
export class Sandbox {
  readonly #shared: SharedState
  #clock: Clock
  #data: Overlay
  readonly #snapshots = new Snapshots()
  readonly journal: Journal
  readonly faults: Faults
  /** Number of requests in progress, plus the number of `waitFor` calls that are still waiting. */
  inFlight = 0

  constructor(shared: SharedState) {
    this.#shared = shared
    this.#clock = shared.home.newClock()
    this.#data = this.#initialData(new Reservation(shared.memory, 'pipelines'))
    this.journal = new Journal(shared.budget)
    this.faults = new Faults(shared.memory)
  }

  pipeline(id: string | undefined, now?: Instant): PipelineState | undefined {
    const found = id === undefined ? undefined : this.#data.pipelines.get(id)
    const settled = found && this.settle(found, now)
    // The caller gets the pipeline with its due transitions even if there is not enough memory to store the pipeline.
    if (settled) this.#data.keep(found, settled)
    return settled
  }

  element(id: string): Readonly<PipelineElement> | undefined {
    return this.pipeline(this.#data.ownerOf(id))?.elements.find((element) => element.id === id)
  }

  job(id: string): JobState | undefined {
    const state = this.pipeline(this.#data.ownerOfJob(id))
    return state && findJob(state, id)
  }

  /**
   * Returns all pipelines, or only the pipelines of one project. Seeded pipelines come first, in the order of the
   * seed. Created pipelines follow, in the order of their creation.
   */
  pipelines(project_id?: string, now = this.#clock.now()): PipelineState[] {
    return this.unsettled(project_id).map((state) => this.settle(state, now))
  }

  /** Returns the same pipelines as the method `pipelines`, but does not apply their due transitions. */
  unsettled(project_id?: string): PipelineState[] {
    return this.#data.list(project_id)
  }

  /**
   * Applies the due transitions to a copy of a pipeline, and returns the copy. The sandbox does not store the copy:
   * otherwise, a request that lists all pipelines would store every pipeline a second time.
   */
  settle(state: PipelineState, now?: Instant): PipelineState {
    return this.#data.settle(state, () => now ?? this.#clock.now())
  }

  /**
   * Applies a rule to a pipeline at the current time. Returns undefined if the pipeline does not exist.
   * @throws MemoryError if there is not enough memory left.
   */
  apply(rule: Rule, id: string): Outcome | undefined {
    const now = this.#clock.now()
    const state = this.pipeline(id, now)
    const outcome = state && rule(state, now)
    if (outcome && !this.#data.keep(state, outcome.next)) throw new MemoryError(this.#shared.memory.limit)
    return outcome
  }

  /** Creates a pipeline with new ids, at the current time. @throws MemoryError if there is not enough memory left. */
  create(input: NewPipeline): PipelineState {
    return this.#data.create(input, this.#clock.now())
  }

  /**
   * Adds the pipelines, plans and projects of a seed. The ids of its records and jobs must not exist yet. The progress of
   * the pipelines starts at the current time. The added plans take precedence over existing plans.
   * @throws MemoryError, and adds nothing, if there is not enough memory left.
   */
  add(seed: Seed): void {
    this.#data.add(seed, this.#clock.now())
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
    const clock = this.#clock.copy()
    set(clock)
    this.#moveTo(clock)
  }

  #moveTo(clock: Clock): void {
    const [before, after] = [this.#clock.now(), clock.now()]
    if (compareInstants(after, before) < 0) this.#data.postpone(before, millisecondsFrom(before, after))
    this.#clock = clock
  }

  /**
   * Replaces the data with the pipelines and plans of fixtures, until the data is reset. The settings of the fixtures
   * replace the clock and the progress of the sandbox.
   * @throws MemoryError, and changes nothing, if there is not enough memory left.
   */
  seed(fixtures: ValidFixtures): Loaded {
    const { settings } = fixtures
    const { home, source } = this.#shared
    const clock = settings.clock === undefined ? this.#clock : clocksOf(settings.clock, source)()
    const { memory } = this.#data
    const loaded = fixtures.loadAt(clock.now())
    memory.require(weightOfFixtures(fixtures) - memory.bytes)
    this.#clock = clock
    this.#data = new Overlay(memory, loaded.seed, clock.now(), takesOf(settings.progress, home.takes))
    return loaded
  }

  #initialData(memory: Reservation): Overlay {
    const { loaded, takes } = this.#shared.home
    memory.free()
    return new Overlay(memory, loaded.seed, this.#clock.now(), takes)
  }

  /** The data apart from the pipelines. */
  get data(): Readonly<Omit<Overlay, 'pipelines'>> {
    return this.#data
  }

  /**
   * Resets the given parts of the sandbox. By default, resets all parts and deletes the snapshots. A reset of the
   * faults aborts the requests that the faults hold.
   */
  reset(parts: readonly ResetPart[] = ALL_PARTS): void {
    const clock = parts.includes('clock') ? this.#shared.home.newClock() : this.#clock
    // `#moveTo` also moves future transitions. If the data is reset, too, there are no transitions to move.
    if (parts.includes('data')) this.#clock = clock
    else this.#moveTo(clock)
    if (parts.includes('data')) this.#data = this.#initialData(this.#data.memory)
    if (parts.includes('faults')) this.faults.clear()
    if (parts.includes('journal')) this.journal.clear()
    if (parts === ALL_PARTS) this.#snapshots.clear()
  }

  /**
   * Saves the data under a name. Replaces an existing snapshot with this name. Returns false if the snapshot would be
   * new and the sandbox already has `MAX_SNAPSHOTS` snapshots.
   */
  snapshot(name: string): boolean {
    const [at, memory] = [this.#clock.now(), new Reservation(this.#shared.memory, 'snapshots')]
    return this.#snapshots.save(name, () => ({ data: this.#data.copy(memory), at }))
  }

  /**
   * Restores the data of a snapshot. After the restore, a future transition is as far in the future as when the
   * snapshot was saved. Returns false if the snapshot does not exist.
   */
  restore(name: string): boolean {
    const memory = new Reservation(this.#shared.memory, 'pipelines')
    const data = this.#snapshots.copyOf(name, this.#clock.now(), memory)
    if (data) this.#data.memory.free()
    this.#data = data ?? this.#data
    return data !== undefined
  }

  /** Releases the memory, aborts the requests that faults hold, and ends all waits. Do not use the sandbox later. */
  dispose(): void {
    this.#data.memory.close()
    this.#snapshots.clear()
    this.faults.close()
    this.journal.clear()
    this.journal.endWaits('sandbox_dropped')
  }

  /** Names of the snapshots, in the order in which they were first saved. */
  get snapshots(): string[] {
    return this.#snapshots.names
  }
}
