import { once } from 'node:events'
import { get } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { pino } from 'pino'
import t from 'tap'
import { ControlError, type ErrorCode, FixtureError, type MockOptions, OptionsError, startMock } from '../src/index.js'
import { NOW, serve } from './fixtures/serve.js'

const FIXTURE = {
  pipelines: [
    { id: 'a', name: 'a', project_id: 'p', status: 'running' as const, elements: [{ name: 'e' }, { name: 'f' }] },
    { id: 'b', name: 'b', project_id: 'q', status: 'completed' as const },
  ],
}

t.test('a mock listens on a port of its own, by default from the shipped lab', async (t) => {
  const [one, other] = [await serve(t), await serve(t)]
  t.match(one.mock.url, /^http:\/\/127\.0\.0\.1:\d+$/)
  t.equal(one.mock.url, `http://127.0.0.1:${one.mock.port}`)
  t.not(one.mock.port, other.mock.port)
  t.match(one.mock.seeded, { pipelines: 13, elements: 25, documents: 3, warnings: [] })
})

t.test('env has what the official client reads', async (t) => {
  const { mock } = await serve(t, { fixtures: FIXTURE })
  t.strictSame(mock.env, { IONWORKS_API_URL: mock.url, IONWORKS_API_KEY: 'mock_default', IONWORKS_PROJECT_ID: 'p' })
  const { mock: empty } = await serve(t, { fixtures: { pipelines: [] } })
  t.match(empty.env.IONWORKS_PROJECT_ID, /^[0-9a-f-]{36}$/)
})

t.test('the url is one that a client on this machine reaches', async (t) => {
  for (const [host, name] of [
    ['localhost', 'localhost'],
    ['0.0.0.0', '127.0.0.1'],
    ['::', '[::1]'],
    ['::1', '[::1]'],
  ] as const) {
    const { mock } = await serve(t, { host })
    t.equal(mock.url, `http://${name}:${mock.port}`, host)
    t.equal((await fetch(`${mock.url}/_mock/health`)).status, 200)
  }
})

t.test('pipelines are read past the wire', async (t) => {
  const { mock, ask } = await serve(t, { fixtures: FIXTURE })
  await ask('POST', '/pipelines/a/cancel')
  t.match(await mock.pipelines.get('a'), { id: 'a', status: 'canceled', updated_at: NOW })
  t.match(await mock.pipelines.elements('a'), [
    { name: 'e', status: 'canceled' },
    { name: 'f', status: 'canceled' },
  ])
  const ids = async (filter?: Parameters<typeof mock.pipelines.list>[0]) =>
    (await mock.pipelines.list(filter)).map(({ id }) => id).join('')
  t.equal(await ids(), 'ab')
  t.equal(await ids({}), 'ab')
  t.equal(await ids({ project_id: 'q' }), 'b')
  t.equal(await ids({ status: 'canceled' }), 'a')
  t.equal(await ids({ name: 'b' }), 'b')
  t.equal(await ids({ name: 'b', status: 'canceled' }), '')
  await t.rejects(mock.pipelines.get('nobody'), {
    name: 'ControlError',
    status: 404,
    code: 'pipeline_not_found',
  })
  await t.rejects(mock.pipelines.elements('nobody'), ControlError)
})

t.test('what the handle gives cannot be changed, neither before nor after a cancel', async (t) => {
  const { mock, ask } = await serve(t, { fixtures: FIXTURE })
  for (const method of ['GET', 'POST']) {
    await ask(method, method === 'GET' ? '/pipelines/a' : '/pipelines/a/cancel')
    const [pipeline, elements] = [await mock.pipelines.get('a'), await mock.pipelines.elements('a')]
    t.throws(() => Object.assign(pipeline, { status: 'failed' }), TypeError)
    t.throws(() => (elements as object[]).pop(), TypeError)
    t.throws(() => Object.assign(elements[0] as object, { status: 'failed' }), TypeError)
  }
})

t.test('reset forgets what was done, and a seed that came later', async (t) => {
  const { mock, ask } = await serve(t, { fixtures: FIXTURE })
  await ask('POST', '/pipelines/a/cancel')
  await mock.reset()
  t.equal((await ask('GET', '/pipelines/a')).json().status, 'running')

  t.match(await mock.seed({ pipelines: [{ id: 'c', name: 'c' }] }), { pipelines: 1, elements: 0, documents: 1 })
  t.equal((await ask('GET', '/pipelines/a')).status, 422)
  t.equal((await ask('POST', '/pipelines/c/cancel')).json().status, 'canceled')
  await mock.reset()
  t.equal((await ask('GET', '/pipelines/c')).status, 422)
  t.equal((await ask('GET', '/pipelines/a')).json().status, 'running')
})

t.test('a bad seed is refused, and changes nothing', async (t) => {
  const { mock, ask } = await serve(t, { fixtures: FIXTURE })
  await ask('POST', '/pipelines/a/cancel')
  await t.rejects(mock.seed([{ pipelines: [] }, 'nowhere.yaml']), FixtureError)
  t.equal((await ask('GET', '/pipelines/a')).json().status, 'canceled')
})

t.test('contradictions in fixtures are in seeded.warnings, and in the log', async (t) => {
  const lines: string[] = []
  const logger = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) })
  const { mock } = await serve(t, {
    logger,
    fixtures: { pipelines: [{ name: 'a', status: 'completed', elements: [{ name: 'e', status: 'running' }] }] },
  })
  t.equal(mock.seeded.warnings.length, 1)
  t.match(mock.seeded.warnings, [/^pipelines\[0\]\.elements\[0\]\.status: ./])
  t.strictSame(
    lines.map((line) => JSON.parse(line).msg),
    mock.seeded.warnings,
  )
})

t.test('an injected request is in flight until its response is sent, or cut off', async (t) => {
  const mock = await startMock({ fixtures: FIXTURE, listen: false })
  t.teardown(() => mock.close())
  const a = mock.sandbox('a')
  const { id } = await a.faults.add({ hold: 'before' })
  const held = mock.inject('/_sandbox/a/pipelines/a')
  await a.requests.waitFor()
  t.match(await mock.sandboxes.list(), [{ name: 'a', in_flight: 1 }])
  await a.faults.release(id)
  t.equal((await held).statusCode, 200)
  await a.faults.add({ disconnect: 'after' })
  await t.rejects(mock.inject('/_sandbox/a/pipelines/a'))
  t.match(await mock.sandboxes.list(), [{ name: 'a', in_flight: 0 }])
})

t.test('without listening, only inject answers', async (t) => {
  const mock = await startMock({ listen: false, fixtures: FIXTURE })
  t.teardown(() => mock.close())
  t.strictSame([mock.url, mock.port], ['http://127.0.0.1:0', 0])
  t.equal((await mock.inject({ method: 'POST', url: '/pipelines/a/cancel' })).json().status, 'canceled')
  t.equal((await mock.inject('/pipelines/a')).json().status, 'canceled')
  await t.rejects(fetch(mock.url))
})

/** An OptionsError that lists these issues and no others. */
const refused = (...issues: [code: ErrorCode, option: string][]) => ({
  name: 'OptionsError',
  code: 'invalid_options',
  issues: { ...issues.map(([code, option]) => ({ code, option })), length: issues.length },
})

t.test('invalid options are rejected, each with its name', async (t) => {
  const invalid: [options: object | null, option: string][] = [
    [{ port: '80' }, 'port'],
    [{ logLevel: 'warning' }, 'logLevel'],
    [{ unknownPipeline: '422' }, 'unknownPipeline'],
    [{ grace: 5 }, 'grace'],
    [{ clock: 'stopped' }, 'clock'],
    [{ progress: 30 }, 'progress'],
    [{ logger: {} }, 'logger'],
    [{ logger: null }, 'logger'],
    [{ listen: 0 }, 'listen'],
    [{ fixtures: 5 }, 'fixtures'],
    [{ fixtures: ['a', ['b']] }, 'fixtures'],
    [{ fixtures: new URL('https://example.com/lab.yaml') }, 'fixtures'],
    [{ port: 1n }, 'port'],
    [{ port: Number.NaN }, 'port'],
    [null, 'startMock'],
    [[], 'startMock'],
  ]
  for (const [options, option] of invalid)
    await t.rejects(startMock(options as MockOptions), refused(['invalid_value', option]), option)
  for (const option of ['constructor', 'prot', 'json'])
    await t.rejects(startMock({ [option]: true }), refused(['unknown_option', option]), option)
  await t.rejects(
    startMock({ strict: 1, prot: 1, requireKey: 'no' } as object),
    refused(['invalid_value', 'strict'], ['unknown_option', 'prot'], ['invalid_value', 'requireKey']),
  )
  await t.rejects(startMock({ port: -1 }), OptionsError)
  const { mock } = await serve(t, { port: undefined } as unknown as MockOptions)
  t.ok(mock.port, 'undefined is as good as left out')
})

t.test('a clock that returns no valid Date is an error when it is read', async (t) => {
  await t.rejects(startMock({ clock: () => new Date(Number.NaN) }), refused(['invalid_value', 'clock']))
  await t.rejects(startMock({ clock: () => 5 as unknown as Date }), refused(['invalid_value', 'clock']))
  let now = new Date(NOW)
  const { mock, ask } = await serve(t, { clock: () => now, fixtures: FIXTURE })
  now = new Date(Number.NaN)
  await t.rejects(ask('POST', '/pipelines/a/cancel'), /500 \{"error_code":"INTERNAL_ERROR"/)
  t.equal((await mock.pipelines.get('a')).status, 'running')
})

t.test('a port that is taken rejects with the code of the system', async (t) => {
  const { mock } = await serve(t)
  await t.rejects(startMock({ port: mock.port }), { code: 'EADDRINUSE' })
})

t.test('a defect of the mock is a 500 in the form of the API, and is logged', async (t) => {
  const lines: string[] = []
  const logger = pino({ level: 'error' }, { write: (line: string) => lines.push(line) })
  let time = NOW
  const mock = await startMock({ listen: false, fixtures: FIXTURE, logger, clock: () => new Date(time) })
  time = 'no time'
  t.teardown(() => mock.close())
  const { statusCode, headers, body } = await mock.inject({ method: 'POST', url: '/pipelines/a/cancel' })
  t.strictSame([statusCode, headers['content-type']], [500, 'application/json'])
  const { detail, ...rest } = JSON.parse(body)
  t.strictSame(rest, { error_code: 'INTERNAL_ERROR', message: 'Internal Server Error' })
  t.match(detail, /./)
  t.match(JSON.parse(String(lines)), {
    correlation_id: '00000000-0000-4000-8000-000000000001',
    err: { type: 'OptionsError', code: 'invalid_options' },
  })
})

t.test('close waits for answers in flight, and lets go of connections that are kept alive', async (t) => {
  const result = { text: 'x'.repeat(20_000_000) }
  const mock = await startMock({ fixtures: { pipelines: [{ id: 'a', name: 'a', elements: [{ name: 'e', result }] }] } })
  const idle = connect(mock.port, '127.0.0.1')
  await once(idle, 'connect')
  const [answer] = await once(get(`${mock.url}/pipelines/a/elements`, { agent: false }), 'response')
  const kept = connect(mock.port, '127.0.0.1')
  kept.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
  await once(kept, 'data')

  const closed = mock.close()
  t.equal(mock.close(), closed, 'a second close is the first')
  const [body] = await Promise.all([text(answer), once(idle, 'close'), once(kept, 'close')])
  t.equal(JSON.parse(body)[0].result.text.length, 20_000_000)
  await closed
  await t.rejects(fetch(mock.url))
})

t.test('close cuts what is still open after the grace', async (t) => {
  const mock = await startMock({ grace: '50ms' })
  const half = connect(mock.port, '127.0.0.1')
  await once(half, 'connect')
  half.write('POST /pipelines/a/cancel HTTP/1.1\r\nhost:')
  const cut = once(half, 'close')
  // Until the server has seen the bytes, the connection is idle, and an idle one is closed at once.
  await fetch(`${mock.url}/healthz`)
  await mock.close()
  await cut
  t.pass('it was cut')
})

t.test('await using closes', async (t) => {
  const urls: string[] = []
  {
    await using mock = await startMock()
    urls.push(mock.url)
    t.equal((await fetch(`${mock.url}/healthz`)).status, 200)
  }
  await t.rejects(fetch(String(urls[0])))
})

t.test('a log level alone makes a logger; silent makes none', async (t) => {
  const { mock } = await serve(t, { logLevel: 'fatal' })
  t.equal((await fetch(`${mock.url}/healthz`)).status, 200)
})

t.test('the log has one line for a request', async (t) => {
  const lines: string[] = []
  const logger = pino({}, { write: (line: string) => lines.push(line) })
  const mock = await startMock({ listen: false, logger, fixtures: FIXTURE })
  t.teardown(() => mock.close())
  await mock.inject({ method: 'POST', url: '/pipelines/a%20b/cancel?x=secret', headers: { 'x-api-key': 'secret' } })
  await mock.close()
  t.equal(lines.length, 1)
  t.match(JSON.parse(lines[0] as string), {
    level: 30,
    correlation_id: '00000000-0000-4000-8000-000000000001',
    method: 'POST',
    path: '/pipelines/a%20b/cancel',
    status: 422,
    duration_ms: Number,
    msg: 'answered',
  })
  t.notMatch(lines[0], 'secret')
})
