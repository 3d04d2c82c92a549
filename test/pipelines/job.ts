import t from 'tap'
import { type ElementStatus, ElementType, Job, JobStatus } from '../../src/contract/index.js'
import { complete } from '../../src/fixtures/complete.js'
import type { Fixture } from '../../src/index.js'
import { findJob, jobOf } from '../../src/pipelines/job.js'
import { ELEMENT_STATUSES } from '../support/arbitraries.js'

type FixturePipeline = Fixture['pipelines'][number]
type FixtureElement = NonNullable<FixturePipeline['elements']>[number]

const NOW = '2026-10-01T12:00:00Z'
const at = (minutes: number) => `2026-10-01T10:${String(minutes).padStart(2, '0')}:00Z`

/** Returns the job with the id `job` in a pipeline with the given elements. */
function jobIn(elements: FixtureElement[], pipeline: Partial<FixturePipeline> = {}) {
  const found = findJob(complete({ name: 'p', ...pipeline, elements }, 'p', NOW), 'job')
  return found && jobOf(found, 'default user')
}

const element = (given: Partial<FixtureElement> = {}): FixtureElement => ({
  ...{ name: 'fit', element_type: 'Data Fit', job_id: 'job' },
  ...given,
})

t.test('the status of a job follows from the status of its element', async (t) => {
  const table: Record<ElementStatus, { status: JobStatus; is_terminal: boolean; is_failed: boolean }> = {
    pending: { status: 'pending', is_terminal: false, is_failed: false },
    running: { status: 'processing', is_terminal: false, is_failed: false },
    completed: { status: 'completed', is_terminal: true, is_failed: false },
    failed: { status: 'failed', is_terminal: true, is_failed: true },
    skipped: { status: 'canceled', is_terminal: true, is_failed: true },
    canceled: { status: 'canceled', is_terminal: true, is_failed: true },
  }
  for (const status of ELEMENT_STATUSES)
    for (const job_status of [undefined, null, 'any text', ...JobStatus.enum]) {
      const mayWait = status === 'pending' || status === 'running'
      const expected = { ...table[status], ...(mayWait && job_status === 'waiting' && { status: 'waiting' }) }
      const job = jobIn([element({ status, ...(job_status !== undefined && { job_status }) })])
      t.match(job, expected, `${status}, job_status ${job_status}`)
    }
})

t.test('a job has every documented key, in the documented order', async (t) => {
  const job = jobIn([element({ status: 'completed' })], { project_id: 'cells', organization_id: 'lab' })
  t.strictSame(Object.keys(job as object), Object.keys(Job.properties))
  t.strictSame(Object.keys(Job.properties).slice(-2), ['is_terminal', 'is_failed'])
  t.match(job, { job_id: 'job', priority: 5, project_id: 'cells', organization_id: 'lab', access_level: 'project' })
  const unknown = ['compute_time', 'callback_url', 'parent_job_id', 'params_path', 'metadata_path'] as const
  for (const key of unknown) t.equal(job?.[key], null, key)
})

t.test('a job has the type, the result and the error of its element', async (t) => {
  const result = { fun: 1 }
  t.match(jobIn([element({ status: 'completed', result })]), { job_type: 'datafit', result, error: null })
  const error = { error: 'no convergence', error_code: 'SOLVER_ERROR' } as const
  const failed = element({ element_type: 'Validation', status: 'failed', ...error })
  t.match(jobIn([failed]), { job_type: 'validation', result: null, ...error })
})

t.test('only a Data Fit and a Validation have a job, even if a fixture sets the `job_id`', async (t) => {
  const withJob = ElementType.enum.filter((element_type) => jobIn([element({ element_type, status: 'running' })]))
  t.strictSame(withJob, ['Data Fit', 'Validation'])
})

t.test('the job of a pipeline without a user belongs to the default user', async (t) => {
  t.equal(jobIn([element()], { user_id: 'ana' })?.user_id, 'ana')
  t.equal(jobIn([element()], { user_id: null })?.user_id, 'default user')
})

t.test('a job starts when the element before it ends, and ends with its own element', async (t) => {
  const before = (minutes: number): FixtureElement => ({ name: 'before', status: 'completed', updated_at: at(minutes) })
  const own = (status: ElementStatus) => element({ status, created_at: at(0), updated_at: at(20) })
  const table: [title: string, elements: FixtureElement[], started: string | null, completed: string | null][] = [
    ['first, running', [own('running')], at(0), null],
    ['first, completed', [own('completed')], at(0), at(20)],
    ['second, pending', [before(5), own('pending')], null, null],
    ['second, skipped', [before(5), { ...own('skipped'), job_id: 'job' }], null, at(20)],
    ['second, running', [before(5), own('running')], at(5), null],
    ['second, failed', [before(5), own('failed')], at(5), at(20)],
    ['second, canceled', [before(20), own('canceled')], at(20), at(20)],
    ['the element before ended later', [before(30), own('completed')], at(20), at(20)],
    [
      'the element before ended earlier',
      [{ ...before(5), updated_at: '2026-01-01T00:00:00Z' }, own('running')],
      at(0),
      null,
    ],
  ]
  for (const [title, elements, started_at, completed_at] of table)
    t.match(
      jobIn(elements, { created_at: at(0) }),
      { created_at: at(0), updated_at: at(20), started_at, completed_at },
      title,
    )
})
