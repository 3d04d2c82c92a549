import type { ElementStatus, PipelineElement } from '../contract/index.js'
import { idsWithin } from './ids.js'

/** Returns the id of the job that runs an element, the same in every run. */
export const jobIdOf: (elementId: string) => string = idsWithin('job')

/**
 * Job statuses (documented) by the status of the element. By default only elements with these statuses have a job
 * (seen: an element without a `job_id` has not run).
 */
export const JOB_STATUS: Partial<Record<ElementStatus, string>> = {
  running: 'processing',
  completed: 'completed',
  failed: 'failed',
}

/** Returns the job status of an element that changes to `status`. An interrupted job is canceled (inferred). */
export const jobStatusOf = ({ job_id, job_status }: PipelineElement, status: ElementStatus) =>
  job_id === null ? job_status : (JOB_STATUS[status] ?? 'canceled')
