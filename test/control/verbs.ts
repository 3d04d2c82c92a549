import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import {
  connect,
  ControlError,
  type ErrorCode,
  ExpectationError,
  type FaultPlan,
  type Fixture,
  FixtureError,
  type MockControl,
  type MockOptions,
  startMock,
} from '../../src/index.js'
import { controlDocument } from '../../src/control/openapi.js'
import { asker, NOW } from '../fixtures/serve.js'

/** Lists in lists. */
const nested = (depth: number): unknown => {
  let value: unknown = []
  for (let i = 1; i < depth; i++) value = [value]
  return value
}

const fixtures: Fixture = {
  pipelines: [
    {
      id: 'fit',
      name: 'LG M50 diffusivity fit',
      project_id: 'cells',
      status: 'running',
      elements: [
        { id: 'known', name: 'known parameters', status: 'completed' },
        { id: 'diffusivity', name: 'fit diffusivity', status: 'running' },
        { id: 'validate', name: 'validate' },
      ],
    },
    { id: 'timed', name: 'timed', mock: { takes: '10s' }, elements: [{ name: 'a' }, { name: 'b' }] },
    { id: 'done', name: 'done', status: 'completed' },
  ],
}

const start = async (t: Test, options: MockOptions = {}) => {
  const mock = await startMock({ fixtures, clock: `frozen@${NOW}`, ...options })
  t.teardown(() => mock.close())
  return mock
}

/** Every verb, asked of a mock in this process and of one elsewhere: the same tests for both. */
const WAYS: Record<string, (t: Test) => Promise<MockControl>> = {
  'in process': (t) => start(t),
  'by the remote client': async (t) => connect((await start(t)).url),
  'in a sandbox in process': async (t) => ({ ...(await start(t)), ...(await start(t)).sandbox('mine') }),
  'in a sandbox by the remote client': async (t) => {
    const mock = await connect(`${(await start(t)).url}/`)
    return { ...mock, ...mock.sandbox('mine') }
  },
}

/** Matches an array of this length only, whereas an array as a pattern matches longer ones too. */
const exactly = (items: readonly unknown[]) => ({ ...items, length: items.length })

/** A ControlError that lists these issues and no others. */
const refused = (status: number, code: ErrorCode, ...issues: [code: ErrorCode, ...path: (string | number)[]][]) => ({
  name: 'ControlError',
  status,
  code,
  issues: exactly(issues.map(([code, ...path]) => ({ code, path: exactly(path) }))),
})

/** An ExpectationError that lists these requests and no others. */
const unmet = (code: ErrorCode, ...received: object[]) => ({
  name: 'ExpectationError',
  code,
  received: exactly(received),
})

for (const [way, open] of Object.entries(WAYS))
  t.test(way, async (t) => {
    const verb = (
      title: string,
      body: (t: Test, mock: MockControl, post: (path: string) => Promise<Response>) => void,
    ) =>
      t.test(title, async (t) => {
        const mock = await open(t)
        await body(t, mock, (path) => fetch(`${mock.url}${path}`, { method: 'POST', body: '{}' }))
      })
    const statuses = async (mock: MockControl, id: string) =>
      [await mock.pipelines.get(id), ...(await mock.pipelines.elements(id))].map(({ status }) => status).join(' ')

    verb('env and url are what the program under test needs', async (t, mock) => {
      t.match(mock.env, { IONWORKS_API_URL: mock.url, IONWORKS_API_KEY: /^mock_\w+$/, IONWORKS_PROJECT_ID: 'cells' })
      t.equal((await fetch(`${mock.url}/pipelines/fit`)).status, 200)
    })

    verb('pipelines are read', async (t, mock) => {
      t.match(await mock.pipelines.get('fit'), { id: 'fit', status: 'running' })
      t.match(await mock.pipelines.elements('fit'), [{ name: 'known parameters' }, { id: 'diffusivity' }, {}])
      const ids = async (filter?: object) => (await mock.pipelines.list(filter)).map(({ id }) => id).join(' ')
      t.equal(await ids(), 'fit timed done')
      t.equal(await ids({ status: 'running', name: undefined }), 'fit timed')
      t.equal(await ids({ project_id: 'cells', name: 'done' }), '')
      await t.rejects(mock.pipelines.get('nobody?'), refused(404, 'pipeline_not_found'))
      await t.rejects(
        mock.pipelines.list({ statsu: 'x' } as object),
        refused(400, 'invalid_request', ['unknown_key', 'statsu']),
      )
    })

    verb('pipelines are added', async (t, mock) => {
      t.match(
        await mock.pipelines.add({ pipelines: [{ id: 'new', name: 'new', elements: [{ id: 'e', name: 'e' }] }] }),
        {
          pipelines: 1,
          elements: 1,
          documents: 1,
          warnings: [],
        },
      )
      t.equal((await fetch(`${mock.url}/pipelines/elements/e`)).status, 200)
      const taken = {
        pipelines: [
          { id: 'fit', name: 'x' },
          { id: 'y', name: 'y', elements: [{ id: 'e', name: 'e' }] },
        ],
      }
      await t.rejects(mock.pipelines.add(taken), refused(409, 'id_taken'))
      await t.rejects(mock.pipelines.get('y'), ControlError, 'nothing was added')
      for (const pipeline of taken.pipelines)
        await t.rejects(mock.pipelines.add({ pipelines: [pipeline] }), refused(409, 'id_taken'), 'either id is taken')
      await t.rejects(mock.pipelines.add({ pipelines: [{ name: 5 }] } as never), FixtureError)
    })

    verb('a pipeline is put into a state, as its worker would', async (t, mock) => {
      const result = { parameter_values: { x: 1 } }
      t.match(await mock.pipelines.set('fit', { element: 2, status: 'completed', result }), { status: 'running' })
      t.equal(await statuses(mock, 'fit'), 'running completed completed running')
      t.match((await mock.pipelines.elements('fit'))[1], { result, job_status: 'completed', updated_at: NOW })
      const why = { error: 'no convergence', error_code: 'SOLVER_ERROR' } as const
      t.match(await mock.pipelines.set('fit', { element: 'validate', status: 'failed', ...why }), {
        status: 'failed',
        ...why,
      })
      t.equal(await statuses(mock, 'fit'), 'failed completed completed failed')
      await mock.pipelines.set('timed', { status: 'canceled' })
      await mock.expectCanceled('timed')
      const noElement = refused(404, 'element_not_found')
      await t.rejects(mock.pipelines.set('fit', { element: 4, status: 'failed' }), noElement)
      await t.rejects(mock.pipelines.set('done', { element: 'x' }), noElement)
      for (const change of [{ status: 'skipped' }, { result: {} }] as const) {
        await t.rejects(mock.pipelines.set('fit', change), refused(422, 'element_required'))
        await mock.pipelines.set('fit', { element: 3, ...change })
        t.match((await mock.pipelines.elements('fit'))[2], change, 'an element takes it')
      }
      await t.rejects(mock.pipelines.set('x', { status: 'failed' }), refused(404, 'pipeline_not_found'))
      await t.rejects(
        mock.pipelines.set('fit', { status: 'cancelled' } as never),
        refused(400, 'invalid_request', ['invalid_value', 'status']),
      )
    })

    verb('the clock is read, frozen, advanced and resumed', async (t, mock) => {
      t.equal(await mock.clock.now(), NOW)
      await mock.clock.advance('15s')
      t.equal(await statuses(mock, 'timed'), 'running completed running')
      await mock.clock.freeze('2027-01-01T00:00:00Z')
      await mock.clock.resume()
      t.ok((await mock.clock.now()) >= '2027-01-01T00:00:00')
    })

    verb('requests are listed, and waited for', async (t, mock, post) => {
      t.strictSame(await mock.requests.list(), [])
      const waiting = mock.requests.waitFor({ operation: 'cancel_pipeline', status: 200 })
      await post('/pipelines/fit/cancel?why=done&api_key=secret')
      const request = await waiting
      t.match(request, {
        id: /^[0-9a-f-]{36}$/,
        at: NOW,
        operation: 'cancel_pipeline',
        pipeline_id: 'fit',
        method: 'POST',
        path: '/pipelines/fit/cancel',
        query: { why: 'done', api_key: '[redacted]' },
        headers: { 'content-length': '2' },
        body: '{}',
        status: 200,
        fault: null,
        transitions: [
          { kind: 'pipeline', id: 'fit', from: 'running', to: 'canceled', at: NOW },
          { kind: 'element', id: 'diffusivity', from: 'running', to: 'canceled', at: NOW },
          { kind: 'element', id: 'validate', from: 'pending', to: 'canceled', at: NOW },
        ],
      })
      t.strictSame(await mock.requests.list(), [request])
      await mock.clock.advance('1s')
      await post('/pipelines/nobody/cancel')
      const count = async (filter: object) => (await mock.requests.list(filter)).length
      t.equal(await count({}), 2)
      t.equal(await count({ status: 200 }), 1)
      t.equal(await count({ pipeline_id: 'nobody', operation: 'cancel_pipeline', status: 422 }), 1)
      t.equal(await count({ since: '2026-10-01T14:00:01+02:00' }), 1)
      t.equal((await mock.requests.waitFor({ status: 422 })).pipeline_id, 'nobody')
      await t.rejects(
        mock.requests.waitFor({ operation: 'get_pipeline', pipeline_id: 'fit' }, { timeout: '1ms' }),
        unmet('request_not_received', request, { path: '/pipelines/nobody/cancel', status: 422 }),
      )
      await t.rejects(mock.requests.waitFor({}, { timeout: '6m' }), refused(422, 'wait_too_long'))
      await t.rejects(
        mock.requests.list({ operation: 'cancel' as never }),
        refused(400, 'invalid_request', ['invalid_value', 'operation']),
      )
    })

    verb('faults are planned, listed, removed and released', async (t, mock, post) => {
      const fault = await mock.faults.add({ operation: 'cancel_pipeline', times: 2, respond: { status: 503 } })
      t.match(fault, { id: 'fault-1', times: 2, matched: 0, fired: 0, held: 0, consumed: false })
      await t.rejects(mock.faults.assertConsumed(), unmet('faults_not_consumed'))
      t.strictSame(
        [
          await post('/pipelines/fit/cancel'),
          await post('/pipelines/fit/cancel'),
          await post('/pipelines/fit/cancel'),
        ].map(({ status }) => status),
        [503, 503, 200],
      )
      await mock.faults.assertConsumed()
      await mock.expectCanceled('fit')
      t.match(await mock.faults.list(), [{ id: 'fault-1', fired: 2, matched: 2, consumed: true }])
      t.match(await mock.requests.list(), [{ fault: 'fault-1', status: 503 }, { fault: 'fault-1' }, { fault: null }])

      await mock.faults.add({ operation: 'cancel_pipeline', hold: 'before' })
      t.match(await mock.faults.list(), [{ consumed: true }, { id: 'fault-2', fired: 0, consumed: false }])
      await t.rejects(mock.faults.assertConsumed(), unmet('faults_not_consumed', {}, {}, { status: 200 }))
      await t.rejects(mock.faults.release('fault-2'), refused(409, 'nothing_held'))
      const held = post('/pipelines/timed/cancel')
      await mock.requests.waitFor({ pipeline_id: 'timed' })
      t.equal(await mock.faults.release('fault-2'), 1)
      t.equal((await held).status, 200)
      await t.rejects(mock.faults.release('fault-1'), refused(422, 'fault_without_hold'))
      await mock.faults.remove('fault-1')
      await t.rejects(mock.faults.remove('fault-1'), refused(404, 'fault_not_found'))
      await mock.faults.remove('fault-2')
      await t.rejects(mock.faults.release('fault-2'), refused(404, 'fault_not_found'))

      const corrected: [plan: object, code: ErrorCode, corrected: FaultPlan][] = [
        [{}, 'fault_action_required', { hang: true }],
        [{ hang: true, delay: '1s' }, 'fault_action_required', { delay: '1s' }],
        [{ respond: { status: 200 } }, 'response_body_required', { respond: { status: 200, body: null } }],
      ]
      for (const [plan, code, valid] of corrected) {
        await t.rejects(mock.faults.add(plan), refused(422, code))
        await mock.faults.remove((await mock.faults.add(valid)).id)
      }
      const wrong: [plan: object, code: ErrorCode, ...path: string[]][] = [
        [{ operation: 'cancel_pipelin', hang: true }, 'invalid_value', 'operation'],
        [{ respond: { status: 99 } }, 'invalid_value', 'respond', 'status'],
        [{ respond: { status: 503, header: {} } }, 'unknown_key', 'respond', 'header'],
        [
          { respond: { status: 503, headers: { 'retry-after': 5 } } },
          'invalid_value',
          'respond',
          'headers',
          'retry-after',
        ],
        [{ delay: 5 }, 'invalid_value', 'delay'],
        [{ respond: { status: 503, body: nested(2500) } }, 'too_deep', 'respond'],
        [{ times: 0, hang: true }, 'invalid_value', 'times'],
        [{ after: -1, hang: true }, 'invalid_value', 'after'],
        [{ hang: false }, 'invalid_value', 'hang'],
        [{ hold: true }, 'invalid_value', 'hold'],
      ]
      for (const [plan, ...issue] of wrong)
        await t.rejects(mock.faults.add(plan), refused(400, 'invalid_request', issue))
      t.strictSame(await mock.faults.list(), [])
    })

    verb(
      'an unmet expectation lists requests to no operation, and requests without a response',
      async (t, mock, post) => {
        await post('/nowhere')
        const { id } = await mock.faults.add({ disconnect: 'before', times: null })
        const nowhere = { method: 'POST', path: '/nowhere', status: 404, operation: null, fault: null }
        await t.rejects(mock.faults.assertConsumed(), unmet('faults_not_consumed', nowhere))
        await t.rejects(post('/pipelines/fit/cancel'))
        await mock.faults.assertConsumed()
        const cutOff = { path: '/pipelines/fit/cancel', status: null, operation: 'cancel_pipeline', fault: id }
        await t.rejects(mock.verify({ times: 3 }), unmet('request_count_mismatch', nowhere, cutOff))
      },
    )

    verb('verify and expectCanceled reject with the requests that were received', async (t, mock, post) => {
      await t.rejects(mock.expectCanceled('fit'), unmet('pipeline_not_canceled'))
      await t.rejects(mock.expectCanceled('nobody'), refused(404, 'pipeline_not_found'))
      await mock.verify({ operation: 'cancel_pipeline', times: 0 })
      await post('/pipelines/nobody/cancel')
      await t.rejects(mock.verify({ times: 2, status: undefined } as object), unmet('request_count_mismatch', {}))
      await t.rejects(mock.verify({ times: 2 }), unmet('request_count_mismatch', { pipeline_id: 'nobody' }))
      await mock.reset('journal')
      for (let i = 0; i < 25; i++) await post('/pipelines/fit/cancel')
      await mock.expectCanceled('fit')
      await mock.verify({ operation: 'cancel_pipeline' })
      await mock.verify({ operation: 'cancel_pipeline', pipeline_id: 'fit', status: 200, times: 25 })
      const all = Array.from({ length: 25 }, () => ({ path: '/pipelines/fit/cancel', status: 200 }))
      for (const expected of [
        { operation: 'get_pipeline' },
        { times: 1 },
        { operation: 'cancel_pipeline', times: 0 },
      ] as const)
        await t.rejects(mock.verify(expected), unmet('request_count_mismatch', ...all))
    })

    verb('reset goes back to the start, in all or in parts', async (t, mock, post) => {
      const arrange = async () => {
        await post('/pipelines/fit/cancel')
        await mock.faults.add({ hang: true })
        await mock.clock.advance('1s')
        await mock.snapshot('later')
      }
      const look = async () => ({
        data: (await mock.pipelines.get('fit')).status === 'running',
        journal: (await mock.requests.list()).length === 0,
        faults: (await mock.faults.list()).length === 0,
        clock: (await mock.clock.now()) === NOW,
      })
      const changed = { data: false, journal: false, faults: false, clock: false }
      for (const part of ['data', 'journal', 'faults', 'clock'] as const) {
        await arrange()
        t.strictSame(await look(), changed)
        await mock.reset(part)
        t.strictSame(await look(), { ...changed, [part]: true }, part)
        await mock.reset()
      }
      t.strictSame(await look(), { data: true, journal: true, faults: true, clock: true })
      await t.rejects(mock.restore('later'), refused(404, 'snapshot_not_found'))
      t.equal((await mock.faults.add({ hang: true })).id, 'fault-1', 'faults are counted anew')
      await t.rejects(mock.reset('date' as never), refused(400, 'invalid_request', ['invalid_value', 'only', 0]))
    })

    verb('seed begins anew, until the next reset', async (t, mock) => {
      t.match(await mock.seed([{ pipelines: [{ id: 'x', name: 'x' }] }, 'fixtures/second-team.json']), {
        pipelines: 2,
        documents: 2,
        warnings: [],
      })
      t.equal((await mock.pipelines.list()).length, 2)
      const bad = mock.seed(['test/fixtures/broken/five-faults.yaml', 'nowhere.json'])
      await t.rejects(bad, FixtureError)
      await bad.catch(({ code, issues }: FixtureError) => {
        t.equal(code, 'invalid_fixture')
        t.match(issues, [{ position: { line: Number } }, {}, {}, {}, {}, { code: 'file_not_found' }])
      })
      t.equal((await mock.pipelines.get('x')).id, 'x', 'a bad one changes nothing')
      await mock.reset()
      await t.rejects(mock.pipelines.get('x'), ControlError)
    })

    verb('the state is exported, and remembered by a name', async (t, mock, post) => {
      const probe = async () => [await mock.state(), await statuses(mock, 'timed'), await statuses(mock, 'fit')]
      await mock.clock.advance('4s')
      const before = await probe()
      await mock.snapshot('under-way')
      await post('/pipelines/fit/cancel')
      await mock.clock.advance('7s')
      t.equal(await statuses(mock, 'timed'), 'running completed running')
      await mock.restore('under-way')
      t.strictSame(await probe(), before, 'the clock has moved, and what is left to come has not')
      await mock.clock.advance('5999ms')
      t.equal(await statuses(mock, 'timed'), 'running running pending')
      await mock.clock.advance('1ms')
      t.equal(await statuses(mock, 'timed'), 'running completed running')
      await mock.seed((await mock.state()) as Fixture)
      await mock.clock.advance('10s')
      t.equal(await statuses(mock, 'timed'), 'completed completed completed')
      await t.rejects(mock.restore('x'), refused(404, 'snapshot_not_found'))
      for (let i = 0; i < 99; i++) await mock.snapshot(`s${i}`)
      await mock.snapshot('s0')
      await t.rejects(mock.snapshot('one-more'), refused(422, 'too_many_snapshots'))
      for (const name of ['x'.repeat(65), '..', 'a/b'])
        await t.rejects(mock.snapshot(name), { name: 'ControlError' }, name)
    })

    verb('ids that are given out meet none that are there', async (t, mock) => {
      const create = async () => {
        const body = JSON.stringify({ project_id: 'q', elements: { a: { element_type: 'entry' } } })
        const headers = { 'content-type': 'application/json' }
        const answer = await fetch(`${mock.url}/pipelines`, { method: 'POST', headers, body })
        return ((await answer.json()) as { id: string }).id
      }
      const first = await create()
      await mock.seed(await mock.state())
      t.not(await create(), first)
      t.equal(new Set((await mock.pipelines.list()).map(({ id }) => id)).size, 5)

      await fetch(`${mock.url}/pipelines/fit`, { method: 'DELETE' })
      await mock.pipelines.add({ pipelines: [{ id: 'fit', name: 'fit again' }] })
      t.equal((await mock.pipelines.get('fit')).name, 'fit again')
    })

    verb('what a caller does with its own objects later changes nothing', async (t, mock) => {
      const plan = { operation: 'healthz' as const, respond: { status: 503 } }
      await mock.faults.add(plan)
      plan.respond.status = 418
      const result = { x: 1 }
      await mock.pipelines.set('fit', { element: 2, result })
      result.x = 2
      t.match(await mock.faults.list(), [{ respond: { status: 503 } }])
      t.match((await mock.pipelines.elements('fit'))[1], { result: { x: 1 } })
    })

    verb('sandboxes are listed and dropped, and do not meet', async (t, mock) => {
      const [one, other] = [mock.sandbox('one'), mock.sandbox('other')]
      await fetch(`${one.url}/pipelines/fit/cancel`, { method: 'POST' })
      await one.expectCanceled('fit')
      t.equal((await other.pipelines.get('fit')).status, 'running')
      const names = async () => (await mock.sandboxes.list()).map(({ name }) => name).filter((name) => name !== 'mine')
      t.strictSame(await names(), ['one', 'other'])
      t.match(
        (await mock.sandboxes.list()).find(({ name }) => name === 'one'),
        { in_flight: 0, requests: 1, faults: 0 },
      )
      await mock.sandboxes.drop('one')
      t.strictSame(await names(), ['other'])
      t.equal((await one.pipelines.get('fit')).status, 'running', 'it is made anew')
      await t.rejects(mock.sandboxes.drop('nobody'), refused(404, 'sandbox_not_found'))
      await t.rejects(mock.sandboxes.drop('default'), refused(422, 'default_sandbox'))
      for (const name of ['a b', '', '.', '..', 'a/b', 'x'.repeat(65)])
        t.throws(() => mock.sandbox(name), refused(400, 'invalid_sandbox_name'), JSON.stringify(name))
    })
  })

t.test('the control API responds over HTTP as its document declares', async (t) => {
  const mock = await start(t)
  const ask = await asker(mock.url)
  t.strictSame((await ask('GET', '/_mock/openapi.json')).json(), controlDocument())
  const table: [method: string, path: string, body: object | undefined, status: number][] = [
    ['GET', '/info', undefined, 200],
    ['GET', '/state', undefined, 200],
    ['PUT', '/snapshots/a', undefined, 204],
    ['GET', '/snapshots', undefined, 200],
    ['POST', '/snapshots/a/restore', undefined, 204],
    ['POST', '/snapshots/b/restore', {}, 404],
    ['GET', '/pipelines?status=running', undefined, 200],
    ['POST', '/pipelines', { pipelines: [{ name: 'x' }] }, 200],
    ['POST', '/pipelines', { pipelines: [{ name: 'x' }] }, 409],
    ['POST', '/pipelines', undefined, 400],
    ['GET', '/pipelines/fit', undefined, 200],
    ['PATCH', '/pipelines/fit', { element: 2, status: 'completed', result: {} }, 200],
    ['GET', '/pipelines/fit/elements', undefined, 200],
    ['POST', '/seed', { pipelines: [] }, 200],
    ['POST', '/seed', { pipelines: [{}] }, 400],
    ['POST', '/faults', { hang: true, operation: 'healthz' }, 200],
    ['GET', '/faults', undefined, 200],
    ['POST', '/faults/fault-1/release', undefined, 422],
    ['DELETE', '/faults/fault-1', undefined, 204],
    ['GET', '/requests', undefined, 200],
    ['GET', '/requests?status=20', undefined, 400],
    ['GET', '/requests/wait?timeout=1ms', undefined, 200],
    ['GET', '/sandboxes', undefined, 200],
    ['DELETE', '/sandboxes/x', undefined, 404],
    ['POST', '/reset', undefined, 204],
  ]
  for (const [method, path, body, status] of table) {
    for (const type of ['application/json', 'nonsense', 'text/plain; charset=latin1']) {
      if (type !== 'nonsense' && method === 'DELETE') continue
      if (type === 'nonsense' || method === 'GET') {
        const sent = { headers: { 'content-type': type }, ...(body && { body: JSON.stringify(body) }) }
        const answer = await ask(method, `/_mock${path}`, sent)
        t.equal(answer.status, status, `${method} ${path}`)
      }
    }
  }
  const faulty = await ask('POST', '/_mock/seed', { body: '{\n "pipelines": [{ "nam": "x" }]\n}' })
  t.match(faulty.json(), {
    title: 'Bad Request',
    status: 400,
    code: 'invalid_fixture',
    errors: exactly([
      { code: 'missing_key', path: exactly(['pipelines', 0]) },
      { code: 'unknown_key', path: exactly(['pipelines', 0, 'nam']), position: { line: 2, column: 18 } },
    ]),
  })
})

t.test('connect rejects an address without a mock, and a mock without the control API', async (t) => {
  await t.rejects(connect('http://127.0.0.1:9'), refused(503, 'unreachable'))
  const mock = await start(t, { control: false })
  await t.rejects(connect(mock.url), refused(404, 'control_disabled'))
  t.equal((await fetch(`${mock.url}/_mock/health`)).status, 200)
  t.match(await mock.pipelines.list(), { length: 3 }, 'in process there is control all the same')

  for (const url of [
    '',
    'nowhere',
    'ftp://x',
    'http://user:secret@127.0.0.1:9',
    'http://127.0.0.1:9/?x',
    undefined as never,
  ])
    await t.rejects(connect(url), refused(400, 'invalid_address'), url)
  await t.rejects(connect(mock.url, { token: 'a\nb' }), refused(400, 'unsendable_call'))

  const table: [type: string, status: number, body: string, reported: number][] = [
    ['application/json', 200, '{}', 502],
    ['application/json', 200, 'null', 502],
    ['text/html', 200, '<h1>', 502],
    ['application/problem+json', 500, '{}', 500],
    ['application/problem+json', 500, '{', 500],
    ['text/html', 404, '<h1>', 404],
  ]
  for (const [type, status, body, reported] of table) {
    const other = createServer((_request, response) =>
      response.writeHead(status, { 'content-type': type, connection: 'close' }).end(body),
    ).listen(0, '127.0.0.1')
    t.teardown(() => other.close())
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    await t.rejects(connect(`http://127.0.0.1:${port}`), refused(reported, 'not_a_mock'), `${status} ${body}`)
  }
})

t.test('the address of a sandbox connects to that, and leads to the others', async (t) => {
  const mock = await start(t)
  const mine = await connect(`${mock.url}/_sandbox/mine/`)
  t.equal(mine.url, `${mock.url}/_sandbox/mine`)
  t.equal(mine.env.IONWORKS_API_URL, mine.url)
  await mine.pipelines.set('fit', { status: 'canceled' })
  await mock.sandbox('mine').expectCanceled('fit')
  await mine.sandbox('other').pipelines.set('done', { status: 'failed' })
  t.equal((await mock.sandbox('other').pipelines.get('done')).status, 'failed')
  await t.rejects(mine.pipelines.get('\ud800'), refused(404, 'pipeline_not_found'))
})

t.test('a value that JSON cannot represent is rejected in process too', async (t) => {
  const mock = await start(t)
  const cyclic: Record<string, unknown> = {}
  cyclic.self = cyclic
  for (const result of [cyclic, { x: 10n }])
    await t.rejects(mock.pipelines.set('fit', { element: 2, result }), {
      ...refused(400, 'invalid_request'),
      issues: [{ code: 'not_json' }],
    })
})

t.test('a wait ends when its client disconnects, and when the mock is closed', async (t) => {
  const mock = await start(t)
  const sandbox = mock.sandbox('a')
  const leaving = new AbortController()
  const url = `${sandbox.url}/_mock/requests/wait?timeout=5m`
  const waiting = fetch(url, { signal: leaving.signal }).catch(() => 'gone')
  const inFlight = async (n: number) => {
    while ((await mock.sandboxes.list())[0]?.in_flight !== n) await new Promise(setImmediate)
  }
  await inFlight(1)
  leaving.abort()
  t.equal(await waiting, 'gone')
  await inFlight(0)
  const left = t.rejects(sandbox.requests.waitFor({}, { timeout: '5m' }), ExpectationError)
  await inFlight(1)
  await mock.close()
  await left
})

t.test('a call with a query parameter that it does not have is rejected', async (t) => {
  const mock = await start(t)
  const response = await fetch(`${mock.url}/_mock/reset?only=clock`, { method: 'POST' })
  const errors = exactly([{ code: 'unknown_key', path: exactly(['only']) }])
  t.equal(response.status, 400)
  t.match(await response.json(), { status: 400, code: 'invalid_request', errors }, 'not as a reset of everything')
})
