import type { Project } from '../contract/index.js'
import type { Seed } from '../fixtures/seed.js'
import { create, type NewPipeline } from '../pipelines/create.js'
import type { CreationPlan } from '../pipelines/creation-plan.js'
import { deepFreeze, freezeRecords } from '../pipelines/freeze.js'
import { uuidsIn } from '../pipelines/ids.js'
import { postpone, settle, startClock } from '../pipelines/progress.js'
import type { PipelineState } from '../pipelines/state.js'
import { type Instant, moved } from '../time/instant.js'
import { impliedProject } from '../projects/records.js'
import { Layer } from './layer.js'
import type { Reservation } from './memory.js'
import { Owners } from './owners.js'
import { growthOf, weightOf, weightOfPipeline } from './weight.js'

/**
 * Returns the id for a decimal number. Created records get the ids for the numbers 1, 2, 3 and so on, so the ids are
 * the same in every run.
 */
const createdId = uuidsIn('7d3f0b6e-2c91-4e58-8a47-b5d10c9e6f32')

/** Maximum number of plans for created pipelines in a sandbox. Fixtures can contain more plans. */
export const MAX_PLANS = 1000

const idOfPipeline = ({ pipeline }: PipelineState) => pipeline.id
const idOfProject = ({ id }: Project) => id

/** The records that are added to the data of a sandbox. */
type Addition = Pick<Seed, 'pipelines' | 'plans' | 'projects'>

/**
 * The data of a sandbox: a seed, and a layer with the differences from the seed. A reset of the data creates a new
 * overlay.
 */
export class Overlay {
  #owners = new Owners()
  #projects: Layer<Project>
  /** The number of ids that were generated for created pipelines and their elements. */
  createdIds: number
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
    readonly pipelines = new Layer((id) => seed.pipeline(id), idOfPipeline),
  ) {
    // The function must not refer to this overlay: a copy would keep this overlay and all its data in memory.
    this.#projects = new Layer((id) => seed.project(id), idOfProject)
    this.#plans = plans
    this.createdIds = seed.createdIds
  }

  /** All projects. A project stays until the data is reset, even if all its pipelines are deleted. */
  get projects(): readonly Project[] {
    return this.#projects.over(this.seed.projects)
  }

  project(id: string): Project | undefined {
    return this.#projects.get(id)
  }

  /** Plans for the pipelines that clients create. The first matching plan applies. */
  get plans(): readonly CreationPlan[] {
    return this.#plans
  }

  /** Copies the data. @throws MemoryError if `memory` is too small for the copy. */
  copy(memory: Reservation): Overlay {
    memory.require(this.memory.bytes)
    const copy = new Overlay(memory, this.seed, this.startedAt, this.takes, this.#plans, this.pipelines.copy())
    copy.#owners = this.#owners.copy()
    copy.#projects = this.#projects.copy()
    copy.createdIds = this.createdIds
    return copy
  }

  /**
   * Returns the id of the pipeline that contains an element. If the pipeline is seeded, returns its id even after the
   * pipeline was deleted.
   */
  ownerOf(elementId: string): string | undefined {
    return this.#owners.ofElement(elementId) ?? this.seed.pipelineOfElement(elementId)?.pipeline.id
  }

  /** Returns the id of the pipeline of a job, like `ownerOf`. The job may not have started yet. */
  ownerOfJob(id: string): string | undefined {
    return this.#owners.ofJob(id) ?? this.seed.pipelineOfJob(id)?.pipeline.id
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
   * Applies the due transitions to a copy of a pipeline, and returns the copy. Does not store the copy. `now` returns
   * the current time, and is called only if the pipeline has a plan.
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

  /**
   * Returns how much more memory a new version of a pipeline takes than the stored version. Without a stored version,
   * returns the memory of the new version.
   */
  #growth(next: PipelineState): number {
    const stored = this.pipelines.stored(next.pipeline.id)
    return stored ? growthOf(next, stored, this.seed.pipeline(next.pipeline.id)) : this.#weigh(next)
  }

  /**
   * Applies the transitions that are due at the time `at`, and moves all later transitions by `ms` milliseconds. A
   * negative number moves the transitions to earlier times.
   * @throws MemoryError, and changes nothing, if there is not enough memory left.
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
    const state = create(input, now, () => this.#nextId(), this.#plans)
    const projects = [impliedProject(state.pipeline.project_id)]
    return this.add({ pipelines: [state], plans: [], projects }, now)[0] as PipelineState
  }

  /**
   * Adds pipelines, plans and projects. The added plans take precedence over existing plans. A project that exists
   * stays unchanged. Returns the added pipelines.
   * @throws MemoryError, and adds nothing, if there is not enough memory left.
   */
  add({ pipelines, plans, projects }: Addition, now: Instant): PipelineState[] {
    const added = pipelines.map((state) => startClock(state, now, this.takes))
    const newProjects = projects.filter(({ id }) => !this.project(id))
    const weights = [...added.map((state) => this.#weigh(state)), ...[...plans, ...newProjects].map(weightOf)]
    this.memory.require(weights.reduce((sum, bytes) => sum + bytes, 0))
    this.#plans = [...plans, ...this.#plans]
    for (const project of newProjects) this.#projects.create(deepFreeze(project))
    for (const state of added) {
      this.pipelines.create(freezeRecords(state))
      this.#owners.add(state)
    }
    return added
  }

  /**
   * Adds a plan that takes precedence over existing plans. Returns false if there are already `MAX_PLANS` plans.
   * @throws MemoryError if there is not enough memory left.
   */
  addPlan(plan: CreationPlan): boolean {
    if (this.#plans.length >= MAX_PLANS) return false
    this.add({ pipelines: [], plans: [deepFreeze(plan)], projects: [] }, this.startedAt)
    return true
  }

  /**
   * Returns a new id. Skips existing ids: a seed that was exported from a mock may contain ids that this function
   * generated.
   */
  #nextId(): string {
    for (;;) {
      const id = createdId(String(++this.createdIds))
      if (!this.pipelines.isCreated(id) && this.#owners.ofElement(id) === undefined && !this.seed.hasExplicitId(id))
        return id
    }
  }

  /** Deletes an existing pipeline with its elements. */
  delete(state: PipelineState): void {
    const stored = this.pipelines.stored(state.pipeline.id)
    if (stored) this.memory.add(-this.#weigh(stored))
    if (this.pipelines.isCreated(state.pipeline.id)) this.#owners.delete(state)
    this.pipelines.delete(state.pipeline.id)
  }
}
