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

export const projectOf = ({ project_id = DEFAULTS.project_id }: FixturePipeline): string => project_id

export const statusOf = ({ status = 'pending' }: FixturePipeline): PipelineStatus => status

/** The status of an element in a pipeline of that status. */
export const statusWithin = (status: PipelineStatus, element: FixtureElement): ElementStatus =>
  element.status ?? STATUS_WITHIN[status]

export type Times = Pick<Pipeline, 'created_at' | 'updated_at'>

export function timesOf({ created_at, updated_at }: FixturePipeline, start: Instant): Times {
  const created = timeOf(created_at, start) ?? DEFAULTS.created_at
  return { created_at: created, updated_at: timeOf(updated_at, start) ?? created }
}

/** The times of an element in a pipeline of those times. */
export function timesWithin(pipeline: Times, { created_at, updated_at }: FixtureElement, start: Instant): Times {
  const created = timeOf(created_at, start) ?? pipeline.created_at
  return { created_at: created, updated_at: timeOf(updated_at, start) ?? laterOf(created, pipeline.updated_at) }
}

const timeOf = (text: string | undefined, start: Instant) => (text === undefined ? undefined : resolveTime(text, start))

/** The records of a fixture pipeline: every key there, in the order of the wire. */
export function complete(fixture: FixturePipeline, id: string, start: Instant): PipelineState {
  const pipeline: Pipeline = {
    id,
    project_id: projectOf(fixture),
    user_id: given(fixture.user_id, DEFAULTS.user_id),
    name: fixture.name,
    description: fixture.description ?? null,
    options: { live_progress_updates: fixture.options?.live_progress_updates ?? null },
    status: statusOf(fixture),
    ...timesOf(fixture, start),
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
    completeElement(element, idOf(element), element_order, pipeline, start),
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
  start: Instant,
): PipelineElement {
  const status = statusWithin(pipeline.status, fixture)
  const job_id = given(fixture.job_id, status in JOB_STATUS ? jobIdOf(id) : null)
  return {
    id,
    pipeline_id: pipeline.id,
    name: fixture.name,
    element_order,
    element_type: fixture.element_type ?? 'Direct Entry',
    job_config: fixture.job_config ?? {},
    status,
    ...timesWithin(pipeline, fixture, start),
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
