import { request } from 'node:http'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { type MockControl, startMock } from '../../src/index.js'
import { send } from '../support/http.js'
import { NOW, serve } from '../support/serve.js'
import { until, within } from '../support/until.js'

const fixtures = { pipelines: [{ id: 'p', name: 'p', status: 'running' as const }] }

t.test('GET /_mock/sandboxes lists the named sandboxes with the numbers of their requests and faults', async (t) => {
  const { mock, ask } = await serve(t, { fixtures })
  await ask('GET', '/_sandbox/a/pipelines/p')
  await mock.sandbox('a').faults.add({ hang: true })
  t.strictSame((await ask('GET', '/_mock/sandboxes')).json(), [{ name: 'a', in_flight: 0, requests: 1, faults: 1 }])
})

t.test('a request uses the sandbox in its path, or else in X-Mock-Sandbox, or else in its API key', async (t) => {
  const { mock, ask } = await serve(t, { fixtures })
  const table: [path: string, headers: Record<string, string>, sandbox: string][] = [
    ['', {}, 'default'],
    ['', { 'x-api-key': 'iwk_1234' }, 'default'],
    ['', { 'x-api-key': 'mock_default' }, 'default'],
    ['', { 'x-api-key': 'mock_a' }, 'a'],
    ['', { authorization: 'Bearer mock_b' }, 'b'],
    ['', { authorization: 'bearer  mock_b' }, 'b'],
    ['', { authorization: 'Basic mock_b' }, 'default'],
    ['', { 'x-api-key': 'mock_a', authorization: 'Bearer mock_b' }, 'a'],
    ['', { 'x-api-key': 'iwk_1', authorization: 'Bearer mock_b' }, 'b'],
    ['', { 'x-mock-sandbox': 'c', 'x-api-key': 'mock_a' }, 'c'],
    ['/_sandbox/d', { 'x-mock-sandbox': 'c', 'x-api-key': 'mock_a' }, 'd'],
    ['/_sandbox/A.b_c-9', {}, 'A.b_c-9'],
    ['/_sandbox/%64', {}, 'd'],
    ['/_sandbox/default', { 'x-mock-sandbox': 'c' }, 'default'],
    [`/_sandbox/${'x'.repeat(64)}`, {}, 'x'.repeat(64)],
    ['http://elsewhere/_sandbox/e', {}, 'e'],
  ]
  for (const [prefix, headers, name] of table) {
    const title = `${prefix} ${JSON.stringify(headers)}`
    await mock.sandbox(name).reset()
    t.equal((await ask('POST', `${prefix}/pipelines/p/cancel`, { headers })).status, 200, title)
    await mock.sandbox(name).expectCanceled('p')
    await mock.sandbox(name).verify({ times: 1 })
    t.equal((await ask('POST', `${prefix}/_mock/reset`, { headers })).status, 204, `${title}, control`)
    await mock.sandbox(name).verify({ times: 0 })
    t.equal((await mock.sandbox(name).pipelines.get('p')).status, 'running')
  }
})

t.test('a request with an invalid sandbox name gets a 400 and creates no sandbox', async (t) => {
  const { mock } = await serve(t, { fixtures })
  for (const [path, headers] of [
    ['/_sandbox/a%20b', {}],
    ['/_sandbox/a%2Fb', {}],
    ['', { 'x-mock-sandbox': '..' }],
    ['/_sandbox/', {}],
    [`/_sandbox/${'x'.repeat(65)}`, {}],
    ['', { 'x-mock-sandbox': 'a/b' }],
    ['', { 'x-api-key': 'mock_' }],
    ['', { authorization: 'Bearer mock_' }],
    ['', { authorization: 'Bearer mock_a b' }],
  ] as const) {
    const api = await fetch(`${mock.url}${path}/pipelines/p/cancel`, { method: 'POST', headers })
    t.match([api.status, await api.json()], [400, { error_code: 'BAD_REQUEST', message: String, detail: String }], path)
    const control = await fetch(`${mock.url}${path}/_mock/clock`, { headers })
    t.match(
      [control.status, await control.json()],
      [400, { title: 'Bad Request', status: 400, code: 'invalid_sandbox_name' }],
    )
  }
  t.strictSame(await mock.sandboxes.list(), [])
})

t.test('a request gets a 404 if nothing follows its sandbox prefix, or if a path precedes the prefix', async (t) => {
  const { mock } = await serve(t, { fixtures })
  for (const path of ['/_sandbox', '/_sandbox/a', '/_sandbox/a?x', '/x/_sandbox/a/healthz'])
    t.equal((await fetch(`${mock.url}${path}`)).status, 404, path)
})

t.test('the prefix of a sandbox is case-sensitive, and has no effect in the query', async (t) => {
  const { mock } = await serve(t, { fixtures })
  for (const path of ['/_SANDBOX/a/healthz?x=/_sandbox/', '/_Sandbox/a/healthz?/_sandbox/b/healthz'])
    t.equal((await fetch(`${mock.url}${path}`)).status, 404, path)
  t.equal((await fetch(`${mock.url}/healthz?x=/_sandbox/a/`)).status, 200)
  t.strictSame(await mock.sandboxes.list(), [])
})

t.test('a redirect leads to the same sandbox', async (t) => {
  const { mock } = await serve(t, { fixtures })
  const url = `${mock.url}/_sandbox/a/pipelines/p/cancel`
  const response = await fetch(`${url}//?x=1`, { method: 'POST', redirect: 'manual' })
  t.strictSame([response.status, response.headers.get('location')], [307, `${url}?x=1`])
  const followed = await fetch(`${url}/`, { method: 'POST' })
  t.equal(((await followed.json()) as { status: string }).status, 'canceled')
  await mock.sandbox('a').expectCanceled('p')
  t.equal((await mock.pipelines.get('p')).status, 'running')
  t.match(await mock.sandbox('a').requests.list(), [{ path: '/pipelines/p/cancel' }])
})

/** Starts a mock with a limit of three sandboxes. */
async function startLimited(t: Test) {
  const lines: string[] = []
  const logger = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) })
  const mock = await startMock({ fixtures, maxSandboxes: 3, logger })
  t.teardown(() => mock.close())
  return {
    mock,
    lines,
    names: async () => (await mock.sandboxes.list()).map(({ name }) => name).join(' '),
    call: (name: string) => fetch(`${mock.url}/_sandbox/${name}/pipelines/p`),
  }
}

/** Resolves when a fault of the sandbox holds a request. */
const untilHeld = (mock: MockControl, name: string) =>
  until('a held request', async () => (await mock.sandbox(name).faults.list()).some(({ held }) => held > 0))

t.test('a new sandbox above the limit evicts the sandbox that has been idle longest', async (t) => {
  const { names, call } = await startLimited(t)
  for (const name of ['a', 'b', 'c', 'a']) await call(name)
  t.equal(await names(), 'b c a')
  await call('d')
  t.equal(await names(), 'c a d')
})

t.test('the eviction of a sandbox is logged with its name', async (t) => {
  const { lines, call } = await startLimited(t)
  for (const name of ['b', 'c', 'a', 'd']) await call(name)
  t.equal(lines.length, 1)
  t.match(JSON.parse(String(lines)), { sandbox: 'b', msg: /--max-sandboxes.*--memory-limit/ })
})

t.test('the first request whose API key creates a sandbox is logged with the name of the sandbox', async (t) => {
  const lines: string[] = []
  const logger = pino({ level: 'info' }, { write: (line: string) => lines.push(line) })
  const { mock } = await serve(t, { fixtures, logger })
  const created = async (path: string, headers: Record<string, string>, method = 'GET') => {
    lines.length = 0
    await fetch(`${mock.url}${path}`, { method, headers })
    const completed = () => lines.some((line) => line.includes('"path":'))
    await until('the line of the request', completed)
    const logged = lines.map((line) => JSON.parse(line) as { sandbox?: string; msg: string; path?: string })
    return logged
      .filter(({ path }) => path === undefined)
      .map(({ sandbox, msg }) => [sandbox, /mock_.*default sandbox/.test(msg)])
  }
  const KEY = { 'x-api-key': 'mock_api_key' }
  t.strictSame(await created('/pipelines/p', KEY), [['api_key', true]])
  t.strictSame(await created('/pipelines/p', KEY), [], 'the sandbox exists')
  const BEARER = { authorization: 'Bearer mock_b' }
  t.strictSame(await created('/_mock/clock', BEARER), [], 'reading the clock creates no sandbox')
  t.strictSame(await created('/_mock/reset', BEARER, 'POST'), [['b', true]])
  for (const headers of [{ 'x-api-key': 'mock_default' }, { 'x-api-key': 'other' }, { 'x-mock-sandbox': 'c' }, {}])
    t.strictSame(await created('/pipelines/p', { ...headers }), [], JSON.stringify(headers))
  t.strictSame(await created('/_sandbox/d/pipelines/p', { 'x-api-key': 'mock_e' }), [], 'the path selects the sandbox')
  t.strictSame(await created('/pipelines/p', { 'x-api-key': 'mock_a b' }), [], 'an invalid name')
  await mock.sandboxes.drop('api_key')
  t.strictSame(await created('/pipelines/p', KEY), [['api_key', true]], 'the sandbox is created again')
})

t.test('a sandbox with a request in flight is never evicted', async (t) => {
  const { mock, names, call } = await startLimited(t)
  const { id } = await mock.sandbox('c').faults.add({ hold: 'before' })
  const held = call('c')
  await mock.sandbox('c').requests.waitFor()
  for (const name of ['a', 'd', 'e', 'f']) await call(name)
  t.equal(await names(), 'c e f')
  await mock.sandbox('c').faults.release(id)
  t.equal((await held).status, 200)
})

t.test('sandboxes with requests in flight can exceed the limit', async (t) => {
  const { mock, names, call } = await startLimited(t)
  const cut: Promise<unknown>[] = []
  for (const name of ['c', 'e', 'f']) {
    await mock.sandbox(name).faults.add({ hang: true })
    cut.push(t.rejects(call(name)))
    await untilHeld(mock, name)
  }
  await call('g')
  t.equal(await names(), 'c e f g')
  for (const name of ['c', 'e', 'f']) await mock.sandbox(name).reset()
  await within('the requests to end', Promise.all(cut))
})

t.test('a sandbox can be evicted after the client of its request has disconnected', async (t) => {
  const { mock, names, call } = await startLimited(t)
  await mock.sandbox('e').faults.add({ hang: true })
  const leaving = request(`${mock.url}/_sandbox/e/pipelines/p`)
  leaving.on('error', () => undefined)
  leaving.end()
  await mock.sandbox('e').requests.waitFor()
  leaving.destroy()
  await until('no request in flight', async () =>
    (await mock.sandboxes.list()).every(({ in_flight }) => in_flight === 0),
  )
  for (const name of ['x', 'y', 'z']) await call(name)
  t.equal(await names(), 'x y z')
})

t.test(
  'a request to an operation, or a control call that changes the state or waits, creates a sandbox; other requests do not',
  async (t) => {
    const { mock, ask } = await serve(t)
    const names = async () => (await mock.sandboxes.list()).map(({ name }) => name)
    const reads = [
      '/_mock/state',
      '/_mock/pipelines',
      '/_mock/clock',
      '/_mock/requests',
      '/_mock/faults',
      '/_mock/plans',
    ]
    for (const path of [
      ...reads,
      '/_mock/info',
      '/_mock/snapshots',
      '/_mock/openapi.json',
      '/openapi.json',
      '/nowhere',
    ])
      await send(mock.url, { method: 'GET', path: `/_sandbox/a${path}` })
    await send(mock.url, { method: 'PUT', path: '/_sandbox/a/pipelines' })
    await send(mock.url, { method: 'POST', path: '/_sandbox/a/_mock/clock/advance', body: '{"by":"soon"}' })
    await send(mock.url, { method: 'DELETE', path: '/_sandbox/a/_mock/sandboxes/b' })
    t.strictSame(await names(), [])
    t.equal((await ask('GET', '/_sandbox/operation/healthz')).status, 200)
    await mock.sandbox('change').clock.advance('1s')
    await t.rejects(mock.sandbox('wait').requests.waitFor({}, { timeout: '0s' }))
    t.strictSame(await names(), ['operation', 'change', 'wait'])
  },
)

t.test('a call that reads a sandbox that does not exist gets the initial state', async (t) => {
  const { mock } = await serve(t)
  const unknown = mock.sandbox('unknown')
  t.strictSame(await unknown.state(), await mock.state())
  t.strictSame(await unknown.requests.list(), [])
  t.equal(await unknown.clock.now(), NOW)
})
