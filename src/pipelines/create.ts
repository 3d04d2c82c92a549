import type { ElementType, Pipeline } from '../contract/index.js'
import { DEFAULTS } from './defaults.js'
import type { Instant } from '../time/instant.js'
import type { PipelineState } from './state.js'

/** A pipeline to be, as a request asks for it. */
export interface NewPipeline {
  readonly project_id: string
  readonly name: string | null
  readonly description: string | null
  readonly live_progress_updates: boolean | null
  /** In their order of execution. */
  readonly elements: readonly {
    readonly name: string
    readonly element_type: ElementType
    readonly job_config: Readonly<Record<string, unknown>>
  }[]
}

/**
 * Makes a pipeline that waits to run, with all its elements waiting (that it waits first: seen on a sibling). The caller
 * owns it, as far as anyone knows; one without a name gets a name, for an answer never has null there (assumed).
 */
export function create(asked: NewPipeline, now: Instant, nextId: () => string): PipelineState {
  const pipeline: Pipeline = {
    id: nextId(),
    project_id: asked.project_id,
    user_id: DEFAULTS.user_id,
    name: asked.name ?? 'Untitled pipeline',
    description: asked.description,
    options: { live_progress_updates: asked.live_progress_updates },
    status: 'pending',
    created_at: now,
    updated_at: now,
    error: null,
    error_code: null,
    created_by_email: DEFAULTS.created_by_email,
    organization_id: DEFAULTS.organization_id,
  }
  const elements = asked.elements.map(({ name, element_type, job_config }, i) => ({
    id: nextId(),
    pipeline_id: pipeline.id,
    name,
    element_order: i + 1,
    element_type,
    job_config,
    status: 'pending' as const,
    created_at: now,
    updated_at: now,
    organization_id: DEFAULTS.organization_id,
    job_id: null,
    result: null,
    error: null,
    error_code: null,
    error_detail: null,
    job_status: null,
  }))
  return { pipeline, elements }
}
