import type { PipelineElement } from '../contract/index.js'
import { create, type NewPipeline } from '../pipelines/create.js'
import { deepFreeze } from '../pipelines/freeze.js'
import type { Instant } from '../pipelines/instant.js'
import type { Outcome, PipelineState } from '../pipelines/state.js'
import type { Seed } from '../seed/seed.js'
import type { Clock } from './clock.js'
import { seededIds } from './ids.js'

/** What a rule makes of a pipeline at a given time. */
export type Rule = (state: PipelineState, now: Instant) => Outcome

/** What a sandbox remembers beside its seed: dropping it is a reset. */
class Overlay {
  /** Seeded pipelines that were changed. */
  readonly changed = new Map<string, PipelineState>()
  readonly deleted = new Set<string>()
  /** Pipelines that were created, in that order. */
  readonly created = new Map<string, PipelineState>()
  /** The pipeline of each element that was created. */
  readonly owners = new Map<string, string>()
  readonly nextId = seededIds()
}

/**
 * A world of its own over a shared seed: it remembers only what was changed, created and deleted in it. Resetting drops
 * that memory, at a cost that depends neither on the seed nor on what was done.
 */
export class Sandbox {
  readonly #home: Seed
  readonly #clock: Clock
  #seed: Seed
  #overlay = new Overlay()

  constructor(seed: Seed, clock: Clock) {
    this.#home = seed
    this.#seed = seed
    this.#clock = clock
  }

  pipeline(id: string): PipelineState | undefined {
    const { changed, created, deleted } = this.#overlay
    return deleted.has(id) ? undefined : (created.get(id) ?? changed.get(id) ?? this.#seed.pipeline(id))
  }

  element(id: string): Readonly<PipelineElement> | undefined {
    const owner = this.#overlay.owners.get(id) ?? this.#seed.pipelineOfElement(id)?.pipeline.id
    return owner === undefined ? undefined : this.pipeline(owner)?.elements.find((element) => element.id === id)
  }

  /** All pipelines, or those of one project: the seeded ones in the order of the seed, then the created ones. */
  pipelines(project_id?: string): PipelineState[] {
    const { changed, created, deleted } = this.#overlay
    const seeded = project_id === undefined ? this.#seed.pipelines : this.#seed.pipelinesOf(project_id)
    const added = [...created.values()].filter(
      ({ pipeline }) => pipeline.project_id === (project_id ?? pipeline.project_id),
    )
    const current = seeded.map((state) => changed.get(state.pipeline.id) ?? state)
    return [...(deleted.size === 0 ? current : current.filter(({ pipeline }) => !deleted.has(pipeline.id))), ...added]
  }

  /** Applies a rule to a pipeline now; undefined if there is no such pipeline. */
  apply(rule: Rule, id: string): Outcome | undefined {
    const state = this.pipeline(id)
    if (!state) return undefined
    const outcome = rule(state, this.#clock())
    const { changed, created } = this.#overlay
    if (outcome.next !== state) (created.has(id) ? created : changed).set(id, deepFreeze(outcome.next))
    return outcome
  }

  /** Creates a pipeline now, under ids of its own. */
  create(asked: NewPipeline): PipelineState {
    const { created, owners, nextId } = this.#overlay
    const state = deepFreeze(create(asked, this.#clock(), nextId))
    created.set(state.pipeline.id, state)
    for (const { id, pipeline_id } of state.elements) owners.set(id, pipeline_id)
    return state
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

  /** Begins anew from another seed, until the next reset. */
  replace(seed: Seed): void {
    this.#seed = seed
    this.#overlay = new Overlay()
  }

  /** Back to the seed that the sandbox was made with, as if it were new. */
  reset(): void {
    this.replace(this.#home)
  }
}
