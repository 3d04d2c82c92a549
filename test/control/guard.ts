import t from 'tap'
import { connect, type ErrorCode } from '../../src/index.js'
import { serve } from '../fixtures/serve.js'

t.test('control takes calls from programs, under names that are expected', async (t) => {
  const { mock, ask } = await serve(t, { allowedHost: ['Mock.Example'] })
  const own = `127.0.0.1:${mock.port}`
  const table: [headers: Record<string, string>, code?: ErrorCode][] = [
    [{}],
    [{ host: '127.0.0.1' }],
    [{ host: '10.1.2.3:80' }],
    [{ host: '[::1]:4669' }],
    [{ host: '[fe80::1]' }],
    [{ host: 'localhost:1' }],
    [{ host: 'api.localhost' }],
    [{ host: 'LOCALHOST.' }],
    [{ host: 'host.docker.internal:4669' }],
    [{ host: 'ionworks-mock:4669' }],
    [{ host: 'mock.example:4669' }],
    [{ host: '' }],
    [{ host: 'evil.example' }, 'forbidden_host'],
    [{ host: 'evil.example:4669' }, 'forbidden_host'],
    [{ host: '127.0.0.1.evil.example' }, 'forbidden_host'],
    [{ host: 'localhost.evil.example' }, 'forbidden_host'],
    [{ host: 'mock.example.evil.example' }, 'forbidden_host'],
    [{ host: '1.2.3.4.5' }, 'forbidden_host'],
    [{ 'sec-fetch-site': 'none' }],
    [{ 'sec-fetch-site': 'same-origin' }],
    [{ 'sec-fetch-mode': 'cors' }],
    [{ 'sec-fetch-site': 'cross-site' }, 'forbidden_origin'],
    [{ 'sec-fetch-site': 'same-site' }, 'forbidden_origin'],
    [{ host: own, origin: `http://${own}` }],
    [{ host: own, origin: `http://localhost:${mock.port}` }, 'forbidden_origin'],
    [{ host: own, origin: 'http://127.0.0.1:1' }, 'forbidden_origin'],
    [{ host: own, origin: 'null' }, 'forbidden_origin'],
    [{ host: own, origin: '' }, 'forbidden_origin'],
    [{ host: 'evil.example', origin: 'http://evil.example' }, 'forbidden_host'],
  ]
  for (const [headers, code] of table)
    for (const [method, path] of [
      ['GET', '/_mock/clock'],
      ['POST', '/_mock/reset'],
      ['GET', '/_sandbox/a/_mock/state'],
    ] as const) {
      const answer = await ask(method, path, { headers })
      const what = `${path} ${JSON.stringify(headers)}`
      if (code) t.match([answer.status, answer.json()], [403, { title: 'Forbidden', status: 403, code }], what)
      else t.equal(answer.status, method === 'POST' ? 204 : 200, what)
      t.equal(answer.headers['access-control-allow-origin'], undefined)
    }
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
    t.match([status, json()], [401, { title: 'Unauthorized', status: 401, code: 'invalid_token' }], token)
    await t.rejects(connect(mock.url, { token }), { name: 'ControlError', status: 401, code: 'invalid_token' })
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
