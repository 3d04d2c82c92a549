import { connect, type Socket } from 'node:net'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { type FaultPlan, type Mock, type MockOptions, startMock } from '../src/index.js'
import { attempt } from './support/http.js'
import { until } from './support/until.js'
import { requestText, sendBytes } from './support/wire.js'

const fixtures = { pipelines: [{ id: 'a', name: 'a', status: 'running' as const }] }

/** Starts a mock with a logger. The returned `requests` has the lines about requests that were logged so far. */
async function start(t: Test, options: MockOptions = {}) {
  const requests: Record<string, unknown>[] = []
  const write = (text: string) => {
    const line = JSON.parse(text) as Record<string, unknown>
    if (line.method !== undefined) requests.push(line)
  }
  const mock = await startMock({ fixtures, logger: pino({}, { write }), ...options })
  t.teardown(() => mock.close())
  return { mock, requests }
}

const CANCEL = '/pipelines/a/cancel'
const cancel = (mock: Mock, body?: string) =>
  attempt(`${mock.url}${CANCEL}`, { method: 'POST', ...(body !== undefined && { body }) })

t.test('the log has one line for each request, without the query and the headers of the request', async (t) => {
  const { mock, requests } = await start(t, { listen: false })
  await mock.inject({ method: 'POST', url: '/pipelines/a%20b/cancel?x=secret', headers: { 'x-api-key': 'secret' } })
  t.match(requests, [
    {
      level: 30,
      correlation_id: '00000000-0000-4000-8000-000000000001',
      method: 'POST',
      path: '/pipelines/a%20b/cancel',
      status: 422,
      duration_ms: Number,
      msg: String,
    },
  ])
  t.equal(requests.length, 1)
  t.notMatch(JSON.stringify(requests), 'secret')
})

t.test('the log has one line for each request, even if the path or the method of the request is unknown', async (t) => {
  const { mock, requests } = await start(t)
  const statuses = {
    '/healthz': 200,
    '/nowhere': 404,
    '/_sandbox/a%20b/healthz': 400,
    '/_mock/clock': 200,
    '/_mock/x': 404,
  }
  for (const path of Object.keys(statuses)) await attempt(mock.url, { path })
  await sendBytes(mock.port, 'CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n')
  await mock.close()
  t.strictSame(
    requests.map(({ path, status, fault }) => [path, status, fault]),
    [...Object.entries(statuses), ['example.com:443', 404]].map(([path, status]) => [path, status, undefined]),
  )
})

t.test('the log has the duration of a request in milliseconds', async (t) => {
  const { mock, requests } = await start(t)
  await mock.faults.add({ delay: '20ms' })
  const begun = performance.now()
  await cancel(mock)
  await mock.close()
  const duration = Number(requests[0]?.duration_ms)
  t.ok(duration > 15 && duration < performance.now() - begun, `${duration} ms`)
})

t.test('the log has different messages for a complete response and for no complete response', async (t) => {
  const { mock, requests } = await start(t)
  await mock.faults.add({ operation: 'cancel_pipeline', disconnect: 'after' })
  await cancel(mock)
  await attempt(mock.url, { path: '/healthz' })
  await cancel(mock)
  await mock.close()
  const [cut, ...complete] = requests.map(({ msg }) => msg)
  t.match(cut, /without/)
  t.strictSame(complete, ['request completed', 'request completed'])
})

/** Faults that close the connection of a request by themselves. */
const CUTS: FaultPlan[] = [{ disconnect: 'before' }, { disconnect: 'after' }, { truncate: 5 }]
const HOLDS: FaultPlan[] = [{ hold: 'before' }, { hold: 'after' }, { hang: true }, { delay: '1h' }]

const CUT_OFF = { method: 'POST', path: CANCEL, status: null, fault: 'fault-1', duration_ms: Number }

t.test('the log has one line for a request whose connection a fault closes', async (t) => {
  for (const plan of CUTS)
    for (const body of [undefined, '{}']) {
      const { mock, requests } = await start(t)
      await mock.faults.add({ ...plan, times: 2 })
      await cancel(mock, body)
      await t.rejects(mock.inject({ method: 'POST', url: CANCEL }))
      await mock.close()
      t.match(requests, [CUT_OFF, CUT_OFF], JSON.stringify(plan))
      t.equal(requests.length, 2, JSON.stringify(plan))
    }
})

/** The ways in which a request that a fault holds ends without a response. */
const ENDS: Record<string, (mock: Mock, socket: Socket) => Promise<void> | void> = {
  'the client disconnects': (_mock, socket) => void socket.destroy(),
  'the faults are reset': (mock) => mock.reset('faults'),
  'the mock closes': (mock) => mock.close(),
}

t.test('the log has one line for a request that a fault holds and that ends without a response', async (t) => {
  for (const [how, end] of Object.entries(ENDS))
    for (const plan of HOLDS) {
      const { mock, requests } = await start(t, { grace: '20ms' })
      await mock.faults.add(plan)
      const socket = connect(mock.port, '127.0.0.1')
      socket.on('error', () => undefined)
      socket.write(requestText('POST', CANCEL, '{}'))
      await until('a held request', async () => (await mock.faults.list())[0]?.held === 1)
      await end(mock, socket)
      await until('the line of the request', () => requests.length > 0)
      await mock.close()
      t.match(requests, [CUT_OFF], `${how}: ${JSON.stringify(plan)}`)
      t.equal(requests.length, 1, `${how}: ${JSON.stringify(plan)}`)
    }
})

t.test('the log has one line for a request without a fault whose client disconnects', async (t) => {
  const { mock, requests } = await start(t)
  const socket = connect(mock.port, '127.0.0.1')
  socket.write('POST /pipelines HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n{}')
  await mock.requests.waitFor({ operation: 'create_pipeline' })
  socket.destroy()
  await until('the line of the request', () => requests.length > 0)
  t.match(requests, [{ path: '/pipelines', status: null }])
  t.notOk('fault' in (requests[0] ?? {}))
})

t.test('the log has the fault of a request that gets a complete response', async (t) => {
  const { mock, requests } = await start(t)
  const plans: [plan: FaultPlan, status: number][] = [
    [{ respond: { status: 503 } }, 503],
    [{ delay: '1ms' }, 200],
  ]
  for (const [plan, status] of plans) {
    await mock.faults.add(plan)
    t.equal((await cancel(mock)).status, status)
  }
  await cancel(mock)
  await mock.close()
  t.strictSame(
    requests.map(({ status, fault }) => [status, fault]),
    [
      [503, 'fault-1'],
      [200, 'fault-2'],
      [200, undefined],
    ],
  )
})
