import type { PipelineUpdate } from '../contract/index.js'
import { type Instant, laterOf } from '../time/instant.js'
import type { Outcome, PipelineState } from './state.js'

/**
 * Changes the name and description of a pipeline, not its run (seen). A name of null is ignored, and an update that changes
 * nothing does not change `updated_at` (both assumed).
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
