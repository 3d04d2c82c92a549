import { v5 as uuid } from 'uuid'
import type { ElementStatus, Pipeline, PipelineElement, PipelineStatus } from '../contract/index.js'
import { DEFAULTS } from '../pipelines/defaults.js'
import { type Instant, laterOf } from '../pipelines/instant.js'
import type { PipelineState } from '../pipelines/state.js'
import type { FixtureElement, FixturePipeline } from './fixture.js'
import { resolveTime } from './time.js'

/** Names the ids that are made from names, so that they meet no other's. */
const NAMESPACE = '1b8e2c5a-7f40-4d93-b6a1-3c9d0e5f7a28'

/** The id of the `nth` pipeline of that name which has none of its own. */
export const idOfPipeline = (name: string, nth: number) => uuid(nth === 1 ? name : `${name}#${nth}`, NAMESPACE)

const STATUS_WITHIN: Record<PipelineStatus, ElementStatus> = {
  pending: 'pending',
  running: 'pending',
  completed: 'completed',
  failed: 'skipped',
  canceled: 'canceled',
}

/** The job of an element in that status; one that has not started has none (seen: no `job_id`, no run). */
const JOB_STATUS: Partial<Record<ElementStatus, string>> = {
  running: 'processing',
  completed: 'completed',
  failed: 'failed',
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
  const elements = (fixture.elements ?? []).map((element, i) => completeElement(element, i + 1, pipeline, time))
  return { pipeline, elements: elements.sort((a, b) => a.element_order - b.element_order) }
}

function completeElement(
  fixture: FixtureElement,
  place: number,
  pipeline: Pipeline,
  time: (text: string | undefined, otherwise: Instant) => Instant,
): PipelineElement {
  const id = fixture.id ?? uuid(fixture.name, uuid(pipeline.id, NAMESPACE))
  const status = fixture.status ?? STATUS_WITHIN[pipeline.status]
  const created_at = time(fixture.created_at, pipeline.created_at)
  const job_id = given(fixture.job_id, status in JOB_STATUS ? uuid('job', uuid(id, NAMESPACE)) : null)
  return {
    id,
    pipeline_id: pipeline.id,
    name: fixture.name,
    element_order: fixture.element_order ?? place,
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
