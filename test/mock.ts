import { once } from 'node:events'
import { get } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { pino } from 'pino'
import t from 'tap'
import { ControlError, type ErrorCode, FixtureError, type MockOptions, OptionsError, startMock } from '../src/index.js'
import { finish } from './support/processes.js'
import { NOW, serve } from './support/serve.js'
import { within } from './support/until.js'
import { sendBytes } from './support/wire.js'

const FIXTURE = {
  pipelines: [
    { id: 'a', name: 'a', project_id: 'p', status: 'running' as const, elements: [{ name: 'e' }, { name: 'f' }] },
    { id: 'b', name: 'b', project_id: 'q', status: 'completed' as const },
  ],
}

t.test('a mock serves the shipped fixtures on a free port by default', async (t) => {
  const [one, other] = [await serve(t), await serve(t)]
  t.match(one.mock.url, /^http:\/\/127\.0\.0\.1:\d+$/)
  t.equal(one.mock.url, `http://127.0.0.1:${one.mock.port}`)
  t.not(one.mock.port, other.mock.port)
  t.match(one.mock.seeded, { pipelines: 14, elements: 26, documents: 4, warnings: [] })
})

t.test('mock.env has the variables that the official client reads', async (t) => {
  const { mock } = await serve(t, { fixtures: FIXTURE })
  t.strictSame(mock.env, { IONWORKS_API_URL: mock.url, IONWORKS_API_KEY: 'mock_default', IONWORKS_PROJECT_ID: 'p' })
  const { mock: empty } = await serve(t, { fixtures: { pipelines: [] } })
  t.match(empty.env.IONWORKS_PROJECT_ID, /^[0-9a-f-]{36}$/)
})

t.test('mock.url is reachable from this machine for every value of the option host', async (t) => {
  for (const [host, name] of [
    ['localhost', 'localhost'],
    ['LOCALHOST', 'localhost'],
    ['0.0.0.0', '127.0.0.1'],
    ['0', '127.0.0.1'],
    ['127.1', '127.0.0.1'],
    ['::', '[::1]'],
    ['0:0:0:0:0:0:0:0', '[::1]'],
    ['::ffff:0.0.0.0', '127.0.0.1'],
    ['::1', '[::1]'],
  ] as const) {
    const { mock } = await serve(t, { host })
    t.equal(mock.url, `http://${name}:${mock.port}`, host)
    t.equal((await fetch(`${mock.url}/_mock/health`)).status, 200)
  }
})

t.test('mock.pipelines returns the current pipelines and elements', async (t) => {
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

t.test('the records of mock.pipelines are frozen', async (t) => {
  const { mock, ask } = await serve(t, { fixtures: FIXTURE })
  for (const method of ['GET', 'POST']) {
    await ask(method, method === 'GET' ? '/pipelines/a' : '/pipelines/a/cancel')
    const [pipeline, elements] = [await mock.pipelines.get('a'), await mock.pipelines.elements('a')]
    t.throws(() => Object.assign(pipeline, { status: 'failed' }), TypeError)
    t.throws(() => (elements as object[]).pop(), TypeError)
    t.throws(() => Object.assign(elements[0] as object, { status: 'failed' }), TypeError)
  }
})

t.test('the configuration of a created pipeline cannot be changed through mock.pipelines or mock.state', async (t) => {
  const { mock, ask } = await serve(t, { fixtures: FIXTURE })
  const elements = { e: { element_type: 'entry', values: [{ a: 1 }] } }
  const options = { live_progress_updates: true }
  const configs = {
    elements: async (id: string) => (await mock.pipelines.elements(id))[0]?.job_config,
    state: async (id: string) => (await mock.state()).pipelines.find((one) => one.id === id)?.elements?.[0]?.job_config,
  }
  for (const [title, configOf] of Object.entries(configs)) {
    const { json } = await ask('POST', '/pipelines', {
      body: JSON.stringify({ project_id: 'p', options, elements }),
      headers: { 'content-type': 'application/json' },
    })
    const { id } = json()
    const config = (await configOf(id)) as { values: { a: number }[] }
    t.throws(() => (config.values[0] as { a: number }).a++, TypeError, title)
    t.throws(() => config.values.pop(), TypeError, title)
    t.throws(() => Object.assign(config, { more: 1 }), TypeError, title)
  }
  const [created] = await mock.pipelines.list({ project_id: 'p', status: 'pending' })
  t.throws(() => Object.assign(created?.options as object, { live_progress_updates: null }), TypeError)
})

t.test('`reset` undoes a cancel and a `seed`', async (t) => {
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

t.test('a `seed` that is rejected changes nothing', async (t) => {
  const { mock, ask } = await serve(t, { fixtures: FIXTURE })
  await ask('POST', '/pipelines/a/cancel')
  await t.rejects(mock.seed([{ pipelines: [] }, 'nowhere.yaml']), FixtureError)
  t.equal((await ask('GET', '/pipelines/a')).json().status, 'canceled')
})

t.test('warnings about inconsistent fixtures are in mock.seeded and in the log', async (t) => {
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

t.test('`in_flight` counts an injected request until its response ends', async (t) => {
  const mock = await startMock({ fixtures: FIXTURE, listen: false })
  t.teardown(() => mock.close())
  const a = mock.sandbox('a')
  const { id } = await a.faults.add({ hold: 'before' })
  const held = mock.inject('/_sandbox/a/pipelines/a')
  await within('the held request', a.requests.waitFor())
  t.match(await mock.sandboxes.list(), [{ name: 'a', in_flight: 1 }])
  await a.faults.release(id)
  t.equal((await held).statusCode, 200)
  await a.faults.add({ disconnect: 'after' })
  await t.rejects(mock.inject('/_sandbox/a/pipelines/a'))
  t.match(await mock.sandboxes.list(), [{ name: 'a', in_flight: 0 }])
})

t.test('a mock with `listen: false` responds only to `inject`', async (t) => {
  const mock = await startMock({ listen: false, fixtures: FIXTURE })
  t.teardown(() => mock.close())
  t.strictSame([mock.url, mock.port], ['http://127.0.0.1:0', 0])
  t.equal((await mock.inject({ method: 'POST', url: '/pipelines/a/cancel' })).json().status, 'canceled')
  t.equal((await mock.inject('/pipelines/a')).json().status, 'canceled')
  t.match(await mock.requests.list(), [{ status: 200 }, { status: 200 }])
  await t.rejects(fetch(mock.url))
})

/** Returns a pattern that matches an OptionsError with exactly these issues. */
const refused = (...issues: [code: ErrorCode, option: string][]) => ({
  name: 'OptionsError',
  code: 'invalid_options',
  issues: Object.assign(
    { length: issues.length },
    issues.map(([code, option]) => ({ code, option })),
  ),
})

t.test('an OptionsError lists every invalid option', async (t) => {
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
    [{ fixtures: null }, 'fixtures'],
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
  t.ok(mock.port, 'an undefined option has its default')
})

t.test('if the clock function returns an invalid date, `startMock` rejects or a later request fails', async (t) => {
  await t.rejects(startMock({ clock: () => new Date(Number.NaN) }), refused(['invalid_value', 'clock']))
  await t.rejects(startMock({ clock: () => 5 as unknown as Date }), refused(['invalid_value', 'clock']))
  let now = new Date(NOW)
  const { mock, ask } = await serve(t, { clock: () => now, fixtures: FIXTURE })
  now = new Date(Number.NaN)
  await t.rejects(ask('POST', '/pipelines/a/cancel'), /500 \{"error_code":"INTERNAL_ERROR"/)
  t.equal((await mock.pipelines.get('a')).status, 'running')
})

t.test('`startMock` rejects with EADDRINUSE if the port is in use', async (t) => {
  const { mock } = await serve(t)
  await t.rejects(startMock({ port: mock.port }), { code: 'EADDRINUSE' })
})

t.test('the log has the error that caused a 500', async (t) => {
  const lines: string[] = []
  const logger = pino({ level: 'error' }, { write: (line: string) => lines.push(line) })
  let time = NOW
  const mock = await startMock({ listen: false, fixtures: FIXTURE, logger, clock: () => new Date(time) })
  time = 'invalid'
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

t.test('`close` waits for responses in flight, and closes idle connections', async (t) => {
  const result = { text: 'x'.repeat(20_000_000) }
  const fixtures = { pipelines: [{ id: 'a', name: 'a', elements: [{ name: 'e', result }] }] }
  const mock = await startMock({ fixtures, grace: '1h' })
  const idle = connect(mock.port, '127.0.0.1')
  await within('the idle connection', once(idle, 'connect'))
  const request = get(`${mock.url}/pipelines/a/elements`, { agent: false })
  const [response] = await within('the response', once(request, 'response'))
  const kept = connect(mock.port, '127.0.0.1')
  kept.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
  await within('the response of the kept connection', once(kept, 'data'))

  const closed = mock.close()
  t.equal(mock.close(), closed, 'a second close returns the same promise')
  const ends = Promise.all([text(response), once(idle, 'close'), once(kept, 'close')])
  const [body] = await within('the end of all connections', ends)
  t.equal(JSON.parse(body)[0].result.text.length, 20_000_000)
  await within('the mock to close', closed)
  await t.rejects(fetch(mock.url))
})

t.test('`close` waits for a request that is arriving, and responds to it', async (t) => {
  const mock = await startMock()
  const client = connect(mock.port, '127.0.0.1')
  client.write('GET /healthz HTTP/1.1\r\nhost:')
  // By the time of this response, the mock has received the bytes above.
  await fetch(`${mock.url}/healthz`)
  const closed = mock.close()
  client.write(' x\r\n\r\n')
  t.match(await within('the response', text(client)), /^HTTP\/1.1 200 /)
  await within('the mock to close', closed)
})

t.test('after the grace period, `close` destroys a connection with an unfinished request', async (t) => {
  const mock = await startMock({ grace: '50ms' })
  const half = connect(mock.port, '127.0.0.1')
  await within('the connection', once(half, 'connect'))
  half.write('POST /pipelines/a/cancel HTTP/1.1\r\nhost:')
  const cut = once(half, 'close')
  // By the time of this response, the mock has received the bytes above. Without them, the connection would be idle,
  // and `close` would close the connection at once.
  await fetch(`${mock.url}/healthz`)
  await within('the mock to close', mock.close())
  await within('the mock to cut the connection', cut)
  t.ok(half.destroyed)
})

t.test('`await using` closes the mock at the end of the block', async (t) => {
  const urls: string[] = []
  {
    await using mock = await startMock()
    urls.push(mock.url)
    t.equal((await fetch(`${mock.url}/healthz`)).status, 200)
  }
  await t.rejects(fetch(String(urls[0])))
})

/** Starts a mock in a child process, sends the mock a request, and returns the lines that the process logs. */
async function logOf(options: MockOptions): Promise<string[]> {
  const script = `
    import { startMock } from ${JSON.stringify(new URL('../src/index.js', import.meta.url).href)}
    const mock = await startMock(${JSON.stringify(options)})
    const { status } = await fetch(mock.url + '/pipelines/nobody')
    await mock.close()
    console.log(status)`
  const { out, err, code } = await finish(process.execPath, ['--input-type=module', '-e', script], { limitMs: 60_000 })
  if (code !== 0 || !/^(422|404)\n$/.test(out)) throw new Error(`the script ended with ${code}: ${out}${err}`)
  return err.split('\n').filter((line) => line !== '')
}

t.test('a mock with `logLevel: info` logs a request to standard error', async (t) => {
  const lines = (await logOf({ logLevel: 'info' })).map((line) => JSON.parse(line))
  const requests = lines.filter(({ path }) => path !== undefined)
  t.equal(requests.length, 1)
  t.match(requests[0], { level: 30, method: 'GET', path: '/pipelines/nobody', status: 422 })
})

t.test('a mock with `logLevel: warn` does not log a request', async (t) => {
  t.strictSame(await logOf({ logLevel: 'warn' }), [])
})

t.test('a mock with `logLevel: silent` logs nothing', async (t) => {
  t.strictSame(await logOf({ logLevel: 'silent' }), [])
})

t.test('a mock without options logs nothing', async (t) => {
  t.strictSame(await logOf({}), [])
})

t.test('a mock with `strict` logs at the start that the official client needs a mock without `strict`', async (t) => {
  for (const unknownPipeline of [422, 404] as const) {
    const lines: string[] = []
    const logger = pino({}, { write: (line: string) => lines.push(line) })
    const mock = await startMock({ logger, strict: true, unknownPipeline, listen: false })
    t.teardown(() => mock.close())
    t.equal(lines.length, 1)
    t.match(JSON.parse(String(lines)), { level: 40, msg: /is_terminal and is_failed.*omit --strict/ })
  }
})

t.test('a mock without a logger can evict a sandbox', async (t) => {
  const { mock } = await serve(t, { maxSandboxes: 1, fixtures: FIXTURE })
  for (const name of ['one', 'other']) {
    const response = await fetch(`${mock.url}/_sandbox/${name}/pipelines/a`)
    t.equal(response.status, 200, name)
    t.match(await response.json(), { id: 'a' }, name)
  }
  t.match(await mock.sandboxes.list(), [{ name: 'other' }])
  t.equal((await mock.sandboxes.list()).filter(({ name }) => name === 'one').length, 0)
})

t.test('a mock without a logger can start with inconsistent fixtures', async (t) => {
  const { mock, ask } = await serve(t, {
    fixtures: {
      pipelines: [{ id: 'a', name: 'a', status: 'completed', elements: [{ name: 'e', status: 'running' }] }],
    },
  })
  t.equal(mock.seeded.warnings.length, 1)
  t.equal((await ask('GET', '/pipelines/a')).status, 200)
})

t.test('a mock without a logger responds to an invalid HTTP request', async (t) => {
  const { mock, ask } = await serve(t)
  t.match(await sendBytes(mock.port, 'noise\r\n\r\n'), 'HTTP/1.1 400 Bad Request')
  t.equal((await ask('GET', '/healthz')).status, 200)
})

t.test('a mock without a logger responds to an internal error with a 500', async (t) => {
  let time = NOW
  const { mock } = await serve(t, { fixtures: FIXTURE, clock: () => new Date(time) })
  time = 'invalid'
  t.equal((await fetch(`${mock.url}/pipelines/a/cancel`, { method: 'POST' })).status, 500)
  time = NOW
})
