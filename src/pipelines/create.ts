import type { Pipeline, PipelineElement } from '../contract/index.js'
import type { Instant } from '../time/instant.js'
import { type CreationPlan, planFor } from './creation-plan.js'
import type { Given } from './fields.js'
import { newElement, newPipeline } from './records.js'
import type { PipelineState } from './state.js'

/** Input of the function `create`. Absent fields get their defaults. The elements are in the order of execution. */
export interface NewPipeline extends Given<Pick<Pipeline, 'project_id' | 'name' | 'description' | 'options'>> {
  readonly elements: readonly Given<Pick<PipelineElement, 'name' | 'element_type' | 'job_config'>>[]
}

/**
 * Returns a new pipeline. The pipeline and its elements have the status `pending`, as in a similar operation of the
 * real service (seen in the official client). The default owner is assumed. `plans` determine how the pipeline
 * progresses.
 */
export function create(
  { elements, ...given }: NewPipeline,
  now: Instant,
  newId: () => string,
  plans: readonly CreationPlan[],
): PipelineState {
  const pipeline = newPipeline({ ...given, created_at: now }, { newId, start: now })
  const records = elements.map((element, i) => newElement(element, { newId, pipeline, place: i + 1, start: now }))
  const plan = planFor(pipeline.name, records, plans)
  return { pipeline, elements: records, ...(plan && { plan, sharesPlan: true as const }) }
}
