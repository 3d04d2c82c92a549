import type { Seed } from '../fixtures/seed.js'
import { deepFreeze } from '../pipelines/freeze.js'
import { uuidsIn } from '../pipelines/ids.js'
import { postpone, settle, startClock } from '../pipelines/progress.js'
import type { PipelineState } from '../pipelines/state.js'
import { EARLIEST, type Instant, later } from '../time/instant.js'
import { Layer } from './layer.js'

/**
 * Returns the id for a counter value, written in decimal. Created records get the ids of 1, 2, 3 and so on, so the
 * ids are the same in every run.
 */
const createdId = uuidsIn('7d3f0b6e-2c91-4e58-8a47-b5d10c9e6f32')

const idOf = ({ pipeline }: PipelineState) => pipeline.id

/**
 * The data of a sandbox: a seed, and a layer with the differences from the seed. A reset of the data creates a new
 * overlay.
 */
export class Overlay {
  /** The ids of created pipelines, by the ids of their elements. */
  #owners = new Map<string, string>()
  #idCount = 0

  /**
   * The progress of seeded pipelines starts at `startedAt`. `takes` is the default running time of elements in
   * milliseconds, `plans` are the plans for pipelines that clients create.
   */
  constructor(
    readonly seed: Seed,
    public startedAt: Instant,
    readonly takes: number | undefined,
    public plans = seed.plans,
    readonly pipelines = new Layer((id) => seed.pipeline(id), idOf),
  ) {}

  copy(): Overlay {
    const copy = new Overlay(this.seed, this.startedAt, this.takes, this.plans, this.pipelines.copy())
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

  /** Stores the new version of a pipeline, and returns it. If nothing has changed, stores nothing. */
  keep(before: PipelineState, next: PipelineState): PipelineState {
    if (next !== before) this.pipelines.set(deepFreeze(next))
    return next
  }

  /**
   * Applies the transitions that are due at the time `at`, and moves all later transitions by `ms` milliseconds. A
   * negative number moves the transitions to earlier times.
   */
  postpone(at: Instant, ms: number): void {
    for (const state of this.list().map((one) => this.#started(one))) this.keep(state, settle(state, at).next)
    this.startedAt = later(this.startedAt, ms) ?? EARLIEST
    for (const state of this.pipelines.touched()) if (state.since) this.keep(state, postpone(state, ms))
  }

  /**
   * Returns a new id. Skips ids that exist: a seed that was exported from a mock may contain ids that came from this
   * function.
   */
  nextId(): string {
    for (;;) {
      const id = createdId(String(++this.#idCount))
      if (!this.pipelines.isCreated(id) && !this.#owners.has(id) && !this.seed.hasExplicitId(id)) return id
    }
  }

  create(state: PipelineState): void {
    this.pipelines.create(state)
    for (const { id, pipeline_id } of state.elements) this.#owners.set(id, pipeline_id)
  }

  /** Deletes an existing pipeline with its elements. */
  delete({ pipeline, elements }: PipelineState): void {
    if (this.pipelines.isCreated(pipeline.id)) for (const { id } of elements) this.#owners.delete(id)
    this.pipelines.delete(pipeline.id)
  }
}
