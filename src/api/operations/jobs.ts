import type { OperationName } from '../../contract/index.js'
import { HttpError } from '../../http/error.js'
import { cancelJob } from '../../pipelines/cancel.js'
import { type JobState, jobOf } from '../../pipelines/job.js'
import { channelsOf, metadataOf, plotOf, seriesOf } from '../../pipelines/job-data.js'
import { newUser } from '../../projects/records.js'
import { envelope, jobsNotCreatable } from '../errors.js'
import type { Call, Run } from './index.js'

const write = (job: JobState, { sandbox }: Pick<Call, 'sandbox'>) =>
  JSON.stringify(jobOf(job, newUser(sandbox.data.seed.users[0]).id))

/** Returns data of a job as JSON. Responds with a 404 if the job does not have it (seen in the official client). */
function writeData(data: object | undefined, what: string): string {
  if (data) return JSON.stringify(data)
  throw new HttpError(envelope(404, 'NOT_FOUND', 'Job data not found', `The job has no ${what}`))
}

type JobOperation = Extract<OperationName, `${string}_job${string}` | `${string}_plot_data`>

/** Returns a function that runs an operation on a job. `run` is called only if the job exists. */
const onJob =
  <N extends Exclude<JobOperation, 'create_job'>>(run: (job: JobState, call: Call<N>) => string | undefined): Run<N> =>
  (call) => {
    const job = call.sandbox.job(call.params.job_id)
    return job && run(job, call)
  }

function writePlot(job: JobState, { query }: Call<'get_datafit_plot_data' | 'get_validation_plot_data'>): string {
  const { objective_name, plot_index } = query
  return writeData(plotOf(job, query), `plot ${plot_index} of the objective ${objective_name}`)
}

export const JOB_OPERATIONS: { readonly [N in JobOperation]: Run<N> } = {
  get_datafit_plot_data: onJob(writePlot),
  get_validation_plot_data: onJob(writePlot),
  create_job: () => JSON.stringify(jobsNotCreatable.body),
  get_job: onJob(write),
  cancel_job: onJob(({ state, index }, call) => {
    const outcome = call.record.apply(cancelJob(index), state.pipeline.id)
    return outcome && write({ state: outcome.next, index }, call)
  }),
  get_job_metadata: onJob((job) => writeData(metadataOf(job), 'metadata')),
  get_job_series: onJob((job, { query }) => {
    const series = seriesOf(job, query)
    return typeof series === 'string' ? writeData(undefined, series) : JSON.stringify(series)
  }),
  get_job_series_channels: onJob((job) => writeData(channelsOf(job), 'series')),
}
