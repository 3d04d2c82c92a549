import type { PipelineElement } from '../contract/index.js'
import { create, type NewPipeline } from '../pipelines/create.js'
import { deepFreeze } from '../pipelines/freeze.js'
import { compareInstants, EARLIEST, type Instant, later, millisecondsFrom } from '../time/instant.js'
import { begin, postpone, settle } from '../pipelines/progress.js'
import type { Outcome, PipelineState } from '../pipelines/state.js'
import type { Seed } from '../fixtures/seed.js'
import type { Clock } from '../time/clock.js'
import { Faults } from './faults.js'
import { createdId } from './ids.js'
import { Journal, type JournalBudget } from './journal.js'

/** What a rule makes of a pipeline at a given time. */
export type Rule = (state: PipelineState, now: Instant) => Outcome

/** How every sandbox of a mock is to be. */
export interface SandboxOptions {
  readonly newClock: () => Clock
  /** How long elements run that do not say so themselves, in milliseconds. Left out: until something is done to them. */
  readonly takes?: number | undefined
  readonly budget: JournalBudget
}

/** How many snapshots a sandbox takes. */
export const MAX_SNAPSHOTS = 100

interface Snapshot {
  readonly seed: Seed
  readonly overlay: Overlay
  readonly at: Instant
}

/** What of a sandbox is reset. */
export type ResetPart = 'data' | 'journal' | 'faults' | 'clock'

const ALL_PARTS: readonly ResetPart[] = ['data', 'journal', 'faults', 'clock']

/** What a sandbox remembers beside its seed: dropping it is a reset. */
class Overlay {
  /** Seeded pipelines that were changed. */
  readonly changed: Map<string, PipelineState>
  readonly deleted: Set<string>
  /** Pipelines that were created, in that order. */
  readonly created: Map<string, PipelineState>
  /** The pipeline of each element that was created. */
  readonly owners: Map<string, string>
  /** How many ids were given out. */
  idCount: number

  /** `birth` is since when the time of what was seeded runs. */
  constructor(
    public birth: Instant,
    original?: Overlay,
  ) {
    this.changed = new Map(original?.changed)
    this.deleted = new Set(original?.deleted)
    this.created = new Map(original?.created)
    this.owners = new Map(original?.owners)
    this.idCount = original?.idCount ?? 0
  }
}

/**
 * A world of its own over a shared seed: it remembers only what was changed, created and deleted in it. Resetting drops
 * that memory, at a cost that depends neither on the seed nor on what was done. What is read is settled first: whatever
 * was due by the sandbox's clock has happened.
 */
export class Sandbox {
  readonly #home: Seed
  readonly #options: SandboxOptions
  #seed: Seed
  #clock: Clock
  #overlay: Overlay
  #snapshots: Map<string, Snapshot> | undefined
  readonly journal: Journal
  readonly faults = new Faults()
  /** How many requests are not answered yet. */
  inFlight = 0

  constructor(seed: Seed, options: SandboxOptions) {
    this.#home = seed
    this.#seed = seed
    this.#options = options
    this.#clock = options.newClock()
    this.#overlay = new Overlay(this.#clock.now())
    this.journal = new Journal(options.budget)
  }

  pipeline(id: string, now?: Instant): PipelineState | undefined {
    const { changed, created, deleted } = this.#overlay
    const found = created.get(id) ?? changed.get(id) ?? (deleted.has(id) ? undefined : this.#seed.pipeline(id))
    return found && this.#settled(found, now)
  }

  element(id: string): Readonly<PipelineElement> | undefined {
    const owner = this.#overlay.owners.get(id) ?? this.#seed.pipelineOfElement(id)?.pipeline.id
    return owner === undefined ? undefined : this.pipeline(owner)?.elements.find((element) => element.id === id)
  }

  /** All pipelines, or those of one project: the seeded ones in the order of the seed, then the created ones. */
  pipelines(project_id?: string, now = this.#clock.now()): PipelineState[] {
    const { changed, created, deleted } = this.#overlay
    const seeded = project_id === undefined ? this.#seed.pipelines : this.#seed.pipelinesOf(project_id)
    const added = [...created.values()].filter(
      ({ pipeline }) => pipeline.project_id === (project_id ?? pipeline.project_id),
    )
    const current = seeded.map((state) => changed.get(state.pipeline.id) ?? state)
    const kept = deleted.size === 0 ? current : current.filter(({ pipeline }) => !deleted.has(pipeline.id))
    return [...kept, ...added].map((state) => this.#settled(state, now))
  }

  /** Applies a rule to a pipeline now; undefined if there is no such pipeline. */
  apply(rule: Rule, id: string): Outcome | undefined {
    const now = this.#clock.now()
    const state = this.pipeline(id, now)
    if (!state) return undefined
    const outcome = rule(state, now)
    if (outcome.next !== state) this.#keep(outcome.next)
    return outcome
  }

  /** Creates a pipeline now, under ids of its own. */
  create(asked: NewPipeline): PipelineState {
    return this.#add(create(asked, this.#clock.now(), () => this.#nextId()))
  }

  /** Adds pipelines whose ids are taken by no other; their time begins now. */
  add(states: readonly PipelineState[]): void {
    for (const state of states) this.#add(state)
  }

  /** One that is taken, as by a state that was exported and seeded again, is passed over. */
  #nextId(): string {
    const { created, owners } = this.#overlay
    const id = createdId(++this.#overlay.idCount)
    return created.has(id) || owners.has(id) || this.#seed.isWritten(id) ? this.#nextId() : id
  }

  #add(state: PipelineState): PipelineState {
    const { created, owners } = this.#overlay
    const begun = deepFreeze(begin(state, this.#clock.now(), this.#options.takes))
    created.set(begun.pipeline.id, begun)
    for (const { id, pipeline_id } of begun.elements) owners.set(id, pipeline_id)
    return begun
  }

  /** Deletes a pipeline with its elements; false if there is no such pipeline. */
  delete(id: string): boolean {
    const state = this.pipeline(id)
    if (!state) return false
    const { changed, created, deleted, owners } = this.#overlay
    changed.delete(id)
    if (created.delete(id)) for (const element of state.elements) owners.delete(element.id)
    else deleted.add(id)
    return true
  }

  get clock(): Pick<Clock, 'now' | 'mode'> {
    return this.#clock
  }

  /**
   * Sets the clock. Set forward, the time in between passes; set back, none does: what was due has happened, and what is
   * still to come is as far away as it was.
   */
  setClock(set: (clock: Clock) => void): void {
    const before = this.#clock.now()
    this.pipelines()
    set(this.#clock)
    const after = this.#clock.now()
    if (compareInstants(after, before) >= 0) return
    this.#postpone(millisecondsFrom(before, after))
  }

  /** Moves what is to come by so many milliseconds. */
  #postpone(ms: number): void {
    const { changed, created } = this.#overlay
    this.#overlay.birth = later(this.#overlay.birth, ms) ?? EARLIEST
    for (const states of [changed, created])
      for (const state of states.values()) if (state.since) this.#keep(postpone(state, ms))
  }

  /** Begins anew from another seed, until the next reset. The clock stays as it is. */
  replace(seed: Seed): void {
    this.#seed = seed
    this.#overlay = new Overlay(this.#clock.now())
  }

  /** Back to what it was made with, as if it were new; or parts of it alone. Requests that faults hold are cut off. */
  reset(parts: readonly ResetPart[] = ALL_PARTS): void {
    if (parts.includes('clock')) this.#resetClock(parts.includes('data'))
    if (parts.includes('data')) this.replace(this.#home)
    if (parts.includes('faults')) this.faults.clear()
    if (parts.includes('journal')) this.journal.clear()
    if (parts === ALL_PARTS) this.#snapshots = undefined
  }

  /** What is to come keeps its distance, unless it is forgotten anyway. */
  #resetClock(forgetsData: boolean): void {
    if (forgetsData) this.#clock = this.#options.newClock()
    else this.setClock(() => void (this.#clock = this.#options.newClock()))
  }

  /** Remembers the data by a name; of two by the same name the later counts. False if there are as many as can be. */
  snapshot(name: string): boolean {
    const snapshots = (this.#snapshots ??= new Map())
    if (!snapshots.has(name) && snapshots.size >= MAX_SNAPSHOTS) return false
    const overlay = new Overlay(this.#overlay.birth, this.#overlay)
    snapshots.set(name, { seed: this.#seed, overlay, at: this.#clock.now() })
    return true
  }

  /** Back to the data of a snapshot; what was to come then is as far away now. False if there is none by that name. */
  restore(name: string): boolean {
    const snapshot = this.#snapshots?.get(name)
    if (!snapshot) return false
    this.#seed = snapshot.seed
    this.#overlay = new Overlay(snapshot.overlay.birth, snapshot.overlay)
    this.#postpone(millisecondsFrom(snapshot.at, this.#clock.now()))
    return true
  }

  /** The names of the snapshots, in the order in which they were made. */
  get snapshots(): string[] {
    return [...(this.#snapshots?.keys() ?? [])]
  }

  /** A pipeline as it is by now. What nothing becomes of by itself is not even looked at. */
  #settled(state: PipelineState, now?: Instant): PipelineState {
    const begun = begin(state, this.#overlay.birth, this.#options.takes)
    if (!begun.plan) return state
    const { next } = settle(begun, now ?? this.#clock.now())
    return next === state ? state : this.#keep(next)
  }

  #keep(state: PipelineState): PipelineState {
    const { changed, created } = this.#overlay
    const { id } = state.pipeline
    const frozen = deepFreeze(state)
    ;(created.has(id) ? created : changed).set(id, frozen)
    return frozen
  }
}
