import t from 'tap'
import { connect } from '../../src/index.js'
import { serve } from '../fixtures/serve.js'

t.test('control takes calls from programs, under names that are expected', async (t) => {
  const { mock, ask } = await serve(t, { allowedHost: ['Mock.Example'] })
  const own = `127.0.0.1:${mock.port}`
  const table: [headers: Record<string, string>, status: number][] = [
    [{}, 200],
    [{ host: '127.0.0.1' }, 200],
    [{ host: '10.1.2.3:80' }, 200],
    [{ host: '[::1]:4669' }, 200],
    [{ host: '[fe80::1]' }, 200],
    [{ host: 'localhost:1' }, 200],
    [{ host: 'api.localhost' }, 200],
    [{ host: 'LOCALHOST.' }, 200],
    [{ host: 'host.docker.internal:4669' }, 200],
    [{ host: 'ionworks-mock:4669' }, 200],
    [{ host: 'mock.example:4669' }, 200],
    [{ host: '' }, 200],
    [{ host: 'evil.example' }, 403],
    [{ host: 'evil.example:4669' }, 403],
    [{ host: '127.0.0.1.evil.example' }, 403],
    [{ host: 'localhost.evil.example' }, 403],
    [{ host: 'mock.example.evil.example' }, 403],
    [{ host: '1.2.3.4.5' }, 403],
    [{ 'sec-fetch-site': 'none' }, 200],
    [{ 'sec-fetch-site': 'same-origin' }, 200],
    [{ 'sec-fetch-mode': 'cors' }, 200],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ host: own, origin: `http://${own}` }, 200],
    [{ host: own, origin: `http://localhost:${mock.port}` }, 403],
    [{ host: own, origin: 'http://127.0.0.1:1' }, 403],
    [{ host: own, origin: 'null' }, 403],
    [{ host: own, origin: '' }, 403],
    [{ host: 'evil.example', origin: 'http://evil.example' }, 403],
  ]
  for (const [headers, status] of table)
    for (const [method, path] of [
      ['GET', '/_mock/clock'],
      ['POST', '/_mock/reset'],
      ['GET', '/_sandbox/a/_mock/state'],
    ] as const) {
      const answer = await ask(method, path, { headers })
      t.equal(answer.status === 204 ? 200 : answer.status, status, `${path} ${JSON.stringify(headers)}`)
      t.equal(answer.headers['access-control-allow-origin'], undefined)
    }
  t.match((await ask('GET', '/_mock/clock', { headers: { host: 'evil.example' } })).json(), {
    title: 'Forbidden',
    status: 403,
    detail: 'the host "evil.example" is not expected here: name it with --allowed-host',
  })
  for (const headers of [
    { host: 'evil.example' },
    { origin: 'http://evil.example' },
    { 'sec-fetch-site': 'cross-site' },
  ]) {
    t.equal((await ask('GET', '/_mock/health', { headers })).status, 200, 'health always answers')
    t.equal((await ask('GET', '/healthz', { headers })).status, 200, 'so does the mocked API')
  }
  t.equal((await ask('OPTIONS', '/_mock/reset', { headers: { origin: 'http://evil.example' } })).status, 404)
})

t.test('with a token, nothing without it is done', async (t) => {
  const { mock, ask } = await serve(t, { controlToken: 'a-secret' })
  for (const token of ['', 'a', 'a-secret!', 'A-secret']) {
    const { status, json } = await ask('POST', '/_mock/reset', { headers: { 'x-mock-token': token } })
    t.strictSame([status, json().title], [401, 'Unauthorized'], token)
    await t.rejects(connect(mock.url, { token }), { status: 401, message: /^the token is missing or wrong: send / })
  }
  t.equal((await ask('POST', '/_mock/reset')).status, 401)
  t.equal((await ask('POST', '/_mock/reset', { headers: { 'x-mock-token': 'a-secret' } })).status, 204)
  await (await connect(mock.url, { token: 'a-secret' })).sandbox('a').reset()
  await mock.reset()
  t.equal((await ask('GET', '/_mock/health')).status, 200)
  t.equal((await ask('GET', '/healthz')).status, 200)
})

t.test('without control, only health and readiness answer', async (t) => {
  const { ask } = await serve(t, { control: false })
  for (const path of ['/_mock/clock', '/_mock/requests', '/_sandbox/a/_mock/clock'])
    t.equal((await ask('GET', path)).status, 404, path)
  for (const path of ['/_mock/health', '/_mock/ready', '/healthz']) t.equal((await ask('GET', path)).status, 200, path)
})
