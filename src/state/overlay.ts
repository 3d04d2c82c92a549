import type { Seed } from '../fixtures/seed.js'
import { create, type NewPipeline } from '../pipelines/create.js'
import type { CreationPlan } from '../pipelines/creation-plan.js'
import { deepFreeze, freezeRecords } from '../pipelines/freeze.js'
import { uuidsIn } from '../pipelines/ids.js'
import { postpone, settle, startClock } from '../pipelines/progress.js'
import type { PipelineState } from '../pipelines/state.js'
import { type Instant, moved } from '../time/instant.js'
import { Layer } from './layer.js'
import type { Reservation } from './memory.js'
import { growthOf, weightOf, weightOfPipeline } from './weight.js'

/**
 * Returns the id for a counter value, written in decimal. Created records get the ids of 1, 2, 3 and so on, so the
 * ids are the same in every run.
 */
const createdId = uuidsIn('7d3f0b6e-2c91-4e58-8a47-b5d10c9e6f32')

/** Maximum number of plans for created pipelines in a sandbox. Fixtures can contain more plans. */
export const MAX_PLANS = 1000

const idOf = ({ pipeline }: PipelineState) => pipeline.id

/**
 * The data of a sandbox: a seed, and a layer with the differences from the seed. A reset of the data creates a new
 * overlay.
 */
export class Overlay {
  /** The ids of created pipelines, by the ids of their elements. */
  #owners = new Map<string, string>()
  #idCount: number
  #plans: readonly CreationPlan[]

  /**
   * The progress of seeded pipelines starts at `startedAt`. `takes` is the default running time of elements in
   * milliseconds.
   * @throws MemoryError if there is no memory left for the pipelines.
   */
  constructor(
    /** The memory that is reserved for the data. */
    readonly memory: Reservation,
    readonly seed: Seed,
    public startedAt: Instant,
    readonly takes: number | undefined,
    plans = seed.plans,
    readonly pipelines = new Layer((id) => seed.pipeline(id), idOf),
  ) {
    this.#plans = plans
    this.#idCount = seed.createdIds
  }

  /** How many ids were generated for created pipelines and their elements. */
  get createdIds(): number {
    return this.#idCount
  }

  /** Plans for the pipelines that clients create. The first matching plan applies. */
  get plans(): readonly CreationPlan[] {
    return this.#plans
  }

  /** Copies the data. @throws MemoryError if `memory` is too small for the copy. */
  copy(memory: Reservation): Overlay {
    memory.require(this.memory.bytes)
    const copy = new Overlay(memory, this.seed, this.startedAt, this.takes, this.#plans, this.pipelines.copy())
    copy.#owners = new Map(this.#owners)
    copy.#idCount = this.#idCount
    return copy
  }

  /**
   * Returns the id of the pipeline that contains an element. If the pipeline is seeded, returns its id even after the
   * pipeline was deleted.
   */
  ownerOf(elementId: string): string | undefined {
    return this.#owners.get(elementId) ?? this.seed.pipelineOfElement(elementId)?.pipeline.id
  }

  /**
   * Returns all pipelines, or only the pipelines of one project. Seeded pipelines come first, in the order of the
   * seed. Created pipelines follow, in the order of their creation.
   */
  list(project_id?: string): PipelineState[] {
    if (project_id === undefined) return this.pipelines.over(this.seed.pipelines)
    const states = this.pipelines.over(this.seed.pipelinesOf(project_id))
    return states.filter(({ pipeline }) => pipeline.project_id === project_id)
  }

  /**
   * Returns a pipeline with the transitions that are due. Does not store the result. `now` returns the current time,
   * and is called only if the pipeline has a plan.
   */
  settle(state: PipelineState, now: () => Instant): PipelineState {
    const started = this.#started(state)
    return started.plan ? settle(started, now()).next : state
  }

  #started(state: PipelineState): PipelineState {
    return startClock(state, this.startedAt, this.takes)
  }

  /**
   * Stores the new version of a pipeline. If nothing has changed, stores nothing. Returns false, and stores nothing, if
   * there is not enough memory left.
   */
  keep(before: PipelineState, next: PipelineState): boolean {
    if (next === before) return true
    const hasRoom = this.memory.add(this.#growth(next))
    if (hasRoom) this.pipelines.set(freezeRecords(next))
    return hasRoom
  }

  #weigh(state: PipelineState): number {
    return weightOfPipeline(state, this.seed.pipeline(state.pipeline.id))
  }

  /** Returns how much more memory a new version of a pipeline takes than the version that is stored, if any. */
  #growth(next: PipelineState): number {
    const stored = this.pipelines.stored(next.pipeline.id)
    return stored ? growthOf(next, stored, this.seed.pipeline(next.pipeline.id)) : this.#weigh(next)
  }

  /**
   * Applies the transitions that are due at the time `at`, and moves all later transitions by `ms` milliseconds. A
   * negative number moves the transitions to earlier times.
   * @throws MemoryError if there is not enough memory left. Nothing was changed.
   */
  postpone(at: Instant, ms: number): void {
    const postponed = this.list().flatMap((stored) => {
      const started = this.#started(stored)
      const { next } = settle(started, at)
      // The progress of a pipeline that is not stored depends only on `startedAt`.
      if (next === started && !this.pipelines.stored(stored.pipeline.id)) return []
      return next.since ? [postpone(next, ms)] : []
    })
    this.memory.require(postponed.reduce((sum, state) => sum + this.#growth(state), 0))
    for (const state of postponed) this.pipelines.set(freezeRecords(state))
    this.startedAt = moved(this.startedAt, ms)
  }

  /** Creates a pipeline with new ids. @throws MemoryError if there is not enough memory left. */
  create(input: NewPipeline, now: Instant): PipelineState {
    const [state] = this.#add([create(input, now, () => this.#nextId(), this.#plans)], now)
    return state as PipelineState
  }

  /**
   * Adds the pipelines and plans of a seed. The plans apply before all other plans.
   * @throws MemoryError if there is not enough memory left. Nothing was added.
   */
  add({ pipelines, plans }: Seed, now: Instant): void {
    this.#add(pipelines, now, plans)
  }

  #add(states: readonly PipelineState[], now: Instant, plans: readonly CreationPlan[] = []): PipelineState[] {
    const added = states.map((state) => startClock(state, now, this.takes))
    const weights = [...added.map((state) => this.#weigh(state)), ...plans.map((plan) => weightOf(plan))]
    this.memory.require(weights.reduce((sum, bytes) => sum + bytes, 0))
    this.#plans = [...plans, ...this.#plans]
    for (const state of added) {
      this.pipelines.create(freezeRecords(state))
      for (const { id, pipeline_id } of state.elements) this.#owners.set(id, pipeline_id)
    }
    return added
  }

  /**
   * Adds a plan before all other plans. Returns false if there are already `MAX_PLANS` plans.
   * @throws MemoryError if there is not enough memory left.
   */
  addPlan(plan: CreationPlan): boolean {
    if (this.#plans.length >= MAX_PLANS) return false
    this.#add([], this.startedAt, [deepFreeze(plan)])
    return true
  }

  /**
   * Returns a new id. Skips ids that exist: a seed that was exported from a mock may contain ids that came from this
   * function.
   */
  #nextId(): string {
    for (;;) {
      const id = createdId(String(++this.#idCount))
      if (!this.pipelines.isCreated(id) && !this.#owners.has(id) && !this.seed.hasExplicitId(id)) return id
    }
  }

  /** Deletes an existing pipeline with its elements. */
  delete({ pipeline, elements }: PipelineState): void {
    const state = this.pipelines.stored(pipeline.id)
    if (state) this.memory.add(-this.#weigh(state))
    if (this.pipelines.isCreated(pipeline.id)) for (const { id } of elements) this.#owners.delete(id)
    this.pipelines.delete(pipeline.id)
  }
}
