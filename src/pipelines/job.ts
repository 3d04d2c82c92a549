import {
  type ElementStatus,
  type ElementType,
  type Job,
  JOB_STATUSES,
  JOB_TYPES,
  type JobStatus,
  type JobType,
  type PipelineElement,
} from '../contract/index.js'
import { compareInstants, type Instant, laterOf } from '../time/instant.js'
import { idsWithin } from './ids.js'
import { hasEnded, type PipelineState } from './state.js'

/** Returns the generated job id for an element id. The same element id always has the same job id. */
export const jobIdOf: (elementId: string) => string = idsWithin('job')

/** Returns whether elements of a type run as jobs. */
export const hasJob = (type: ElementType | undefined) => type !== undefined && type in JOB_TYPES

/**
 * Returns the default id of the job of an element: null before the element starts, because the official client treats
 * an element without a `job_id` as an element that has not run.
 */
export const defaultJobId = ({ id, element_type, status }: Pick<PipelineElement, 'id' | 'element_type' | 'status'>) =>
  hasJob(element_type) && ['running', 'completed', 'failed'].includes(status) ? jobIdOf(id) : null

/** Returns the id of the job that an element has, or gets when it starts. */
export const futureJobId = ({ id, element_type, job_id }: Pick<PipelineElement, 'id' | 'element_type' | 'job_id'>) =>
  hasJob(element_type) ? (job_id ?? jobIdOf(id)) : null

/** Returns the `job_status` of an element whose status becomes `status`. Without a job, `job_status` does not change. */
export const jobStatusOf = (
  { job_id, job_status }: Pick<PipelineElement, 'job_id' | 'job_status'>,
  status: ElementStatus,
) => (job_id === null ? job_status : (JOB_STATUSES[status][0] as string))

/** A job: the element at `index` of a pipeline. A job is not stored, because everything in it follows from its element. */
export interface JobState {
  readonly state: PipelineState
  readonly index: number
}

/** Returns whether a job has started. A job of a skipped element never starts. */
export const isBegun = ({ state: { elements }, index }: JobState): boolean =>
  !['pending', 'skipped'].includes((elements[index] as PipelineElement).status)

/** Returns the job with the given id, or undefined if no element of the pipeline has this job. */
export function findJob(state: PipelineState, id: string): JobState | undefined {
  const index = state.elements.findIndex(({ job_id, element_type }) => job_id === id && hasJob(element_type))
  return index === -1 ? undefined : { state, index }
}

/** Default priority of jobs (seen in the official client, in the former request that created jobs). */
const PRIORITY = 5

/**
 * Returns a job as responses contain it. The keys are documented. It is assumed that a job starts when the element
 * before it ends. A job of a pipeline without a user belongs to `defaultUser`, because a job must have a user. A field
 * of which the mock does not know the value is null.
 */
export function jobOf(job: JobState, defaultUser: string): Job {
  const { index, state } = job
  const { pipeline, elements } = state
  const element = elements[index] as PipelineElement
  const { created_at, updated_at, job_status, error, error_code, result } = element
  const [usual, ...others] = JOB_STATUSES[element.status]
  const is_terminal = hasEnded(element.status)
  return {
    job_id: element.job_id as string,
    job_type: JOB_TYPES[element.element_type] as JobType,
    status: others.find((other) => other === job_status) ?? (usual as JobStatus),
    priority: PRIORITY,
    ...{ created_at, updated_at },
    user_id: pipeline.user_id ?? defaultUser,
    organization_id: element.organization_id,
    started_at: isBegun(job) ? startOf(element, elements[index - 1]) : null,
    completed_at: is_terminal ? updated_at : null,
    compute_time: null,
    ...{ error, error_code, result },
    callback_url: null,
    parent_job_id: null,
    project_id: pipeline.project_id,
    access_level: 'project',
    params_path: null,
    metadata_path: null,
    is_terminal,
    is_failed: is_terminal && element.status !== 'completed',
  }
}

type Times = Pick<PipelineElement, 'created_at' | 'updated_at'>

function startOf({ created_at, updated_at }: Times, before: Times | undefined): Instant {
  if (!before) return created_at
  const end = compareInstants(before.updated_at, updated_at) < 0 ? before.updated_at : updated_at
  return laterOf(created_at, end)
}
