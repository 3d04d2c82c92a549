import { once } from 'node:events'
import { connect as dial } from 'node:net'
import t, { type Test } from 'tap'
import { type ErrorCode, type FaultPlan, type Mock, startMock } from '../../src/index.js'
import { attempt } from '../support/http.js'
import { NOW } from '../support/serve.js'
import { until, within } from '../support/until.js'
import { sendBytes } from '../support/wire.js'

const fixtures = {
  pipelines: [
    {
      id: 'fit',
      name: 'fit',
      status: 'running' as const,
      elements: [{ name: 'a', status: 'running' as const }, { name: 'b' }],
    },
    { id: 'other', name: 'other', status: 'running' as const, elements: [{ id: 'e', name: 'e' }] },
  ],
}

const start = async (t: Test) => {
  const mock = await startMock({ fixtures, clock: `frozen@${NOW}` })
  t.teardown(() => mock.close())
  return mock
}

/** Sends a request on a new connection. If the request fails, the returned status is the error code. */
const call = (mock: Mock, path: string, method = 'GET') => attempt(`${mock.url}${path}`, { method })

const cancel = (mock: Mock, body?: string) =>
  attempt(`${mock.url}/pipelines/fit/cancel`, { method: 'POST', ...(body !== undefined && { body }) })

/** Sends three cancels one after another, and returns the statuses of their responses. */
const threeCancels = async (mock: Mock) =>
  [await cancel(mock), await cancel(mock), await cancel(mock)].map(({ status }) => status)

const statusOf = async (mock: Mock) => (await mock.pipelines.get('fit')).status

/** Resolves when the first fault holds `n` requests. */
const untilHeld = (mock: Mock, n: number) =>
  until(`${n} held requests`, async () => (await mock.faults.list())[0]?.held === n)

t.test('a fault responds in place of the operation', async (t) => {
  const mock = await start(t)
  const envelope = (error_code: string, message: string) =>
    new RegExp(`^{"error_code":"${error_code}","message":"${message}","detail":"[^"]+"}$`)
  const table: [respond: NonNullable<FaultPlan['respond']>, status: number, body: string | RegExp, type?: string][] = [
    [{ status: 503 }, 503, envelope('SERVICE_UNAVAILABLE', 'Service Unavailable')],
    [{ status: 429, headers: { 'Retry-After': '2' } }, 429, envelope('TOO_MANY_REQUESTS', 'Too Many Requests')],
    [{ status: 400 }, 400, envelope('BAD_REQUEST', 'Bad Request')],
    [{ status: 599 }, 599, envelope('ERROR', 'Error')],
    [
      { status: 422 },
      422,
      '{"detail":[{"type":"string_type","loc":["path","pipeline_id"],"msg":"Input should be a valid string","input":null}]}',
    ],
    [{ status: 500, body: { detail: 'x' } }, 500, '{"detail":"x"}'],
    [{ status: 200, body: null }, 200, 'null'],
    [{ status: 307, body: {}, headers: { location: '/' } }, 307, '{}'],
    [{ status: 502, body: '<h1>', headers: { 'Content-Type': 'text/html' } }, 502, '<h1>', 'text/html'],
  ]
  for (const [respond, status, body, type = 'application/json'] of table) {
    await mock.faults.add({ respond })
    const response = await cancel(mock)
    t.match(response, { status, headers: { 'content-type': type, 'x-correlation-id': String } }, String(body))
    if (typeof body === 'string') t.equal(response.body, body)
    else t.match(response.body, body)
    if (respond.headers?.['Retry-After']) t.equal(response.headers['retry-after'], '2')
    t.equal(await statusOf(mock), 'running', 'the operation does not run')
  }
  await mock.faults.assertConsumed()
})

t.test('a fault with a status that needs no body can respond without a body', async (t) => {
  const mock = await start(t)
  for (const status of [204, 205, 301, 304, 307, 399]) {
    await mock.faults.add({ respond: { status, headers: { Location: '/elsewhere' } } })
    const { headers, ...response } = await cancel(mock)
    t.strictSame(response, { status, body: '' }, `${status}`)
    const [type, length] = [headers['content-type'], headers['content-length']]
    t.strictSame(
      [type, length, headers.location],
      [undefined, [204, 304].includes(status) ? undefined : '0', '/elsewhere'],
    )
  }
  await mock.faults.add({ respond: { status: 304, headers: { 'content-type': 'text/html' } } })
  t.match(await cancel(mock), { status: 304, body: '', headers: { 'content-type': 'text/html' } })
  await mock.faults.add({ respond: { status: 204, body: { ignored: true } } })
  t.match(await cancel(mock), { status: 204, body: '' })
})

t.test('a fault can set a header several times', async (t) => {
  const mock = await start(t)
  await mock.faults.add({ respond: { status: 503, headers: { 'Set-Cookie': ['a=1', 'b=2'], 'X-Tag': ['x', 'y'] } } })
  const { headers } = await cancel(mock)
  t.match([headers['set-cookie'], headers['x-tag']], [['a=1', 'b=2'], 'x, y'])
})

t.test('a fault with `connection: close` closes the connection after the response', async (t) => {
  const mock = await start(t)
  await mock.faults.add({ respond: { status: 503, headers: { Connection: 'close' } } })
  const request = 'GET /pipelines/fit HTTP/1.1\r\nhost: x\r\n\r\n'
  const response = await sendBytes(mock.port, request + request)
  t.match(response, /^HTTP\/1\.1 503 [^]*\r\nconnection: close\r\n/i)
  t.equal(response.split('HTTP/1.1').length - 1, 1, 'the second request gets no response')
})

t.test('a fault applies only to the requests that its plan selects', async (t) => {
  const mock = await start(t)
  const respond = { status: 503 }
  const calls = [
    '/pipelines/fit',
    '/pipelines/other',
    '/pipelines/elements/e',
    '/healthz',
    '/pipelines/fit',
    '/nowhere',
  ]
  const table: [plan: FaultPlan, applied: string][] = [
    [{ respond }, 'x.....'],
    [{ respond, times: 2 }, 'xx....'],
    [{ respond, times: null }, 'xxxxx.'],
    [{ respond, after: 2 }, '..x...'],
    [{ respond, after: 1, times: null }, '.xxxx.'],
    [{ respond, operation: 'get_pipeline', times: null }, 'xx..x.'],
    [{ respond, operation: 'get_pipeline', after: 1 }, '.x....'],
    [{ respond, pipeline_id: 'other', times: null }, '.xx...'],
    [{ respond, operation: 'get_pipeline', pipeline_id: 'fit', times: 2 }, 'x...x.'],
    [{ respond, operation: 'cancel_pipeline' }, '......'],
  ]
  for (const [plan, expected] of table) {
    await mock.reset()
    await mock.faults.add(plan)
    let applied = ''
    for (const path of calls) applied += (await call(mock, path)).status === 503 ? 'x' : '.'
    t.equal(applied, expected, JSON.stringify(plan))
  }
})

t.test('if several faults match a request, the first fault that is not exhausted applies', async (t) => {
  const mock = await start(t)
  await mock.faults.add({ respond: { status: 501 }, times: 1 })
  await mock.faults.add({ respond: { status: 502 }, times: 1 })
  t.strictSame(await threeCancels(mock), [501, 502, 200])
})

t.test('at most 1000 faults can be added', async (t) => {
  const mock = await start(t)
  for (let i = 0; i < 1000; i++) await mock.faults.add({ hang: true })
  await t.rejects(mock.faults.add({ hang: true }), { status: 422, code: 'too_many_faults' })
})

t.test('faults do not apply to the probes /_mock/health and /_mock/ready', async (t) => {
  const mock = await start(t)
  await mock.faults.add({ hang: true, times: null })
  for (const path of ['/_mock/health', '/_mock/ready']) t.equal((await call(mock, path)).status, 200)
})

t.test('a truncated response declares the length of the whole body, but has only the first bytes', async (t) => {
  const mock = await start(t)
  for (const truncate of [0, 10]) {
    await mock.faults.add({ truncate })
    const response = await sendBytes(mock.port, 'GET /pipelines/fit HTTP/1.1\r\nhost: x\r\n\r\n')
    const [head = '', body] = response.split('\r\n\r\n')
    const { body: whole } = await call(mock, '/pipelines/fit')
    t.match(head, `content-length: ${whole.length}`)
    t.equal(body, whole.slice(0, truncate))
  }
})

t.test('faults that act after the operation apply to the response to a creation', async (t) => {
  const mock = await start(t)
  const create = (connection = 'close') =>
    `POST /pipelines HTTP/1.1\r\nhost: x\r\nconnection: ${connection}\r\ncontent-type: application/json\r\n` +
    'content-length: 32\r\n\r\n{"project_id":"p","elements":{}}'
  const whole = await sendBytes(mock.port, create())
  t.match(whole, 'HTTP/1.1 201')
  await mock.reset('data')
  await mock.faults.add({ truncate: 10 })
  const [head = '', body] = (await sendBytes(mock.port, create('keep-alive'))).split('\r\n\r\n')
  t.match([head, body], [/content-length: 4\d\d/, whole.split('\r\n\r\n')[1]?.slice(0, 10)])
  await mock.reset('data')
  const { id } = await mock.faults.add({ hold: 'after' })
  const held = sendBytes(mock.port, create())
  await until('a held request', async () => (await mock.faults.list())[1]?.held === 1)
  await mock.faults.release(id)
  const withoutDate = (text: string) => text.replace(/(date|x-correlation-id): .*/gi, '')
  t.equal(withoutDate(await held), withoutDate(whole))
})

t.test('a fault with `truncate` leaves a response without a body unchanged', async (t) => {
  const mock = await start(t)
  await mock.faults.add({ truncate: 5, operation: 'delete_pipeline' })
  t.match(await call(mock, '/pipelines/other', 'DELETE'), { status: 204 })
})

t.test('a fault with `delay` delays the response', async (t) => {
  const mock = await start(t)
  await mock.faults.add({ delay: '30ms' })
  const before = performance.now()
  t.equal((await cancel(mock)).status, 200)
  t.ok(performance.now() - before > 25)
})

t.test('faults reproduce failures and races of a cancel', async (t) => {
  t.test('a third cancel succeeds after two failures', async (t) => {
    const mock = await start(t)
    await mock.faults.add({ operation: 'cancel_pipeline', times: 2, respond: { status: 503 } })
    t.strictSame(await threeCancels(mock), [503, 503, 200])
    await mock.faults.assertConsumed()
    await mock.verify({ operation: 'cancel_pipeline', times: 3 })
    await mock.expectCanceled('fit')
  })

  t.test('a cancel whose connection is closed before the operation runs changes nothing', async (t) => {
    const mock = await start(t)
    await mock.faults.add({ operation: 'cancel_pipeline', disconnect: 'before' })
    t.equal((await cancel(mock)).status, 'ECONNRESET')
    t.equal(await statusOf(mock), 'running')
    t.match(await mock.requests.list(), [{ status: null, fault: 'fault-1', transitions: { length: 0 } }])
  })

  t.test('after a cancel with a lost response, a second cancel changes nothing', async (t) => {
    const mock = await start(t)
    await mock.faults.add({ operation: 'cancel_pipeline', disconnect: 'after' })
    t.equal((await cancel(mock)).status, 'ECONNRESET')
    await mock.expectCanceled('fit')
    await mock.clock.advance('1s')
    t.match(await cancel(mock), { status: 200, body: `"updated_at":"${NOW}"` })
    t.match(await mock.requests.list(), [{ transitions: { length: 3 } }, { status: 200, transitions: { length: 0 } }])
  })

  t.test('an element that completes while a fault holds a cancel stays completed', async (t) => {
    const mock = await start(t)
    const { id } = await mock.faults.add({ operation: 'cancel_pipeline', hold: 'before' })
    const canceled = cancel(mock)
    t.match(await mock.requests.waitFor({ operation: 'cancel_pipeline' }), { status: null, fault: id })
    await mock.pipelines.set('fit', { element: 'a', status: 'completed' })
    t.match(await mock.faults.list(), [{ held: 1 }])
    await mock.faults.release(id)
    t.match(await canceled, { status: 200, body: '"status":"canceled"' })
    t.match(await mock.pipelines.elements('fit'), [{ status: 'completed' }, { status: 'canceled' }])
  })

  t.test('a pipeline is already canceled while a fault holds the response to its cancel', async (t) => {
    const mock = await start(t)
    const { id } = await mock.faults.add({ operation: 'cancel_pipeline', hold: 'after' })
    const canceled = cancel(mock)
    await mock.requests.waitFor({ operation: 'cancel_pipeline' })
    await untilHeld(mock, 1)
    await mock.expectCanceled('fit')
    await mock.faults.release(id)
    t.equal((await canceled).status, 200)
  })
})

const ENDLESS = [{ hold: 'before' }, { hold: 'after' }, { hang: true }] as const
const PLANS = [...ENDLESS, { delay: '1h' }] as const

const BODIES = [undefined, '{}']

/**
 * Adds a fault, sends a cancel, and resolves when the fault holds the cancel and the mock has received its whole body.
 */
async function holdCancel(mock: Mock, plan: FaultPlan, body = '') {
  const { id } = await mock.faults.add({ operation: 'cancel_pipeline', ...plan })
  const response = cancel(mock, body)
  await untilHeld(mock, 1)
  await until('the whole body', async () => (await mock.requests.list())[0]?.body === body)
  return { id, response }
}

t.test('a reset closes the connections of the requests that faults hold', async (t) => {
  const mock = await start(t)
  for (const plan of PLANS)
    for (const body of BODIES) {
      const { response } = await holdCancel(mock, plan, body)
      await mock.reset()
      t.equal((await within('the end of the request', response)).status, 'ECONNRESET', JSON.stringify(plan))
      t.equal(await statusOf(mock), 'running', 'the operation does not run after the reset')
    }
})

t.test('the removal of a fault closes the connections of the requests that the fault holds', async (t) => {
  const mock = await start(t)
  for (const plan of PLANS)
    for (const body of BODIES) {
      const { id, response } = await holdCancel(mock, plan, body)
      await mock.faults.remove(id)
      t.equal((await within('the end of the request', response)).status, 'ECONNRESET', JSON.stringify(plan))
      await mock.reset()
    }
})

t.test('if a fault is removed before it holds a request, the connection of the request is closed', async (t) => {
  const mock = await start(t)
  const { id } = await mock.faults.add({ operation: 'create_pipeline', hold: 'after' })
  const socket = dial(mock.port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  socket.write('POST /pipelines HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n')
  await mock.requests.waitFor({ operation: 'create_pipeline' })
  await mock.faults.remove(id)
  const cut = once(socket, 'close')
  socket.write('{}')
  await within('the end of the connection', cut)
})

t.test('a request that a fault holds ends when its client disconnects', async (t) => {
  const mock = await start(t)
  for (const plan of PLANS) {
    await mock.reset()
    await mock.faults.add({ operation: 'cancel_pipeline', ...plan })
    const socket = dial(mock.port, '127.0.0.1')
    t.teardown(() => socket.destroy())
    socket.write('POST /pipelines/fit/cancel HTTP/1.1\r\nhost: x\r\n\r\n')
    await untilHeld(mock, 1)
    socket.destroy()
    await untilHeld(mock, 0)
    t.match(await mock.requests.list(), [{ status: null }])
  }
})

t.test('`inject` rejects if a fault closes the connection of the request', async (t) => {
  const mock = await start(t)
  await mock.faults.add({ disconnect: 'before' })
  await t.rejects(mock.inject({ method: 'POST', url: '/pipelines/fit/cancel' }))
  await mock.faults.add({ disconnect: 'after' })
  await t.rejects(mock.inject({ method: 'POST', url: '/pipelines/fit/cancel' }))
  await mock.expectCanceled('fit')
  t.equal((await mock.inject('/healthz')).statusCode, 200)
})

t.test(
  '`close` closes the connections of requests that would never end, without waiting for the grace period',
  async (t) => {
    for (const plan of ENDLESS)
      for (const body of BODIES) {
        const mock = await startMock({ fixtures, grace: '1h' })
        t.teardown(() => mock.close())
        const { response } = await holdCancel(mock, plan, body)
        await mock.sandbox('a').faults.add(plan)
        const injected = t.rejects(mock.inject('/_sandbox/a/pipelines/fit'))
        await mock.sandbox('a').requests.waitFor()
        await within('the mock to close', mock.close())
        t.equal((await within('the end of the request', response)).status, 'ECONNRESET', JSON.stringify(plan))
        await within('the end of the injected request', injected)
      }
  },
)

t.test('if a fault would hold a request that arrives while the mock closes, the connection is closed', async (t) => {
  const mock = await startMock({ fixtures, grace: '1h' })
  await mock.faults.add({ operation: 'create_pipeline', hold: 'after' })
  const socket = dial(mock.port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  socket.write('POST /pipelines HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n')
  await mock.requests.waitFor({ operation: 'create_pipeline' })
  const closed = mock.close()
  socket.write('{}')
  await within('the mock to close', closed)
})

t.test('`close` waits for delayed requests, and sends their responses', async (t) => {
  const mock = await startMock({ fixtures, grace: '1h' })
  t.teardown(() => mock.close())
  await mock.faults.add({ delay: '200ms', times: null })
  const sent = [
    ...BODIES.map((body) => cancel(mock, body)),
    mock.inject('/healthz').then(({ statusCode }) => statusCode),
  ]
  await until('all requests', async () => (await mock.requests.list()).length === sent.length)
  await within('the mock to close', mock.close())
  t.match(await within('the responses', Promise.all(sent)), [{ status: 200 }, { status: 200 }, 200])
  await mock.faults.assertConsumed()
})

t.test('after the grace period, `close` closes the connections of delayed requests', async (t) => {
  const mock = await startMock({ fixtures, grace: '20ms' })
  t.teardown(() => mock.close())
  await mock.faults.add({ delay: '1h', times: null })
  const sent = BODIES.map((body) => cancel(mock, body))
  const injected = t.rejects(mock.inject('/healthz'))
  await untilHeld(mock, sent.length + 1)
  await within('the mock to close', mock.close())
  for (const { status } of await within('the end of the requests', Promise.all(sent))) t.equal(status, 'ECONNRESET')
  await within('the end of the injected request', injected)
})

const rejected = (code: ErrorCode) => ({ name: 'ControlError', status: 422, code })
const withHeader = (name: string, value: string | string[]) => ({
  respond: { status: 503, headers: { [name]: value } },
})

t.test('`faults.add` rejects an invalid or reserved response header', async (t) => {
  const mock = await start(t)
  for (const [name, value, code] of [
    ['a b', 'x', 'invalid_header'],
    ['', 'x', 'invalid_header'],
    ['x', 'a\nb', 'invalid_header'],
    ['x', '→', 'invalid_header'],
    ['x', ['a', '→'], 'invalid_header'],
    ['TRAILER', ['x'], 'reserved_header'],
    ['Content-Length', '1', 'reserved_header'],
    ['transfer-encoding', 'chunked', 'reserved_header'],
    ['Trailer', 'x', 'reserved_header'],
    ['X-Correlation-Id', '1', 'reserved_header'],
  ] as [name: string, value: string | string[], code: ErrorCode][])
    await t.rejects(mock.faults.add(withHeader(name, value)), rejected(code), `${name}: ${String(value)}`)
  t.strictSame(await mock.faults.list(), [])
})

t.test('`faults.add` accepts a valid response header', async (t) => {
  const mock = await start(t)
  await mock.faults.add(withHeader('x', 'x'))
  t.match(await mock.faults.list(), [withHeader('x', 'x')])
})

t.test('a fault can delay a request for longer than the maximum delay of a timer', async (t) => {
  const mock = await start(t)
  for (const delay of ['600h', 'P10000000000D']) {
    const { response } = await holdCancel(mock, { delay })
    await mock.reset()
    t.equal((await response).status, 'ECONNRESET', delay)
  }
})
