import type { ElementStatus, PipelineElement } from '../contract/index.js'
import { idsWithin } from './ids.js'

/** Returns the job id for an element id. The same element id always has the same job id. */
export const jobIdOf: (elementId: string) => string = idsWithin('job')

/**
 * The status of a job, by the status of its element. The job statuses are documented. An element with another status
 * has no job by default, because the official client treats an element without a `job_id` as one that has not run.
 */
export const JOB_STATUS: Partial<Record<ElementStatus, string>> = {
  running: 'processing',
  completed: 'completed',
  failed: 'failed',
}

/**
 * Returns the new job status of an element whose status changes to `status`. If the element has no job, its job
 * status stays the same. If `JOB_STATUS` does not contain `status`, the job becomes canceled (inferred).
 */
export const jobStatusOf = ({ job_id, job_status }: PipelineElement, status: ElementStatus) =>
  job_id === null ? job_status : (JOB_STATUS[status] ?? 'canceled')
