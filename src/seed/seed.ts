import { deepFreeze } from '../pipelines/freeze.js'
import type { PipelineState } from '../pipelines/state.js'

/**
 * All pipelines that a mock begins with, indexed once. Shared by every sandbox, and never written to: what is taken out is
 * frozen, when it is taken out first.
 */
export class Seed {
  readonly #pipelines: readonly PipelineState[]
  readonly #byId: ReadonlyMap<string, PipelineState>
  readonly #byElement: ReadonlyMap<string, PipelineState>
  readonly #byProject = new Map<string, PipelineState[]>()

  /** The maps have each pipeline by its id, and by those of its elements. */
  constructor(
    pipelines: readonly PipelineState[],
    byId: ReadonlyMap<string, PipelineState>,
    byElement: ReadonlyMap<string, PipelineState>,
  ) {
    this.#pipelines = pipelines
    this.#byId = byId
    this.#byElement = byElement
    for (const state of pipelines) {
      const project = this.#byProject.get(state.pipeline.project_id)
      if (project) project.push(state)
      else this.#byProject.set(state.pipeline.project_id, [state])
    }
  }

  get elementCount(): number {
    return this.#byElement.size
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
