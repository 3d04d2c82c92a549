import type { ElementStatus, PipelineStatus } from '../contract/index.js'
import { compareInstants, type Instant } from '../pipelines/instant.js'
import { hasEnded } from '../pipelines/state.js'
import { statusOf, statusWithin, type Times, timesOf, timesWithin } from './complete.js'
import type { Path } from './fault.js'
import type { FixtureElement, FixturePipeline } from './fixture.js'

/** A state that the real service would not show. */
export interface Contradiction {
  /** From the pipeline. */
  readonly path: Path
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

/** Where a pipeline contradicts itself: a test may want just that, so it is said and served. */
export function findContradictions(pipeline: FixturePipeline, start: Instant): Contradiction[] {
  const found: Contradiction[] = []
  const { elements = [] } = pipeline
  const note = (place: number | undefined, key: string, message: string) =>
    found.push({ path: place === undefined ? [key] : ['elements', place, key], message })

  const check = (record: FixturePipeline | FixtureElement, status: ElementStatus, times: Times, place?: number) => {
    const { created_at, updated_at } = times
    const late = (at: Instant) => `${at} is later than the mock's clock, which starts at ${start}`
    if (compareInstants(created_at, start) > 0) note(place, 'created_at', late(created_at))
    if (compareInstants(updated_at, start) > 0) note(place, 'updated_at', late(updated_at))
    if (compareInstants(updated_at, created_at) < 0)
      note(place, 'updated_at', `${updated_at} is earlier than the creation, ${created_at}`)
    const { error = null, error_code = null } = record
    if (status !== 'failed' && (error !== null || error_code !== null))
      note(place, 'status', `${status}, but with an error: only what failed has one`)
  }

  const [status, times] = [statusOf(pipeline), timesOf(pipeline, start)]
  check(pipeline, status, times)
  let [running, ended] = [0, 0]
  for (const [i, element] of elements.entries()) {
    const own = statusWithin(status, element)
    check(element, own, timesWithin(times, element, start), i)
    if (own === 'running') running++
    if (hasEnded(own)) ended++
    if (!GOES_WITH[status](own)) note(i, 'status', `an element that is ${own} in a pipeline that is ${status}`)
    if (!element.mock) continue
    const { ends_as = 'completed', error, error_code, result } = element.mock
    if (ends_as === 'completed' && (error || error_code))
      note(i, 'mock', 'an error, but it ends as completed: say "ends_as: failed"')
    if (ends_as === 'failed' && result) note(i, 'mock', 'a result, but it ends as failed, which has none')
  }
  if (running > 1) note(undefined, 'status', `${running} elements run at once: they run in turn`)
  if (status === 'running' && elements.length > 0 && ended === elements.length)
    note(undefined, 'status', 'running, but every element has ended')
  return found
}
