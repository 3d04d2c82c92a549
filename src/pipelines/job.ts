import type { ElementStatus, PipelineElement } from '../contract/index.js'
import { idsWithin } from './ids.js'

/** The id of the job that runs an element, the same every time. */
export const jobIdOf: (elementId: string) => string = idsWithin('job')

/** Elements in these have a job (seen: without a `job_id` there was no run), and it has a word of its own for each (documented). */
export const JOB_STATUS: Partial<Record<ElementStatus, string>> = {
  running: 'processing',
  completed: 'completed',
  failed: 'failed',
}

/** The status of an element's job when the element comes to be `status`: one that is cut short is canceled (inferred). */
export const jobStatusOf = ({ job_id, job_status }: PipelineElement, status: ElementStatus) =>
  job_id === null ? job_status : (JOB_STATUS[status] ?? 'canceled')
