import { PIPELINE_FIELDS } from '../../contract/index.js'
import type { Call } from './index.js'
import { listingOf } from './listing.js'

/** The fields that change as time passes. */
const MOVING: readonly string[] = ['status', 'updated_at']

export function listPipelines({ sandbox, query, write }: Call<'list_pipelines'>): string {
  const { project_id, skip, limit } = query
  const { used, passes, compare } = listingOf(PIPELINE_FIELDS, query)
  const now = sandbox.clock.now()
  // Applying due transitions takes most of the time. If possible, only the pipelines of the page get their transitions.
  const isMoving = used.some((field) => MOVING.includes(field))
  const matching = (isMoving ? sandbox.pipelines(project_id, now) : sandbox.unsettled(project_id))
    .filter(({ pipeline }) => passes(pipeline))
    .sort((a, b) => compare(a.pipeline, b.pipeline))
  const page = matching.slice(skip, skip + limit).map((state) => write.record(sandbox.settle(state, now).pipeline))
  return JSON.stringify({ pipelines: page, count: page.length, total: matching.length })
}
