import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { pino } from 'pino'
import t from 'tap'
import { startMock } from '../../src/index.js'
import { NOW, serve } from '../fixtures/serve.js'

const fixtures = { pipelines: [{ id: 'p', name: 'p', status: 'running' as const }] }

t.test('a request is about the sandbox that its path names, else its header, else its key', async (t) => {
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
    t.equal((await ask('POST', `${prefix}/_mock/reset`, { headers })).status, 204, 'control is about the same')
    await mock.sandbox(name).verify({ times: 0 })
    t.equal((await mock.sandbox(name).pipelines.get('p')).status, 'running')
  }
})

t.test('a request that names a sandbox by an invalid name is rejected', async (t) => {
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
  for (const path of ['/_sandbox', '/_sandbox/a', '/_sandbox/a?x', '/x/_sandbox/a/healthz'])
    t.equal((await fetch(`${mock.url}${path}`)).status, 404, path)
})

t.test('a redirect stays in the sandbox', async (t) => {
  const { mock } = await serve(t, { fixtures })
  const answer = await fetch(`${mock.url}/_sandbox/a/pipelines/p/cancel//?x=1`, { method: 'POST', redirect: 'manual' })
  t.strictSame([answer.status, answer.headers.get('location')], [307, `${mock.url}/_sandbox/a/pipelines/p/cancel?x=1`])
  const followed = await fetch(`${mock.url}/_sandbox/a/pipelines/p/cancel/`, { method: 'POST' })
  t.equal(((await followed.json()) as { status: string }).status, 'canceled')
  await mock.sandbox('a').expectCanceled('p')
  t.equal((await mock.pipelines.get('p')).status, 'running')
  t.match(await mock.sandbox('a').requests.list(), [
    { path: '/pipelines/p/cancel//' },
    {},
    { path: '/pipelines/p/cancel' },
  ])
})

t.test('the journal has repeated headers with all their values, and no credentials', async (t) => {
  const { mock } = await serve(t, { fixtures })
  const secrets = ['Cookie', 'Authorization', 'Api-Key', 'X-Auth-Token', 'X-Ionworks-Api-Key', 'X-Amz-Security-Token']
  const headers = { 'X-Tag': ['a', 'b'], 'Idempotency-Key': 'one', Referer: 'http://x/?token=secret' }
  const hidden = Object.fromEntries(secrets.map((name) => [name, 'secret']))
  const sent = request(`${mock.url}/pipelines/p?sig=secret&x=1`, { headers: { ...headers, ...hidden } })
  sent.end()
  await once(sent, 'response')
  t.match(await mock.requests.list({ operation: 'get_pipeline' }), [
    { headers: { 'x-tag': 'a, b', 'idempotency-key': 'one', referer: 'http://x/?[redacted]' }, query: { x: '1' } },
  ])
  t.notMatch(JSON.stringify(await mock.requests.list()), 'secret')
})

t.test('the journal has the first 8 KiB of a body, whether it is read or not', async (t) => {
  const { mock } = await serve(t, { fixtures })
  const long = `{"name":"${'€'.repeat(5000)}"}`
  const first = `{"name":"${'€'.repeat(2727)}`
  const headers = { 'content-type': 'application/json' }
  const gzip = { ...headers, 'content-encoding': 'gzip' }
  const sent = { method: 'POST', body: long }
  await fetch(`${mock.url}/pipelines/p/cancel`, sent)
  await fetch(`${mock.url}/pipelines/p`, { ...sent, method: 'PATCH', headers })
  await fetch(`${mock.url}/pipelines/p`, { method: 'PATCH', headers: gzip, body: gzipSync(long) })
  await fetch(`${mock.url}/nowhere`, { method: 'POST', body: 'x' })
  await fetch(`${mock.url}/pipelines/p/cancel`, { method: 'POST', body: Buffer.from([0xff, 0x41]) })
  await mock.faults.add({ operation: 'update_pipeline', respond: { status: 503 } })
  await fetch(`${mock.url}/pipelines/p`, { ...sent, method: 'PATCH', headers })
  await mock.faults.add({ operation: 'update_pipeline', delay: '0s' })
  await fetch(`${mock.url}/pipelines/p`, { ...sent, method: 'PATCH', headers })
  const requests = await mock.requests.list({ since: NOW })
  t.strictSame(
    requests.slice(1).map(({ body }) => body),
    [first, first, first, 'x', '\ufffdA', first, first],
  )
})

t.test('of too many sandboxes the longest idle is dropped, and the log names it', async (t) => {
  const lines: string[] = []
  const logger = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) })
  const mock = await startMock({ fixtures, maxSandboxes: 3, logger })
  t.teardown(() => mock.close())
  const names = async () => (await mock.sandboxes.list()).map(({ name }) => name).join(' ')
  const call = (name: string, path = '/pipelines/p') => fetch(`${mock.url}/_sandbox/${name}${path}`)
  for (const name of ['a', 'b', 'c', 'a']) await call(name)
  t.equal(await names(), 'b c a')
  await call('d')
  t.equal(await names(), 'c a d')
  t.match(JSON.parse(String(lines)), { sandbox: 'b', msg: /--max-sandboxes/ })

  const { id } = await mock.sandbox('c').faults.add({ hold: 'before' })
  const held = call('c')
  await mock.sandbox('c').requests.waitFor()
  for (const name of ['a', 'd', 'e', 'f']) await call(name)
  t.equal(await names(), 'c e f', 'never one with a request in flight')
  await mock.sandbox('c').faults.release(id)
  t.equal((await held).status, 200)

  const cut: Promise<unknown>[] = []
  for (const name of ['c', 'e', 'f']) {
    await mock.sandbox(name).faults.add({ hang: true })
    cut.push(t.rejects(call(name)))
    while (!(await mock.sandbox(name).faults.list()).some(({ held }) => held > 0)) await new Promise(setImmediate)
  }
  await call('g')
  t.equal(await names(), 'c e f g', 'not even when all have one')
  for (const name of ['c', 'e', 'f']) await mock.sandbox(name).reset()
  await Promise.all(cut)

  await mock.sandbox('e').faults.add({ hang: true })
  const leaving = request(`${mock.url}/_sandbox/e/pipelines/p`)
  leaving.on('error', () => undefined)
  leaving.end()
  await mock.sandbox('e').requests.waitFor()
  leaving.destroy()
  await new Promise((resolve) => leaving.once('close', resolve))
  while ((await mock.sandboxes.list()).some(({ in_flight }) => in_flight > 0)) await new Promise(setImmediate)
  for (const name of ['x', 'y', 'z']) await call(name)
  t.equal(await names(), 'x y z', 'one whose client has left is idle')
})

t.test('requests that waited for their turn on a connection end with it', async (t) => {
  const mock = await startMock({ fixtures })
  t.teardown(() => mock.close())
  const sandbox = mock.sandbox('a')
  await sandbox.faults.add({ operation: 'get_pipeline', times: 2, hang: true })
  const target = '/_sandbox/a/pipelines/p HTTP/1.1\r\nhost: x\r\n\r\n'
  const socket = connect(mock.port, '127.0.0.1')
  socket.write(`GET ${target}GET ${target}GET ${target}`)
  const inFlight = async () => (await mock.sandboxes.list())[0]?.in_flight
  while ((await inFlight()) !== 3) await new Promise(setImmediate)
  socket.destroy()
  while ((await inFlight()) !== 0) await new Promise(setImmediate)
  t.equal((await sandbox.faults.list())[0]?.held, 0)
})
