import t, { type Test } from 'tap'
import { connect, type ErrorCode } from '../../src/index.js'
import { serve } from '../support/serve.js'

type Ask = Awaited<ReturnType<typeof serve>>['ask']

const CALLS = [
  ['GET', '/_mock/clock'],
  ['POST', '/_mock/reset'],
  ['GET', '/_sandbox/a/_mock/state'],
] as const

/**
 * Sends all `CALLS` with each set of headers. If `code` is given, expects a 403 with this code. If not, expects
 * success.
 */
async function check(t: Test, ask: Ask, table: readonly Record<string, string>[], code?: ErrorCode) {
  for (const headers of table)
    for (const [method, path] of CALLS) {
      const response = await ask(method, path, { headers })
      const title = `${path} ${JSON.stringify(headers)}`
      if (code) t.match([response.status, response.json()], [403, { title: 'Forbidden', status: 403, code }], title)
      else t.equal(response.status, method === 'POST' ? 204 : 200, title)
      t.equal(response.headers['access-control-allow-origin'], undefined)
    }
}

const hosts = (...names: string[]) => names.map((host) => ({ host }))

const LOCAL = hosts(
  ...['127.0.0.1', '10.1.2.3:80', '[::1]:4669', '[fe80::1]', 'localhost:1', 'api.localhost', 'LOCALHOST.'],
  ...['host.docker.internal:4669', 'gateway.docker.internal', 'host.containers.internal', 'ionworks-mock:4669', ''],
  ...['HOST.testcontainers.internal', 'host.lima.internal.', '[::ffff:10.1.2.3]:80'],
)
const FOREIGN = hosts(
  ...['evil.example', 'evil.example:4669', '127.0.0.1.evil.example', 'localhost.evil.example', '1.2.3.4.5'],
  ...['mock.example.evil.example', 'host.docker.internal.evil.example', 'xlocalhost.example'],
  ...['internal.example', 'host.xinternal', 'x.localhost.internal.example'],
)

/** Options with none, one or two allowed hosts. */
const LISTS = [
  {},
  { allowedHost: [] },
  { allowedHost: ['Mock.Example'] },
  { allowedHost: ['one.example', 'two.example'] },
  { allowedHost: ['.two.example'] },
]

t.test('the control API accepts a call to a local host', async (t) => {
  for (const options of LISTS) await check(t, (await serve(t, options)).ask, [{}, ...LOCAL])
})

t.test('the control API rejects a call to a foreign host', async (t) => {
  for (const options of LISTS) await check(t, (await serve(t, options)).ask, FOREIGN, 'forbidden_host')
})

t.test('the control API accepts a call to an allowed host, but rejects a call to another name', async (t) => {
  const { ask } = await serve(t, { allowedHost: ['Mock.Example'] })
  await check(t, ask, hosts('mock.example:4669', 'MOCK.example', 'mock.example.'))
  await check(t, ask, hosts('one.example', 'x.mock.example', 'mock.example.evil.example'), 'forbidden_host')
})

t.test('the control API accepts a call to each of two allowed hosts', async (t) => {
  const { ask } = await serve(t, { allowedHost: ['one.example', 'two.example'] })
  await check(t, ask, hosts('one.example', 'two.example:4669'))
  await check(t, ask, hosts('mock.example', 'three.example', 'x.one.example'), 'forbidden_host')
})

t.test('an allowed host that begins with a dot stands for a domain and its subdomains', async (t) => {
  const { ask } = await serve(t, { allowedHost: ['one.example', '.svc.Cluster.local'] })
  await check(
    t,
    ask,
    hosts('svc.cluster.local', 'mock.svc.cluster.local:4669', 'a.b.SVC.cluster.local.', 'one.example'),
  )
  await check(t, ask, hosts('cluster.local', 'xsvc.cluster.local', 'svc.cluster.local.evil.example'), 'forbidden_host')
})

t.test('without an allowed host, the control API rejects a call to every host that is not local', async (t) => {
  const { ask } = await serve(t)
  await check(t, ask, hosts('mock.example', 'one.example'), 'forbidden_host')
})

t.test(
  'the control API accepts a call from a page of the same origin, and a call that comes from no page',
  async (t) => {
    const { mock, ask } = await serve(t)
    const own = `127.0.0.1:${mock.port}`
    await check(t, ask, [
      { 'sec-fetch-site': 'none' },
      { 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-mode': 'cors' },
      { host: own, origin: `http://${own}` },
    ])
  },
)

t.test('the control API rejects a call from a page of another origin', async (t) => {
  const { mock, ask } = await serve(t)
  const host = `127.0.0.1:${mock.port}`
  const rejected = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { host, origin: `http://localhost:${mock.port}` },
    { host, origin: 'http://127.0.0.1:1' },
    { host, origin: 'null' },
    { host, origin: '' },
  ]
  await check(t, ask, rejected, 'forbidden_origin')
  await check(t, ask, [{ host: 'evil.example', origin: 'http://evil.example' }], 'forbidden_host')
})

t.test('the health probe and the mocked API accept a request to any host and from any page', async (t) => {
  const { ask } = await serve(t)
  for (const headers of [
    { host: 'evil.example' },
    { origin: 'http://evil.example' },
    { 'sec-fetch-site': 'cross-site' },
  ])
    for (const path of ['/_mock/health', '/healthz']) t.equal((await ask('GET', path, { headers })).status, 200, path)
})

t.test('a preflight request to the control API gets a 405 without CORS headers', async (t) => {
  const { ask } = await serve(t)
  const { status, headers } = await ask('OPTIONS', '/_mock/reset', { headers: { origin: 'http://evil.example' } })
  t.equal(status, 405)
  t.strictSame(
    Object.keys(headers).filter((name) => name.startsWith('access-control')),
    [],
  )
})

const SECRET = { controlToken: 'a-secret' }
const INVALID_TOKEN = { status: 401, code: 'invalid_token' }

t.test('a mock with a control token rejects a call with a wrong token', async (t) => {
  const { mock, ask } = await serve(t, SECRET)
  for (const token of ['', 'a', 'a-secret!', 'A-secret']) {
    const { status, json } = await ask('POST', '/_mock/reset', { headers: { 'x-mock-token': token } })
    t.match([status, json()], [401, { title: 'Unauthorized', ...INVALID_TOKEN }], token)
    await t.rejects(connect(mock.url, { token }), { name: 'ControlError', ...INVALID_TOKEN })
  }
})

t.test('a mock with a control token rejects a call without a token', async (t) => {
  const { ask } = await serve(t, SECRET)
  t.equal((await ask('POST', '/_mock/reset')).status, 401)
})

t.test('a mock with a control token accepts a call with this token', async (t) => {
  const { mock, ask } = await serve(t, SECRET)
  t.equal((await ask('POST', '/_mock/reset', { headers: { 'x-mock-token': 'a-secret' } })).status, 204)
  await (await connect(mock.url, { token: 'a-secret' })).sandbox('a').reset()
})

t.test('calls in process, the health probe and the mocked API need no token', async (t) => {
  const { mock, ask } = await serve(t, SECRET)
  await mock.reset()
  for (const path of ['/_mock/health', '/healthz']) t.equal((await ask('GET', path)).status, 200, path)
})

t.test('a mock without a control token accepts a call with any token', async (t) => {
  const { mock, ask } = await serve(t)
  for (const token of ['', 'a-secret'])
    t.equal((await ask('POST', '/_mock/reset', { headers: { 'x-mock-token': token } })).status, 204, token)
  await (await connect(mock.url, { token: 'a-secret' })).reset()
})

t.test('a mock without the control API still serves the health and ready probes', async (t) => {
  const { ask } = await serve(t, { control: false })
  for (const path of ['/_mock/clock', '/_mock/requests', '/_sandbox/a/_mock/clock'])
    t.equal((await ask('GET', path)).status, 404, path)
  for (const path of ['/_mock/health', '/_mock/ready', '/healthz']) t.equal((await ask('GET', path)).status, 200, path)
})
