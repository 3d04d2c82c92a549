import type { PipelineUpdate } from '../contract/index.js'
import { type Instant, laterOf } from '../time/instant.js'
import type { Outcome, PipelineState } from './state.js'

/**
 * Returns a rule that changes the name and the description of a pipeline (seen in the official client). Two details
 * are assumed: a name of null is ignored, and `updated_at` does not change if the name and the description stay the
 * same.
 */
export const update =
  (change: PipelineUpdate) =>
  (state: PipelineState, now: Instant): Outcome => {
    const { pipeline } = state
    const name = change.name ?? pipeline.name
    const description = change.description === undefined ? pipeline.description : change.description
    if (name === pipeline.name && description === pipeline.description) return { next: state, transitions: [] }
    const updated_at = laterOf(now, pipeline.updated_at)
    return { next: { ...state, pipeline: { ...pipeline, name, description, updated_at } }, transitions: [] }
  }
