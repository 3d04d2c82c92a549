import type { PipelineUpdate } from '../contract/index.js'
import { type Instant, laterOf } from '../time/instant.js'
import type { Outcome, PipelineState } from './state.js'

/**
 * Changes what a pipeline is called and said to be; its run is not touched (seen). What is left out stays, and so does a
 * name that is asked to be null; what stays as it was does not move its time (both assumed).
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
