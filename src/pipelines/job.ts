import type { ElementStatus, PipelineElement } from '../contract/index.js'
import { idsWithin } from './ids.js'

/** Returns the job id for an element id. The same element id always has the same job id. */
export const jobIdOf: (elementId: string) => string = idsWithin('job')

/**
 * The status of a job, by the status of its element. The job statuses are documented. By default, an element has a
 * job only if its status is a key of this object: in the official client, an element without a `job_id` has not run.
 */
export const JOB_STATUS: Partial<Record<ElementStatus, string>> = {
  running: 'processing',
  completed: 'completed',
  failed: 'failed',
}

/**
 * Returns the new job status of an element whose status changes to `status`. If the element has no job, its job
 * status stays the same. A job that is interrupted becomes canceled (inferred).
 */
export const jobStatusOf = ({ job_id, job_status }: PipelineElement, status: ElementStatus) =>
  job_id === null ? job_status : (JOB_STATUS[status] ?? 'canceled')
