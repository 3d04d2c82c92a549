import type { ElementStatus, PipelineStatus } from '../contract/index.js'
import { compareInstants, type Instant } from '../pipelines/instant.js'
import { hasEnded, type PipelineState } from '../pipelines/state.js'

/** A state that the real service would not show, of the pipeline itself or of the element of that name. */
export interface Contradiction {
  readonly element?: string
  readonly key: 'status' | 'created_at' | 'updated_at' | 'mock'
  readonly message: string
}

/** Which statuses of an element go with that of its pipeline, as far as the service's words tell (inferred). */
const GOES_WITH: Record<PipelineStatus, (status: ElementStatus) => boolean> = {
  pending: (status) => status === 'pending',
  running: () => true,
  completed: (status) => status === 'completed',
  failed: hasEnded,
  canceled: hasEnded,
}

/** Where a state contradicts itself: a test may want just that, so it is said and served. */
export function findContradictions({ pipeline, elements, plan }: PipelineState, start: Instant): Contradiction[] {
  const found: Contradiction[] = []
  for (const record of [pipeline, ...elements]) {
    const isElement = 'pipeline_id' in record
    const note = (key: Contradiction['key'], message: string) =>
      found.push({ ...(isElement && { element: record.name }), key, message })
    for (const key of ['created_at', 'updated_at'] as const) {
      if (compareInstants(record[key], start) > 0)
        note(key, `${record[key]} is later than the mock's clock, which starts at ${start}`)
    }
    if (compareInstants(record.updated_at, record.created_at) < 0)
      note('updated_at', `${record.updated_at} is earlier than the creation, ${record.created_at}`)
    if (record.status !== 'failed' && (record.error !== null || record.error_code !== null))
      note('status', `${record.status}, but with an error: only what failed has one`)
    if (isElement && !GOES_WITH[pipeline.status](record.status))
      note('status', `an element that is ${record.status} in a pipeline that is ${pipeline.status}`)
  }
  for (const [i, step] of plan?.steps?.entries() ?? []) {
    const element = elements[i]?.name as string
    if (step.ends_as === 'completed' && (step.error || step.error_code))
      found.push({ element, key: 'mock', message: 'an error, but it ends as completed: say "ends_as: failed"' })
    if (step.ends_as === 'failed' && step.result)
      found.push({ element, key: 'mock', message: 'a result, but it ends as failed, which has none' })
  }
  const running = elements.filter(({ status }) => status === 'running')
  if (running.length > 1)
    found.push({ key: 'status', message: `${running.length} elements run at once: they run in turn` })
  if (pipeline.status === 'running' && elements.length > 0 && elements.every(({ status }) => hasEnded(status)))
    found.push({ key: 'status', message: 'running, but every element has ended' })
  return found
}
