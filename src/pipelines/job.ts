import type { ElementStatus, PipelineElement } from '../contract/index.js'
import { idsWithin } from './ids.js'

/** Returns the job id for an element id. The same element id always has the same job id. */
export const jobIdOf: (elementId: string) => string = idsWithin('job')

/**
 * The status of a job (documented), by the status of its element. An element with any other status has no job by
 * default, because the official client treats an element without a `job_id` as an element that has not run.
 */
export const JOB_STATUS: Partial<Record<ElementStatus, string>> = {
  running: 'processing',
  completed: 'completed',
  failed: 'failed',
}

/**
 * Returns the new job status of an element whose status changes to `status`. If the element has no job, the job
 * status does not change. If `JOB_STATUS` does not contain `status`, the new job status is `canceled` (assumed).
 */
export const jobStatusOf = ({ job_id, job_status }: PipelineElement, status: ElementStatus) =>
  job_id === null ? job_status : (JOB_STATUS[status] ?? 'canceled')
