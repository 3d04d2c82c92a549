import t from 'tap'
import type { ElementStatus, PipelineStatus } from '../../src/contract/index.js'
import { cancel } from '../../src/pipelines/cancel.js'
import { startClock, settle } from '../../src/pipelines/progress.js'
import type { PipelineChange } from '../../src/contract/control.js'
import { set } from '../../src/pipelines/set.js'
import { complete } from '../../src/fixtures/complete.js'

type Change = Omit<PipelineChange, 'element'> & { element?: number }

const put = ({ element, ...change }: Change) => set(change, element)

const NOW = '2026-10-01T12:00:00Z'
const ENDED = ['completed', 'completed', 'completed'] as const

const from = (status: PipelineStatus, elements: readonly ElementStatus[]) =>
  complete(
    {
      name: 'p',
      status,
      elements: elements.map((status, i) => ({ name: `e${i}`, element_type: 'Data Fit' as const, status })),
    },
    'p',
    NOW,
  )

t.test(
  'an element that `set` starts or completes has a job, even if the element or its pipeline had ended',
  async (t) => {
    for (const before of [from('canceled', ['canceled']), from('running', ['skipped', 'running'])])
      for (const status of ['running', 'completed', 'failed'] as const) {
        const { next } = put({ element: 0, status })(before, NOW)
        const job_status = status === 'running' ? 'processing' : status
        t.match(next.elements[0], { status, job_id: String, job_status }, `${before.pipeline.status} ${status}`)
      }
  },
)

t.test('when `set` changes a status, the statuses that depend on it change too', async (t) => {
  const table: [before: [PipelineStatus, ...ElementStatus[]], change: Change, after: string][] = [
    [['running', 'running', 'pending'], { element: 0, status: 'completed' }, 'running completed running'],
    [['running', 'completed', 'running'], { element: 1, status: 'completed' }, 'completed completed completed'],
    [['running', 'running', 'pending'], { element: 0, status: 'failed' }, 'failed failed skipped'],
    [['running', 'running', 'pending'], { element: 1, status: 'completed' }, 'running running completed'],
    [['running', 'running', 'pending'], { element: 1, status: 'canceled' }, 'running running canceled'],
    [['running', 'running', 'pending'], { element: 0, status: 'pending' }, 'running pending pending'],
    [['running', 'running'], { element: 0 }, 'running running'],
    [['pending', 'pending', 'pending'], { element: 0, status: 'running' }, 'running running pending'],
    [['pending', 'pending', 'pending'], { element: 0, status: 'completed' }, 'running completed running'],
    [['pending', 'pending'], { element: 0, status: 'failed' }, 'failed failed'],
    [['pending', 'pending', 'pending'], { status: 'running' }, 'running running pending'],
    [['pending'], { status: 'running' }, 'running'],
    [['running', 'completed', 'running', 'pending'], { status: 'completed' }, ['completed', ...ENDED].join(' ')],
    [['pending'], { status: 'completed' }, 'completed'],
    [['running', 'completed', 'running', 'pending'], { status: 'failed' }, 'failed completed failed skipped'],
    [['running', 'completed'], { status: 'failed' }, 'failed completed'],
    [['pending'], { status: 'failed' }, 'failed'],
    [['running', 'completed', 'running', 'pending'], { status: 'canceled' }, 'canceled completed canceled canceled'],
    [['running', 'running'], { status: 'pending' }, 'pending running'],
    [['running', 'running'], {}, 'running running'],
    [['completed', ...ENDED], { status: 'running' }, `running ${ENDED.join(' ')}`],
    [['completed', ...ENDED], { status: 'canceled' }, `canceled ${ENDED.join(' ')}`],
    [['failed', 'failed', 'skipped'], { element: 1, status: 'running' }, 'failed failed running'],
    [['canceled', 'canceled'], { element: 0, status: 'completed' }, 'canceled completed'],
    [['running', 'completed', 'running'], { element: 0, status: 'failed' }, 'running failed running'],
  ]
  for (const [[status, ...elements], change, expected] of table) {
    const { next } = put(change)(from(status, elements), NOW)
    const after = [next.pipeline, ...next.elements].map(({ status }) => status).join(' ')
    t.equal(after, expected, `${status} ${elements.join(' ')}: ${JSON.stringify(change)}`)
  }
})

t.test('`set` changes results and errors', async (t) => {
  const state = from('running', ['running', 'pending'])
  const why = { error: 'why', error_code: 'SOLVER_ERROR' } as const
  const result = { parameter_values: {} }
  const after = (change: Change) => put(change)(state, NOW).next
  t.match(after({ element: 0, status: 'completed', result }).elements[0], { result, job_status: 'completed' })
  t.match(after({ element: 0, result }).elements[0], { status: 'running', result, job_status: 'processing' })
  t.match(after({ element: 0, status: 'running', result }).elements[0], { status: 'running', result })
  t.match(after({ element: 0, status: 'failed', ...why }), { pipeline: { status: 'failed', ...why }, elements: [why] })
  t.match(after({ status: 'failed', ...why }), { pipeline: { status: 'failed', ...why }, elements: [why] })
  t.match(after({ ...why }).pipeline, { status: 'running', ...why })
  t.match(put({ status: 'failed', ...why })(from('pending', []), NOW).next.pipeline, { status: 'failed', ...why })
  t.equal(after({}), state, 'an empty change changes nothing')
})

t.test('`set` changes the job status of an element only if the status of the element changes', async (t) => {
  const jobStatus = (change: Change) => put(change)(from('running', ['running']), NOW).next.elements[0]?.job_status
  t.equal(jobStatus({ element: 0, status: 'canceled' }), 'canceled')
  t.equal(jobStatus({ element: 0, error: 'why' }), 'processing')
})

t.test('when `set` starts an element, the element does not get its planned result', async (t) => {
  const fixture = { name: 'p', elements: [{ name: 'a', mock: { result: { fun: 1 } } }] }
  const { next } = put({ element: 0, status: 'running' })(startClock(complete(fixture, 'p', NOW), NOW), NOW)
  t.match(next.elements[0], { status: 'running', result: null })
})

t.test('`set` reports no transition if no status changes', async (t) => {
  const { transitions } = put({ element: 0, error: 'why' })(from('running', ['running']), NOW)
  t.strictSame(transitions, [])
})

t.test('`set` restarts the running time only if the pipeline or the running element changes status', async (t) => {
  const fixture = { name: 'p', mock: { takes: '10s' }, elements: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] }
  const at = (seconds: number) => `2026-10-01T12:00:${String(seconds).padStart(2, '0')}Z`
  const running = settle(startClock(complete(fixture, 'p', NOW), NOW), at(9)).next
  const table: [change: Change, endsAt: number][] = [
    [{ element: 2, status: 'skipped' }, 10],
    [{ element: 0, result: {} }, 10],
    [{ element: 0 }, 10],
    [{ error: 'why' }, 10],
    [{ element: 0, status: 'completed' }, 19],
    [{ element: 0, status: 'pending' }, 19],
    [{ status: 'pending' }, 19],
  ]
  for (const [change, endsAt] of table) {
    const { next } = put(change)(running, at(9))
    const transition = settle(next, at(59)).transitions.find(({ to }) => to === 'completed')
    t.equal(transition?.at, at(endsAt), JSON.stringify(change))
  }
})

t.test('when `set` ends a pipeline, the pending cancel of the pipeline is discarded', async (t) => {
  const fixture = { name: 'p', status: 'running' as const, mock: { cancel_takes: '3s' }, elements: [{ name: 'a' }] }
  for (const status of ['completed', 'failed', 'canceled'] as const) {
    const canceling = cancel(startClock(complete(fixture, 'p', NOW), NOW), NOW).next
    t.equal(canceling.cancelAt, '2026-10-01T12:00:03Z')
    const ended = put({ status })(canceling, NOW).next
    const revived = put({ status: 'running' })(ended, NOW).next
    t.equal(settle(revived, '2026-10-01T13:00:00Z').next.pipeline.status, 'running', status)
  }
})

t.test('`set` can cancel a pipeline and give it an error', async (t) => {
  t.match(put({ status: 'canceled', error: 'why' })(from('running', ['running']), NOW).next, {
    pipeline: { status: 'canceled', error: 'why' },
    elements: [{ status: 'canceled', error: null }],
  })
})
