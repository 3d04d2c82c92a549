import { once } from 'node:events'
import { request } from 'node:http'
import { connect as dial } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { type ErrorCode, type FaultPlan, type Mock, startMock } from '../../src/index.js'
import { NOW } from '../fixtures/serve.js'

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

/** What a client sees of one call: the status and the body, or how the connection ended. */
async function seen(mock: Mock, path = '/pipelines/fit/cancel', method = 'POST') {
  const sent = request(`${mock.url}${path}`, { method, agent: false })
  sent.end()
  try {
    const [answer] = await once(sent, 'response')
    const { statusCode, headers } = answer
    return { statusCode, headers, body: await text(answer).catch((error) => `broken off: ${error.code}`) }
  } catch (error) {
    return { error: (error as NodeJS.ErrnoException).code }
  }
}

const status = async (mock: Mock) => (await mock.pipelines.get('fit')).status

t.test('a fault answers in the place of the operation, as the service would with that status', async (t) => {
  const mock = await start(t)
  const envelope = (error_code: string, message: string) =>
    JSON.stringify({ error_code, message, detail: 'A fault that was planned in ionworks-mock' })
  const table: [respond: NonNullable<FaultPlan['respond']>, status: number, body: string, type?: string][] = [
    [{ status: 503 }, 503, envelope('SERVICE_UNAVAILABLE', 'Service Unavailable')],
    [{ status: 429, headers: { 'Retry-After': '2' } }, 429, envelope('TOO_MANY_REQUESTS', 'Too Many Requests')],
    [{ status: 599 }, 599, envelope('ERROR', 'Error')],
    [
      { status: 422 },
      422,
      '{"detail":[{"type":"string_type","loc":["path","pipeline_id"],"msg":"Input should be a valid string","input":null}]}',
    ],
    [{ status: 500, body: { detail: 'x' } }, 500, '{"detail":"x"}'],
    [{ status: 200, body: null }, 200, 'null'],
    [{ status: 502, body: '<h1>', headers: { 'Content-Type': 'text/html' } }, 502, '<h1>', 'text/html'],
  ]
  for (const [respond, statusCode, body, type = 'application/json'] of table) {
    await mock.faults.add({ respond })
    const answer = await seen(mock)
    t.match(answer, { statusCode, headers: { 'content-type': type, 'x-correlation-id': String } }, body)
    t.equal(answer.body, body)
    if (respond.headers?.['Retry-After']) t.equal(answer.headers?.['retry-after'], '2')
    t.equal(await status(mock), 'running', 'and the request is not done')
  }
  await mock.faults.assertConsumed()
})

t.test('a fault meets the requests that it was made for, and only so many', async (t) => {
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
  const table: [plan: FaultPlan, met: string][] = [
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
    let met = ''
    for (const path of calls) met += (await seen(mock, path, 'GET')).statusCode === 503 ? 'x' : '.'
    t.equal(met, expected, JSON.stringify(plan))
  }

  await mock.reset()
  await mock.faults.add({ respond: { status: 501 }, times: 1 })
  await mock.faults.add({ respond: { status: 502 }, times: 1 })
  t.strictSame(
    [await seen(mock), await seen(mock), await seen(mock)].map(({ statusCode }) => statusCode),
    [501, 502, 200],
  )
})

t.test('a sandbox has at most 1000 faults', async (t) => {
  const mock = await start(t)
  for (let i = 0; i < 1000; i++) await mock.faults.add({ hang: true })
  await t.rejects(mock.faults.add({ hang: true }), { status: 422, code: 'too_many_faults' })
})

t.test('health and readiness meet no fault', async (t) => {
  const mock = await start(t)
  await mock.faults.add({ hang: true, times: null })
  for (const path of ['/_mock/health', '/_mock/ready']) t.equal((await seen(mock, path, 'GET')).statusCode, 200)
})

t.test('an answer breaks off after so many bytes', async (t) => {
  const mock = await start(t)
  for (const truncate of [0, 10]) {
    await mock.faults.add({ truncate })
    const socket = dial(mock.port, '127.0.0.1')
    socket.write('GET /pipelines/fit HTTP/1.1\r\nhost: x\r\n\r\n')
    const [head = '', body] = (await text(socket)).split('\r\n\r\n')
    const { body: whole } = await seen(mock, '/pipelines/fit', 'GET')
    t.match(head, `content-length: ${String(whole).length}`)
    t.equal(body, String(whole).slice(0, truncate))
  }
  await mock.faults.add({ truncate: 5, operation: 'delete_pipeline' })
  t.match(await seen(mock, '/pipelines/other', 'DELETE'), { statusCode: 204 }, 'even one without a body')
})

t.test('an answer is delayed', async (t) => {
  const mock = await start(t)
  await mock.faults.add({ delay: '30ms' })
  const before = performance.now()
  t.equal((await seen(mock)).statusCode, 200)
  t.ok(performance.now() - before > 25)
})

t.test('the races', async (t) => {
  t.test('503 twice, then fine', async (t) => {
    const mock = await start(t)
    await mock.faults.add({ operation: 'cancel_pipeline', times: 2, respond: { status: 503 } })
    t.strictSame(
      [await seen(mock), await seen(mock), await seen(mock)].map((one) => one.statusCode),
      [503, 503, 200],
    )
    await mock.faults.assertConsumed()
    await mock.verify({ operation: 'cancel_pipeline', times: 3 })
    await mock.expectCanceled('fit')
  })

  t.test('a connection that is lost before the cancel leaves no transition', async (t) => {
    const mock = await start(t)
    await mock.faults.add({ operation: 'cancel_pipeline', disconnect: 'before' })
    t.strictSame(await seen(mock), { error: 'ECONNRESET' })
    t.equal(await status(mock), 'running')
    t.match(await mock.requests.list(), [{ status: null, fault: 'fault-1', transitions: { length: 0 } }])
  })

  t.test('an answer that is lost after the cancel: the resend changes nothing', async (t) => {
    const mock = await start(t)
    await mock.faults.add({ operation: 'cancel_pipeline', disconnect: 'after' })
    t.strictSame(await seen(mock), { error: 'ECONNRESET' })
    await mock.expectCanceled('fit')
    await mock.clock.advance('1s')
    t.match(await seen(mock), { statusCode: 200, body: `"updated_at":"${NOW}"` })
    t.match(await mock.requests.list(), [{ transitions: { length: 3 } }, { status: 200, transitions: { length: 0 } }])
  })

  t.test('a cancel is held, its element completes, the cancel is released', async (t) => {
    const mock = await start(t)
    const { id } = await mock.faults.add({ operation: 'cancel_pipeline', hold: 'before' })
    const canceled = seen(mock)
    t.match(await mock.requests.waitFor({ operation: 'cancel_pipeline' }), { status: null, fault: id })
    await mock.pipelines.set('fit', { element: 'a', status: 'completed' })
    t.match(await mock.faults.list(), [{ held: 1 }])
    await mock.faults.release(id)
    t.match(await canceled, { statusCode: 200, body: '"status":"canceled"' })
    t.match(await mock.pipelines.elements('fit'), [{ status: 'completed' }, { status: 'canceled' }])
  })

  t.test('the answer of a cancel is held: the pipeline is canceled before anyone is told', async (t) => {
    const mock = await start(t)
    const { id } = await mock.faults.add({ operation: 'cancel_pipeline', hold: 'after' })
    const canceled = seen(mock)
    await mock.requests.waitFor({ operation: 'cancel_pipeline' })
    while ((await mock.faults.list())[0]?.held === 0) await new Promise(setImmediate)
    await mock.expectCanceled('fit')
    await mock.faults.release(id)
    t.equal((await canceled).statusCode, 200)
  })

  t.test('what is held or hangs is cut off by a reset, by its removal, and when its client leaves', async (t) => {
    const mock = await start(t)
    for (const plan of [{ hold: 'before' }, { hold: 'after' }, { hang: true }, { delay: '1h' }] as const) {
      const held = async (end: (id: string) => Promise<unknown>) => {
        await mock.reset()
        const { id } = await mock.faults.add({ operation: 'cancel_pipeline', ...plan })
        const answer = seen(mock)
        await mock.requests.waitFor({ operation: 'cancel_pipeline' })
        while ((await mock.faults.list())[0]?.held === 0) await new Promise(setImmediate)
        await end(id)
        return answer
      }
      t.strictSame(await held(() => mock.reset()), { error: 'ECONNRESET' }, `${JSON.stringify(plan)}, reset`)
      t.equal(await status(mock), 'running', 'and it is not done after the reset')
      t.strictSame(await held((id) => mock.faults.remove(id)), { error: 'ECONNRESET' })

      await mock.reset()
      await mock.faults.add({ operation: 'cancel_pipeline', ...plan })
      const socket = dial(mock.port, '127.0.0.1')
      socket.write('POST /pipelines/fit/cancel HTTP/1.1\r\nhost: x\r\n\r\n')
      const held1 = async (n: number) => {
        while ((await mock.faults.list())[0]?.held !== n) await new Promise(setImmediate)
      }
      await held1(1)
      socket.destroy()
      await held1(0)
      t.match(await mock.requests.list(), [{ status: null }])
    }
  })
})

t.test('without a connection, a call that is cut off is an error of inject', async (t) => {
  const mock = await start(t)
  await mock.faults.add({ disconnect: 'before' })
  await t.rejects(mock.inject({ method: 'POST', url: '/pipelines/fit/cancel' }))
  await mock.faults.add({ disconnect: 'after' })
  await t.rejects(mock.inject({ method: 'POST', url: '/pipelines/fit/cancel' }))
  await mock.expectCanceled('fit')
  t.equal((await mock.inject('/healthz')).statusCode, 200)
})

t.test('a mock that is closed cuts off what faults hold, and does not wait for it', async (t) => {
  const mock = await startMock({ fixtures, grace: '1h' })
  const held = []
  for (const sandbox of [mock, mock.sandbox('a')]) {
    await sandbox.faults.add({ hang: true })
    held.push(t.rejects(fetch(`${sandbox.url}/pipelines/fit`)))
    await sandbox.requests.waitFor()
  }
  await mock.close()
  await Promise.all(held)
})

t.test('response headers that no client could read, or that the mock sets itself, are rejected', async (t) => {
  const mock = await start(t)
  const respond = (name: string, value: string) => ({ respond: { status: 503, headers: { [name]: value } } })
  const rejected = (code: ErrorCode) => ({ name: 'ControlError', status: 422, code })
  for (const [name, value, code] of [
    ['a b', 'x', 'invalid_header'],
    ['', 'x', 'invalid_header'],
    ['x', 'a\nb', 'invalid_header'],
    ['x', '→', 'invalid_header'],
    ['Content-Length', '1', 'reserved_header'],
    ['transfer-encoding', 'chunked', 'reserved_header'],
    ['Trailer', 'x', 'reserved_header'],
    ['X-Correlation-Id', '1', 'reserved_header'],
  ] as const)
    await t.rejects(mock.faults.add(respond(name, value)), rejected(code), `${name}: ${value}`)
  await t.rejects(mock.faults.add({ delay: '61m' }), rejected('delay_too_long'))
  t.strictSame(await mock.faults.list(), [])
  await mock.faults.add(respond('x', 'x'))
  await mock.faults.add({ delay: '60m' })
  t.match(await mock.faults.list(), [respond('x', 'x'), { delay: '60m' }], 'what is only just valid is taken')
})
