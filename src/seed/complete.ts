import type { ElementStatus, Pipeline, PipelineElement, PipelineStatus } from '../contract/index.js'
import { DEFAULTS } from '../pipelines/defaults.js'
import { idFrom, idsWithin } from '../pipelines/ids.js'
import { type Instant, laterOf } from '../pipelines/instant.js'
import { JOB_STATUS, jobIdOf } from '../pipelines/job.js'
import type { Plan, Step } from '../pipelines/plan.js'
import type { PipelineState } from '../pipelines/state.js'
import type { FixtureElement, FixturePipeline } from './fixture.js'
import { resolveLength, resolveTime } from './time.js'

/** The id of the `nth` pipeline of that name which has none of its own. */
export const idOfPipeline = (name: string, nth: number) => idFrom(nth === 1 ? name : `${name}#${nth}`)

const STATUS_WITHIN: Record<PipelineStatus, ElementStatus> = {
  pending: 'pending',
  running: 'pending',
  completed: 'completed',
  failed: 'skipped',
  canceled: 'canceled',
}

/** The records of a fixture pipeline: every key there, in the order of the wire. */
export function complete(fixture: FixturePipeline, id: string, start: Instant): PipelineState {
  const time = (text: string | undefined, otherwise: Instant) =>
    text === undefined ? otherwise : (resolveTime(text, start) as Instant)
  const created_at = time(fixture.created_at, DEFAULTS.created_at)
  const pipeline: Pipeline = {
    id,
    project_id: fixture.project_id ?? DEFAULTS.project_id,
    user_id: given(fixture.user_id, DEFAULTS.user_id),
    name: fixture.name,
    description: fixture.description ?? null,
    options: { live_progress_updates: fixture.options?.live_progress_updates ?? null },
    status: fixture.status ?? 'pending',
    created_at,
    updated_at: time(fixture.updated_at, created_at),
    error: fixture.error ?? null,
    error_code: fixture.error_code ?? null,
    created_by_email: given(fixture.created_by_email, DEFAULTS.created_by_email),
    organization_id: fixture.organization_id ?? DEFAULTS.organization_id,
  }
  const inOrder = (fixture.elements ?? [])
    .map((element, i) => ({ element, element_order: element.element_order ?? i + 1 }))
    .sort((a, b) => a.element_order - b.element_order)
  let idWithin: ReturnType<typeof idsWithin> | undefined
  const idOf = (element: FixtureElement) => element.id ?? (idWithin ??= idsWithin(id))(element.name)
  const elements = inOrder.map(({ element, element_order }) =>
    completeElement(element, idOf(element), element_order, pipeline, time),
  )
  const plan = planOf(
    fixture.mock,
    inOrder.map(({ element }) => element.mock),
  )
  return plan ? { pipeline, elements, plan } : { pipeline, elements }
}

/** Where nothing is said there is no plan. */
function planOf(mock: FixturePipeline['mock'], elements: readonly FixtureElement['mock'][]): Plan | undefined {
  const hasSteps = elements.some(Boolean)
  if (!mock && !hasSteps) return undefined
  return {
    ...takesOf(mock),
    ...(mock?.cancel_takes !== undefined && { cancel_takes: resolveLength(mock.cancel_takes) as number }),
    ...(mock?.cancel_in !== undefined && { cancel_in: resolveLength(mock.cancel_in) as number }),
    ...(hasSteps && { steps: elements.map(stepOf) }),
  }
}

const stepOf = (mock: FixtureElement['mock']): Step => {
  const { takes, ...ending } = mock ?? {}
  return { ends_as: 'completed', ...ending, ...takesOf({ takes }) }
}

/** In milliseconds, if it is there. */
const takesOf = ({ takes }: { takes?: string | null | undefined } = {}) =>
  takes === undefined ? {} : { takes: takes === null ? null : (resolveLength(takes) as number) }

function completeElement(
  fixture: FixtureElement,
  id: string,
  element_order: number,
  pipeline: Pipeline,
  time: (text: string | undefined, otherwise: Instant) => Instant,
): PipelineElement {
  const status = fixture.status ?? STATUS_WITHIN[pipeline.status]
  const created_at = time(fixture.created_at, pipeline.created_at)
  const job_id = given(fixture.job_id, status in JOB_STATUS ? jobIdOf(id) : null)
  return {
    id,
    pipeline_id: pipeline.id,
    name: fixture.name,
    element_order,
    element_type: fixture.element_type ?? 'Direct Entry',
    job_config: fixture.job_config ?? {},
    status,
    created_at,
    updated_at: time(fixture.updated_at, laterOf(created_at, pipeline.updated_at)),
    organization_id: fixture.organization_id ?? pipeline.organization_id,
    job_id,
    result: fixture.result ?? null,
    error: fixture.error ?? null,
    error_code: fixture.error_code ?? null,
    error_detail: fixture.error_detail ?? null,
    job_status: given(fixture.job_status, job_id === null ? null : (JOB_STATUS[status] ?? null)),
  }
}

/** What is written counts, null included; only what is left out has a default. */
const given = <T>(written: T | undefined, otherwise: T): T => (written === undefined ? otherwise : written)
