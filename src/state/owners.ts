import { futureJobId } from '../pipelines/job.js'
import type { PipelineState } from '../pipelines/state.js'

/** The ids of created pipelines, by the ids of their elements, and by the ids of the jobs of their elements. */
export class Owners {
  #byElement: Map<string, string> | undefined
  #byJob: Map<string, string> | undefined

  copy(): Owners {
    const copy = new Owners()
    copy.#byElement = this.#byElement && new Map(this.#byElement)
    copy.#byJob = this.#byJob && new Map(this.#byJob)
    return copy
  }

  ofElement(id: string): string | undefined {
    return this.#byElement?.get(id)
  }

  /** Returns the id of the pipeline with the job. The job may not have started yet. */
  ofJob(id: string): string | undefined {
    return this.#byJob?.get(id)
  }

  add({ elements }: PipelineState): void {
    const byElement = (this.#byElement ??= new Map<string, string>())
    const byJob = (this.#byJob ??= new Map<string, string>())
    for (const element of elements) {
      byElement.set(element.id, element.pipeline_id)
      const job = futureJobId(element)
      if (job !== null) byJob.set(job, element.pipeline_id)
    }
  }

  delete({ elements }: PipelineState): void {
    for (const element of elements) {
      this.#byElement?.delete(element.id)
      const job = futureJobId(element)
      if (job !== null) this.#byJob?.delete(job)
    }
  }
}
