import t, { type Test } from 'tap'
import { type OperationName, OPERATION_NAMES, OPERATIONS, splitEndpoint } from '../../src/contract/index.js'
import type { Fixture, Mock, MockOptions } from '../../src/index.js'
import { jobIdOf } from '../../src/pipelines/job.js'
import { exactly, refused } from '../support/control.js'
import { attempt } from '../support/http.js'
import { NOW, serve } from '../support/serve.js'
import { until } from '../support/until.js'

const DATA = {
  metadata: { intermediate_results: [{ best_cost: 0.02 }] },
  series: { '1C': { optimal: { 'Time [s]': [0, 1, 2], 'Voltage [V]': [4.2, null, 4] } } },
  plots: { '1C': [{ traces: [{ name: 'model', x: [0, 1], y: [4.2, 4.1] }] }], none: [] },
}

const fixtures: Fixture = {
  pipelines: [
    {
      ...{ id: 'fit', name: 'fit', status: 'running' },
      elements: [
        { id: 'known', name: 'known parameters', status: 'completed' },
        { name: 'fit', element_type: 'Data Fit', status: 'running', job_id: 'running', mock: DATA },
        { name: 'validate', element_type: 'Validation', job_id: 'waiting', mock: DATA },
        { id: 'later', name: 'later', element_type: 'Data Fit' },
      ],
    },
    {
      ...{ id: 'ended', name: 'ended', status: 'failed' },
      elements: [
        { name: 'a', element_type: 'Validation', status: 'completed', job_id: 'completed', mock: { metadata: {} } },
        { name: 'b', element_type: 'Data Fit', status: 'failed', job_id: 'failed', mock: { series: {} } },
        { name: 'c', element_type: 'Data Fit', status: 'skipped', job_id: 'skipped' },
        { name: 'd', element_type: 'Data Fit', status: 'canceled', job_id: 'canceled' },
        { name: 'e', element_type: 'Direct Entry', status: 'completed', job_id: 'entry' },
      ],
    },
    {
      ...{ id: 'other', name: 'other', status: 'running' },
      elements: [{ name: 'fit', element_type: 'Data Fit', status: 'running', job_id: 'other' }],
    },
  ],
}

const start = async (t: Test, options: MockOptions = {}) => {
  const { mock, ask } = await serve(t, { fixtures, clock: `frozen@${NOW}`, ...options })
  const job = async (id: string) => (await ask('GET', `/jobs/${id}`)).json()
  return { mock, ask, job, cancel: (id: string) => ask('POST', `/jobs/${id}/cancel`) }
}

/** The operations on a job. */
const JOB_OPERATIONS = OPERATION_NAMES.filter((name) => OPERATIONS[name].endpoint.includes('{job_id}'))

/** Returns the method of an operation on a job, and its path with a valid query. */
function requestTo(name: OperationName, id: string): [method: string, path: string] {
  const [method, path] = splitEndpoint(OPERATIONS[name].endpoint)
  return [method, `${path.replace('{job_id}', id)}?objective=1C&objective_name=1C`]
}

const statuses = async (mock: Mock, id: string) =>
  [await mock.pipelines.get(id), ...(await mock.pipelines.elements(id))].map(({ status }) => status).join(' ')

/** Returns every pipeline except one, with its elements, as JSON. */
async function allExcept(mock: Mock, id: string): Promise<string> {
  const { pipelines } = await mock.state()
  return JSON.stringify(pipelines.filter((pipeline) => pipeline.id !== id))
}

t.test('every job of a fixture is served with the status of its element', async (t) => {
  const { job } = await start(t)
  const table: Record<string, [type: string, status: string]> = {
    running: ['datafit', 'processing'],
    waiting: ['validation', 'pending'],
    completed: ['validation', 'completed'],
    failed: ['datafit', 'failed'],
    skipped: ['datafit', 'canceled'],
    canceled: ['datafit', 'canceled'],
  }
  for (const [id, [job_type, status]] of Object.entries(table)) t.match(await job(id), { job_id: id, job_type, status })
})

t.test('an unknown job receives a 404 from every operation, whatever the options', async (t) => {
  for (const options of [
    {},
    { strict: true },
    { unknownPipeline: 404 },
    { strict: true, unknownPipeline: 404 },
  ] as const) {
    const { mock, ask } = await start(t, options)
    for (const id of ['nobody', 'entry', jobIdOf('later'), 'fit', 'known'])
      for (const name of JOB_OPERATIONS) {
        const { status, json } = await ask(...requestTo(name, id))
        const detail = `There is no job with the id ${id}`
        t.strictSame(
          [status, json()],
          [404, { error_code: 'NOT_FOUND', message: 'Job not found', detail }],
          `${name} ${id}`,
        )
      }
    t.strictSame(await mock.requests.list({ pipeline_id: 'fit' }), [], 'the journal has no pipeline of an unknown job')
  }
})

t.test('with `Prefer: code=422`, every operation on a job responds with a 422', async (t) => {
  for (const strict of [false, true]) {
    const { ask, job } = await start(t, { strict })
    for (const name of JOB_OPERATIONS) {
      const [method, path] = requestTo(name, 'running')
      const { status, json } = await ask(method, path, { headers: { prefer: 'code=422' } })
      t.match([status, json()], [422, { detail: [{ type: 'string_type', loc: ['path', 'job_id'] }] }], name)
    }
    t.match(await job('running'), { status: 'processing' }, 'nothing was canceled')
  }
})

t.test('a cancel of a running job cancels its pipeline, and nothing of other pipelines', async (t) => {
  const { mock, cancel } = await start(t)
  const others = await allExcept(mock, 'fit')
  await mock.clock.advance('1s')
  const at = '2026-10-01T12:00:01Z'
  const { status, json } = await cancel('running')
  t.match(
    [status, json()],
    [200, { job_id: 'running', status: 'canceled', completed_at: at, is_terminal: true, is_failed: true }],
  )
  t.equal(await statuses(mock, 'fit'), 'canceled completed canceled canceled canceled')
  const elements = await mock.pipelines.elements('fit')
  t.match(elements.slice(1), [
    { job_status: 'canceled', updated_at: at },
    { job_status: 'canceled', updated_at: at },
    { job_id: null, job_status: null, updated_at: at },
  ])
  t.equal(await allExcept(mock, 'fit'), others)
  const change = (kind: string, from: string) => ({ kind, from, to: 'canceled', at })
  t.match(await mock.requests.list(), [
    {
      ...{ operation: 'cancel_job', pipeline_id: 'fit', status: 200 },
      transitions: exactly([
        change('pipeline', 'running'),
        change('element', 'running'),
        change('element', 'pending'),
        change('element', 'pending'),
      ]),
    },
  ])
})

t.test('a pending job can be canceled', async (t) => {
  const { mock, job, cancel } = await start(t)
  t.match((await cancel('waiting')).json(), { job_id: 'waiting', status: 'canceled' })
  t.match(await job('running'), { status: 'canceled' })
  await mock.expectCanceled('fit')
})

t.test('a second cancel of a job receives the same bytes, and changes nothing', async (t) => {
  const { mock, cancel } = await start(t)
  const { body } = await cancel('running')
  await mock.clock.advance('1s')
  const before = JSON.stringify((await mock.state()).pipelines)
  t.strictSame(await Promise.all([cancel('running'), cancel('running')].map(async (one) => (await one).body)), [
    body,
    body,
  ])
  t.equal(JSON.stringify((await mock.state()).pipelines), before)
  const received = await mock.requests.list({ operation: 'cancel_job' })
  t.strictSame(
    received.map(({ transitions }) => transitions.length),
    [4, 0, 0],
  )
})

t.test('a cancel of a job that has ended changes nothing', async (t) => {
  const { mock, cancel, job } = await start(t)
  const before = JSON.stringify(await mock.state())
  for (const id of ['completed', 'failed', 'skipped', 'canceled']) {
    const read = await job(id)
    const { status, json } = await cancel(id)
    t.strictSame([status, json()], [200, read], id)
  }
  t.equal(JSON.stringify(await mock.state()), before)
  const received = await mock.requests.list({ operation: 'cancel_job', pipeline_id: 'ended' })
  t.strictSame(
    received.map(({ transitions }) => transitions),
    [[], [], [], []],
  )
})

t.test('if a pipeline has ended, a cancel of a running job cancels only the job and its element', async (t) => {
  const { mock, cancel } = await start(t)
  for (const status of ['running', 'pending'] as const) {
    await mock.reset()
    await mock.pipelines.set('ended', { element: 'b', status })
    t.match((await cancel('failed')).json(), { status: 'canceled' })
    t.equal(await statuses(mock, 'ended'), 'failed completed canceled skipped canceled completed')
    t.match((await mock.pipelines.elements('ended'))[1], { job_status: 'canceled' })
  }
})

t.test('a cancel of a job takes effect at once, even if a cancel of the pipeline is pending', async (t) => {
  const slow = { id: 'slow', name: 'slow', status: 'running' as const, mock: { cancel_takes: '10s' } }
  const elements = [{ name: 'a', element_type: 'Data Fit' as const, status: 'running' as const, job_id: 'slow' }]
  const { mock, ask, cancel, job } = await start(t, { fixtures: { pipelines: [{ ...slow, elements }] } })
  t.match((await ask('POST', '/pipelines/slow/cancel')).json(), { status: 'running' })
  t.match((await cancel('slow')).json(), { status: 'canceled', completed_at: NOW })
  await mock.clock.advance('1m')
  t.match(await job('slow'), { status: 'canceled', completed_at: NOW }, 'the pending cancel is dropped')
})

t.test('a job follows its element: as time passes, and when a test or a cancel changes the element', async (t) => {
  const elements = ['a', 'b'].map((name) => ({ name, element_type: 'Data Fit' as const, mock: { takes: '10s' } }))
  const { mock, ask, job } = await start(t, { fixtures: { pipelines: [{ id: 'p', name: 'p', elements }] } })
  const [first = '', second = ''] = (await mock.pipelines.elements('p')).map(({ id }) => jobIdOf(id))
  const at = (seconds: number) => `2026-10-01T12:00:${String(seconds).padStart(2, '0')}Z`
  t.match(await job(first), { status: 'processing', started_at: '2026-01-01T00:00:00Z', completed_at: null })
  t.equal((await ask('GET', `/jobs/${second}`)).status, 404, 'the second element has not started')
  await mock.clock.advance('10s')
  t.match(await job(first), { status: 'completed', completed_at: at(10) })
  t.match(await job(second), { status: 'processing', started_at: at(10), completed_at: null })
  await mock.snapshot('half')

  await mock.clock.advance('10s')
  t.match(await job(second), { status: 'completed', completed_at: at(20), is_failed: false })

  await mock.restore('half')
  const why = { error: 'no convergence', error_code: 'SOLVER_ERROR' } as const
  await mock.pipelines.set('p', { element: 'b', status: 'failed', ...why })
  t.match(await job(second), { status: 'failed', ...why, is_terminal: true, is_failed: true })

  await mock.restore('half')
  await ask('POST', '/pipelines/p/cancel')
  t.match(await job(second), { status: 'canceled', error: null, is_terminal: true, is_failed: true })
  t.match(await job(first), { status: 'completed' }, 'a completed job stays completed')

  await mock.restore('half')
  await ask('DELETE', '/pipelines/p')
  for (const id of [first, second]) t.equal((await ask('GET', `/jobs/${id}`)).status, 404)
})

t.test('jobs of created pipelines are found until the pipeline is deleted', async (t) => {
  const { mock, ask, job, cancel } = await start(t)
  const steps = {
    entry: { element_type: 'entry' },
    fit: { element_type: 'data_fit' },
    check: { element_type: 'validation' },
  }
  const body = JSON.stringify({ project_id: 'p', elements: steps })
  const { id, elements } = (
    await ask('POST', '/pipelines', { body, headers: { 'content-type': 'application/json' } })
  ).json()
  t.strictSame(
    elements.map((one: { job_id: unknown }) => one.job_id),
    [null, null, null],
  )
  await mock.pipelines.set(id, { element: 'entry', status: 'completed' })
  const [entry, fit, check] = await mock.pipelines.elements(id)
  t.match([entry, fit, check], [{ job_id: null }, { job_id: String }, { job_id: null }])
  t.match(await job(String(fit?.job_id)), { job_type: 'datafit', status: 'processing', project_id: 'p' })
  await mock.snapshot('running')
  t.match((await cancel(String(fit?.job_id))).json(), { status: 'canceled' })
  await mock.expectCanceled(id)
  await ask('DELETE', `/pipelines/${id}`)
  t.equal((await cancel(String(fit?.job_id))).status, 404)
  await mock.restore('running')
  t.match(await job(String(fit?.job_id)), { status: 'processing' })
})

t.test('each sandbox has its own jobs', async (t) => {
  const { mock, ask, job } = await start(t)
  const sandbox = mock.sandbox('mine')
  await sandbox.pipelines.add({
    pipelines: [{ name: 'a', elements: [{ name: 'e', element_type: 'Data Fit', status: 'running', job_id: 'mine' }] }],
  })
  t.equal((await ask('GET', '/_sandbox/mine/jobs/mine')).status, 200)
  for (const name of JOB_OPERATIONS) t.equal((await ask(...requestTo(name, 'mine'))).status, 404, name)
  t.equal((await ask('POST', '/_sandbox/mine/jobs/running/cancel')).status, 200)
  t.match(await job('running'), { status: 'processing' })
})

t.test('a fixture whose job id is taken cannot be added', async (t) => {
  const { mock } = await start(t)
  const fixture = (job_id: string): Fixture => ({
    pipelines: [{ name: 'a', elements: [{ name: 'e', element_type: 'Data Fit', status: 'running', job_id }] }],
  })
  await t.rejects(mock.pipelines.add(fixture('running')), refused(409, 'id_taken'))
  await mock.pipelines.add(fixture('free'))
  await t.rejects(mock.pipelines.add(fixture('free')), refused(409, 'id_taken'))
})

t.test('a request that creates a job receives a 410, after a redirect if its path ends in a slash', async (t) => {
  const { mock, ask } = await start(t)
  const body = '{"job_type":"datafit","params":{},"priority":5}'
  const redirect = await ask('POST', '/jobs/', { body })
  t.strictSame([redirect.status, redirect.headers.location], [307, `${mock.url}/jobs`])
  for (const request of [{ body }, { body: 'x' }, {}, { headers: { prefer: 'code=422' } }]) {
    const { status, json } = await ask('POST', '/jobs', request)
    t.match([status, json()], [410, { error_code: 'GONE', message: 'Gone', detail: String }])
  }
  t.match(await mock.requests.list(), [{ operation: 'create_job', status: 410, body }, {}, {}, {}])
  t.equal((await ask('GET', '/jobs')).status, 405)
})

t.test('a job has the metadata, series and plots of its element, and a 404 says what is missing', async (t) => {
  const { ask } = await start(t)
  const plot = { ...DATA.plots['1C'][0], layout: {}, x_full_min: 0, x_full_max: 1 }
  const config = { objectives: { '1C': { plot_count: 1, type: null }, none: { plot_count: 0, type: null } } }
  const metadata = { validation_plot_config: config, ...DATA.metadata }
  const missing = (what: string) => ({
    ...{ error_code: 'NOT_FOUND', message: 'Job data not found' },
    detail: `The job has no ${what}`,
  })
  const table: [path: string, status: number, body: object][] = [
    ['/jobs/running/metadata', 200, metadata],
    ['/jobs/completed/metadata', 200, {}],
    ['/jobs/failed/metadata', 404, missing('metadata')],
    ['/jobs/waiting/metadata', 404, missing('metadata')],
    ['/jobs/running/series/channels', 200, { '1C': { optimal: ['Time [s]', 'Voltage [V]'] } }],
    ['/jobs/completed/series/channels', 200, {}],
    ['/jobs/failed/series/channels', 200, {}],
    ['/jobs/other/series/channels', 404, missing('series')],
    ['/jobs/waiting/series/channels', 404, missing('series')],
    ['/jobs/running/series?objective=1C', 200, DATA.series['1C'].optimal],
    ['/jobs/running/series?objective=1C&x_min=1&max_points=1', 200, { 'Time [s]': [1], 'Voltage [V]': [null] }],
    ['/jobs/running/series?objective=1C&source=baseline', 404, missing('source baseline of the objective 1C')],
    ['/jobs/running/series?objective=C%2F2', 404, missing('objective C/2')],
    ['/jobs/running/series?objective=1C&columns=Q', 404, missing('column Q of the objective 1C')],
    ...(['datafits', 'validations'] as const).flatMap((kind): [string, number, object][] => [
      [`/pipelines/${kind}/running/plot_data?objective_name=1C`, 200, plot],
      [
        `/pipelines/${kind}/running/plot_data?objective_name=1C&plot_index=1`,
        404,
        missing('plot 1 of the objective 1C'),
      ],
      [`/pipelines/${kind}/running/plot_data?objective_name=none`, 404, missing('plot 0 of the objective none')],
      [`/pipelines/${kind}/other/plot_data?objective_name=1C`, 404, missing('plot 0 of the objective 1C')],
    ]),
  ]
  for (const [path, status, body] of table) {
    const response = await ask('GET', path)
    t.strictSame([response.status, response.json()], [status, body], path)
  }
})

t.test('the data of a job appear when its element starts, in a created pipeline if a plan has them', async (t) => {
  const { mock, ask } = await start(t)
  await mock.pipelines.set('fit', { element: 'fit', status: 'completed' })
  t.equal((await ask('GET', '/jobs/waiting/metadata')).status, 200)

  await mock.plans.add({ element_type: 'Data Fit', ...DATA })
  const body = '{"project_id":"p","elements":{"fit":{"element_type":"data_fit"}}}'
  const { id } = (await ask('POST', '/pipelines', { body, headers: { 'content-type': 'application/json' } })).json()
  await mock.pipelines.set(id, { status: 'running' })
  const job = (await mock.pipelines.elements(id))[0]?.job_id
  t.match((await ask('GET', `/jobs/${job}/metadata`)).json(), DATA.metadata)
  t.match((await ask('GET', `/jobs/${job}/series?objective=1C`)).json(), DATA.series['1C'].optimal)
})

/** What pydantic accepts as a number (measured). */
const NUMBERS = [
  ...[' 1 ', '1_0', '+1', '.5', '5.', '1e5', '1_0.0_1', '1e1_0', '-.5', '1E-3'],
  ...['inf', '-inf', 'Infinity', 'nan', 'iNf', '+inf', '1e400', '-1e400'],
]
const NO_NUMBERS = [
  'abc',
  '',
  ' ',
  '1__0',
  '0x1',
  '１',
  '1,5',
  'true',
  'null',
  '_1',
  '1_',
  '1e',
  'e1',
  '.',
  '1 0',
  '+',
  'infin',
]

t.test('`x_min` and `x_max` accept the numbers that pydantic accepts', async (t) => {
  const { ask } = await start(t)
  const paths = ['/jobs/running/series?objective=1C', '/pipelines/datafits/running/plot_data?objective_name=1C']
  for (const path of paths)
    for (const name of ['x_min', 'x_max']) {
      const request = async (text: string) => ask('GET', `${path}&${name}=${encodeURIComponent(text)}`)
      for (const text of NUMBERS) t.equal((await request(text)).status, 200, `${name} ${text}`)
      for (const text of NO_NUMBERS) {
        const { status, json } = await request(text)
        const msg = 'Input should be a valid number, unable to parse string as a number'
        t.strictSame(
          [status, json()],
          [422, { detail: [{ type: 'float_parsing', loc: ['query', name], msg, input: text }] }],
          text,
        )
      }
    }
  const timesFrom = async (text: string) =>
    (await ask('GET', `/jobs/running/series?objective=1C&x_min=${text}`)).json()['Time [s]']
  for (const [text, times] of [
    ['1', [1, 2]],
    ['%2B1', [1, 2]],
    ['0_1.5', [2]],
    ['-inf', [0, 1, 2]],
    ['inf', []],
    ['1e400', []],
    ['nan', []],
  ] as const)
    t.strictSame(await timesFrom(text), times, text)
})

t.test('invalid parameters of a series or a plot receive the errors of pydantic', async (t) => {
  const { ask } = await start(t)
  const series = '/jobs/running/series?objective=1C'
  const plot = '/pipelines/validations/running/plot_data?objective_name=1C'
  const table: [path: string, ...errors: [type: string, parameter: string, msg: string][]][] = [
    ['/jobs/running/series', ['missing', 'objective', 'Field required']],
    [`${series}&source=best`, ['literal_error', 'source', "Input should be 'optimal' or 'baseline'"]],
    [`${series}&max_points=0`, ['greater_than_equal', 'max_points', 'Input should be greater than or equal to 1']],
    [
      `${series}&max_points=1.5`,
      ['int_parsing', 'max_points', 'Input should be a valid integer, unable to parse string as an integer'],
    ],
    [`${plot}&plot_index=-1`, ['greater_than_equal', 'plot_index', 'Input should be greater than or equal to 0']],
    [`${plot}&max_points=99`, ['greater_than_equal', 'max_points', 'Input should be greater than or equal to 100']],
    [`${plot}&max_points=80001`, ['less_than_equal', 'max_points', 'Input should be less than or equal to 80000']],
    [
      '/pipelines/datafits/running/plot_data?plot_index=x&x_max=x',
      ['missing', 'objective_name', 'Field required'],
      ['int_parsing', 'plot_index', 'Input should be a valid integer, unable to parse string as an integer'],
      ['float_parsing', 'x_max', 'Input should be a valid number, unable to parse string as a number'],
    ],
  ]
  for (const [path, ...errors] of table) {
    const { status, json } = await ask('GET', path)
    t.equal(status, 422, path)
    t.match(json().detail, exactly(errors.map(([type, name, msg]) => ({ type, loc: ['query', name], msg }))), path)
  }
  const unknown = await ask('GET', '/jobs/nobody/series')
  t.equal(unknown.status, 422, 'the parameters are checked before the id, as in FastAPI')
})

t.test('every fault can apply to the cancel of a job', async (t) => {
  const { mock } = await start(t)
  const operation = 'cancel_job'
  const cancel = (id = 'running') => attempt(`${mock.url}/jobs/${id}/cancel`, { method: 'POST' })
  const isCanceled = async () => (await mock.pipelines.get('fit')).status === 'canceled'
  const received = async () =>
    (await mock.requests.list({ operation })).map(({ status, transitions }) => [status, transitions.length])
  const faults: [plan: object, status: number | string, canceled: boolean, journal: [number | null, number]][] = [
    [{ respond: { status: 503 } }, 503, false, [503, 0]],
    [{ respond: { status: 422 } }, 422, false, [422, 0]],
    [{ delay: '1ms' }, 200, true, [200, 4]],
    [{ disconnect: 'before' }, 'ECONNRESET', false, [null, 0]],
    [{ disconnect: 'after' }, 'ECONNRESET', true, [null, 4]],
    [{ truncate: 5 }, 'ECONNRESET', true, [null, 4]],
    [{ hang: true }, 'ECONNRESET', false, [null, 0]],
    [{ hold: 'before' }, 200, true, [200, 4]],
    [{ hold: 'after' }, 200, true, [200, 4]],
  ]
  for (const [plan, status, canceled, entry] of faults) {
    await mock.reset()
    const title = JSON.stringify(plan)
    const { id } = await mock.faults.add({ operation, pipeline_id: 'fit', ...plan })
    t.equal((await cancel('other')).status, 200, `${title}: the job of another pipeline`)
    const response = cancel()
    if ('hang' in plan || 'hold' in plan) {
      await until('a held cancel', async () => (await mock.faults.list())[0]?.held === 1)
      t.equal(await isCanceled(), 'hold' in plan && plan.hold === 'after', title)
      if ('hang' in plan) await mock.faults.remove(id)
      else await mock.faults.release(id)
    }
    t.equal((await response).status, status, title)
    t.equal(await isCanceled(), canceled, title)
    // The journal has the status of a response a moment after the client has received it.
    const expected = JSON.stringify([[200, 2], entry])
    await until(`${title} ${expected}`, async () => JSON.stringify(await received()) === expected)
  }
})

t.test('a retried cancel of a job after a lost response changes nothing', async (t) => {
  const { mock, cancel } = await start(t)
  await mock.faults.add({ operation: 'cancel_job', disconnect: 'after' })
  t.equal((await attempt(`${mock.url}/jobs/running/cancel`, { method: 'POST' })).status, 'ECONNRESET')
  await mock.clock.advance('1s')
  t.match((await cancel('running')).json(), { status: 'canceled', updated_at: NOW })
  await mock.verify({ operation: 'cancel_job', times: 2 })
})

t.test('the journal has the pipeline of each request for a job', async (t) => {
  const { mock, ask } = await start(t)
  for (const name of JOB_OPERATIONS) await ask(...requestTo(name, 'running'))
  await ask('GET', '/jobs/other')
  const received = await mock.requests.list({ pipeline_id: 'fit' })
  t.strictSame(
    received.map(({ operation }) => operation),
    JOB_OPERATIONS,
  )
  t.match(await mock.requests.list({ operation: 'get_job', pipeline_id: 'other' }), exactly([{ status: 200 }]))
})

const CLASH: Fixture['pipelines'] = [
  {
    id: 'p',
    name: 'p',
    status: 'running',
    elements: [{ id: 'fit', name: 'fit', element_type: 'Data Fit', status: 'running' }],
  },
]

t.test('two elements cannot have the same job, even if the id of one job is generated', async (t) => {
  const { mock, ask } = await serve(t, { fixtures: { pipelines: CLASH } })
  const job_id = jobIdOf('fit')
  const other = (element_type: 'Data Fit' | 'Direct Entry') => ({
    id: 'q',
    name: 'q',
    elements: [{ id: 'other', name: 'other', element_type, job_id }],
  })
  const seeded: unknown = await mock.seed({ pipelines: [...CLASH, other('Data Fit')] }).catch((error: unknown) => error)
  const path = exactly(['pipelines', 1, 'elements', 0, 'job_id'])
  t.match(seeded, { name: 'FixtureError', issues: exactly([{ code: 'duplicate_id', path }]) })
  await t.rejects(mock.pipelines.add({ pipelines: [other('Data Fit')] }), refused(409, 'id_taken'))
  await mock.pipelines.set('p', { element: 'fit', status: 'pending' })
  await t.rejects(mock.pipelines.add({ pipelines: [other('Data Fit')] }), refused(409, 'id_taken'))
  await mock.seed({ pipelines: [...CLASH, other('Direct Entry')] })
  t.match((await ask('GET', `/jobs/${job_id}`)).json(), { job_id, status: 'processing' }, 'an entry has no job')
})
