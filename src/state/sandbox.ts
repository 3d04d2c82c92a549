import type { PipelineElement } from '../contract/index.js'
import { deepFreeze } from '../pipelines/freeze.js'
import type { Instant } from '../pipelines/instant.js'
import type { Outcome, PipelineState } from '../pipelines/state.js'
import type { Seed } from '../seed/seed.js'
import type { Clock } from './clock.js'

/** What a rule makes of a pipeline at a given time. */
export type Rule = (state: PipelineState, now: Instant) => Outcome

/**
 * A world of its own over a shared seed: it remembers only the pipelines that were changed in it. Resetting drops that
 * memory, at a cost that depends neither on the seed nor on what was changed.
 */
export class Sandbox {
  readonly #home: Seed
  readonly #clock: Clock
  #seed: Seed
  #changed = new Map<string, PipelineState>()

  constructor(seed: Seed, clock: Clock) {
    this.#home = seed
    this.#seed = seed
    this.#clock = clock
  }

  pipeline(id: string): PipelineState | undefined {
    return this.#changed.get(id) ?? this.#seed.pipeline(id)
  }

  element(id: string): Readonly<PipelineElement> | undefined {
    const owner = this.#seed.pipelineOfElement(id)
    return owner && this.#current(owner).elements.find((element) => element.id === id)
  }

  /** All pipelines, or those of one project, in the order of the seed. */
  pipelines(project_id?: string): PipelineState[] {
    const seeded = project_id === undefined ? this.#seed.pipelines : this.#seed.pipelinesOf(project_id)
    return seeded.map((state) => this.#current(state))
  }

  /** Applies a rule to a pipeline now; undefined if there is no such pipeline. */
  apply(rule: Rule, id: string): Outcome | undefined {
    const state = this.pipeline(id)
    if (!state) return undefined
    const outcome = rule(state, this.#clock())
    if (outcome.next !== state) this.#changed.set(id, deepFreeze(outcome.next))
    return outcome
  }

  /** Begins anew from another seed, until the next reset. */
  replace(seed: Seed): void {
    this.#seed = seed
    this.#changed = new Map()
  }

  /** Back to the seed that the sandbox was made with, as if it were new. */
  reset(): void {
    this.replace(this.#home)
  }

  #current(seeded: PipelineState): PipelineState {
    return this.#changed.get(seeded.pipeline.id) ?? seeded
  }
}
