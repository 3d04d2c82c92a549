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

/** Makes the next state of a pipeline at a given time. */
export type Rule = (state: PipelineState, now: Instant) => Outcome

/** Options that all sandboxes of a mock share. */
export interface SandboxOptions {
  readonly newClock: () => Clock
  /** How many milliseconds elements run if nothing else says so. Default: until something is done to them. */
  readonly takes?: number | undefined
  readonly budget: JournalBudget
}

/** How many snapshots a sandbox can have. */
export const MAX_SNAPSHOTS = 100

const ALL_PARTS: readonly ResetPart[] = ['data', 'journal', 'faults', 'clock']

/**
 * A world of its own over a shared seed: it holds only what was changed, created and deleted in it. A reset drops that, at
 * a cost that depends neither on the seed nor on what was done. What is read is settled first: everything that was due by
 * the clock of the sandbox has happened.
 */
export class Sandbox {
  readonly #initialSeed: Seed
  readonly #options: SandboxOptions
  #clock: Clock
  #data: Overlay
  #snapshots: Map<string, { data: Overlay; at: Instant }> | undefined
  readonly journal: Journal
  readonly faults = new Faults()
  /** How many requests have no response yet. */
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
    return found && this.#settled(found, now)
  }

  element(id: string): Readonly<PipelineElement> | undefined {
    const owner = this.#data.ownerOf(id)
    return owner === undefined ? undefined : this.pipeline(owner)?.elements.find((element) => element.id === id)
  }

  /** All pipelines, or those of one project: the seeded ones in the order of the seed, then the created ones. */
  pipelines(project_id?: string, now = this.#clock.now()): PipelineState[] {
    return this.#data.list(project_id).map((state) => this.#settled(state, now))
  }

  /** Applies a rule to a pipeline now; undefined if the pipeline does not exist. */
  apply(rule: Rule, id: string): Outcome | undefined {
    const now = this.#clock.now()
    const state = this.pipeline(id, now)
    if (!state) return undefined
    const outcome = rule(state, now)
    if (outcome.next !== state) this.#keep(outcome.next)
    return outcome
  }

  /** Creates a pipeline now, with new ids. */
  create(asked: NewPipeline): PipelineState {
    return this.#add(create(asked, this.#clock.now(), () => this.#data.nextId()))
  }

  /** Adds pipelines, whose ids no other has; their time begins now. */
  add(states: readonly PipelineState[]): void {
    for (const state of states) this.#add(state)
  }

  #add(state: PipelineState): PipelineState {
    const added = deepFreeze(startClock(state, this.#clock.now(), this.#options.takes))
    this.#data.create(added)
    return added
  }

  /** Deletes a pipeline with its elements; false if it does not exist. */
  delete(id: string): boolean {
    const state = this.pipeline(id)
    if (state) this.#data.delete(state)
    return state !== undefined
  }

  get clock(): Pick<Clock, 'now' | 'mode'> {
    return this.#clock
  }

  /**
   * Sets the clock. Set forward, the time in between passes. Set back, none does: what was due has happened, and what is to
   * come is as far away as it was.
   */
  setClock(set: (clock: Clock) => void): void {
    const before = this.#clock.now()
    this.#settleAll()
    set(this.#clock)
    const after = this.#clock.now()
    if (compareInstants(after, before) < 0) this.#postpone(millisecondsFrom(before, after))
  }

  #settleAll(): void {
    this.pipelines()
  }

  /** Moves everything to come by `ms` milliseconds. */
  #postpone(ms: number): void {
    this.#data.startedAt = later(this.#data.startedAt, ms) ?? EARLIEST
    for (const state of this.#data.pipelines.touched()) if (state.since) this.#keep(postpone(state, ms))
  }

  /** Starts from another seed, until the next reset. The clock stays as it is. */
  replace(seed: Seed): void {
    this.#data = new Overlay(seed, this.#clock.now())
  }

  /** Resets the sandbox as if it were new, or only parts of it. Aborts the requests that faults hold. */
  reset(parts: readonly ResetPart[] = ALL_PARTS): void {
    const newClock = () => void (this.#clock = this.#options.newClock())
    // What is to come keeps its distance, unless the data is dropped anyway.
    if (parts.includes('clock') && parts.includes('data')) newClock()
    else if (parts.includes('clock')) this.setClock(newClock)
    if (parts.includes('data')) this.replace(this.#initialSeed)
    if (parts.includes('faults')) this.faults.clear()
    if (parts.includes('journal')) this.journal.clear()
    if (parts === ALL_PARTS) this.#snapshots = undefined
  }

  /** Saves the data under a name, in place of an earlier snapshot; false if there are `MAX_SNAPSHOTS` others. */
  snapshot(name: string): boolean {
    const snapshots = (this.#snapshots ??= new Map())
    if (!snapshots.has(name) && snapshots.size >= MAX_SNAPSHOTS) return false
    snapshots.set(name, { data: this.#data.copy(), at: this.#clock.now() })
    return true
  }

  /** Restores the data of a snapshot; what was to come then is as far away now. False if it does not exist. */
  restore(name: string): boolean {
    const snapshot = this.#snapshots?.get(name)
    if (!snapshot) return false
    this.#data = snapshot.data.copy()
    this.#postpone(millisecondsFrom(snapshot.at, this.#clock.now()))
    return true
  }

  /** The names of the snapshots, the oldest first. */
  get snapshots(): string[] {
    return [...(this.#snapshots?.keys() ?? [])]
  }

  /** Brings a pipeline up to date. A pipeline without a plan is returned as it is. */
  #settled(state: PipelineState, now?: Instant): PipelineState {
    const started = startClock(state, this.#data.startedAt, this.#options.takes)
    if (!started.plan) return state
    const { next } = settle(started, now ?? this.#clock.now())
    return next === state ? state : this.#keep(next)
  }

  #keep(state: PipelineState): PipelineState {
    const frozen = deepFreeze(state)
    this.#data.pipelines.set(frozen)
    return frozen
  }
}
