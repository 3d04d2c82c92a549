import { deepFreeze } from '../pipelines/freeze.js'
import type { PipelineState } from '../pipelines/state.js'

/**
 * All pipelines that a mock begins with, indexed once. Shared by every sandbox, and never written to: what is taken out is
 * frozen, when it is taken out first.
 */
export class Seed {
  readonly #pipelines: readonly PipelineState[]
  readonly elementCount: number
  readonly #byId = new Map<string, PipelineState>()
  readonly #byElement = new Map<string, PipelineState>()
  readonly #byProject = new Map<string, PipelineState[]>()

  /** The ids of pipelines are unique, and so are those of elements: who loads a seed has checked that. */
  constructor(pipelines: readonly PipelineState[]) {
    this.#pipelines = pipelines
    for (const state of pipelines) {
      this.#byId.set(state.pipeline.id, state)
      for (const element of state.elements) this.#byElement.set(element.id, state)
      const project = this.#byProject.get(state.pipeline.project_id)
      if (project) project.push(state)
      else this.#byProject.set(state.pipeline.project_id, [state])
    }
    this.elementCount = this.#byElement.size
  }

  get pipelineCount(): number {
    return this.#pipelines.length
  }

  /** In the order of the fixtures. */
  get pipelines(): readonly PipelineState[] {
    return deepFreeze(this.#pipelines)
  }

  pipeline(id: string): PipelineState | undefined {
    return deepFreeze(this.#byId.get(id))
  }

  /** The pipeline that an element belongs to. */
  pipelineOfElement(id: string): PipelineState | undefined {
    return deepFreeze(this.#byElement.get(id))
  }

  /** In the order of the fixtures. */
  pipelinesOf(project_id: string): readonly PipelineState[] {
    return deepFreeze(this.#byProject.get(project_id) ?? [])
  }
}
