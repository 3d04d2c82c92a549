import { once } from 'node:events'
import http, { createServer } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import type { AddressInfo, Socket } from 'node:net'
import t from 'tap'
import { exchange } from '../../src/control/exchange.js'
import { connect } from '../../src/index.js'
import { within } from '../support/until.js'
import { refused, start } from '../support/control.js'
import { serve } from '../support/serve.js'

t.test('`connect` rejects an address at which no server listens', async (t) => {
  for (const scheme of ['http', 'https'])
    await t.rejects(connect(`${scheme}://127.0.0.1:9`), refused(503, 'unreachable'))
})

t.test(
  '`connect` rejects with the reason and the cause if a library blocks the request or makes it fail',
  async (t) => {
    const { request } = http
    t.teardown(() => {
      http.request = request
      syncBuiltinESMExports()
    })
    const refusal = Object.assign(new Error('requests are not allowed'), { code: 'ENETUNREACH' })
    for (const error of [refusal, Object.assign(new AggregateError([refusal, refusal]), { code: 'ECONNREFUSED' })]) {
      http.request = () => {
        throw error
      }
      syncBuiltinESMExports()
      const reason = error.message || error.code
      await t.rejects(connect('http://127.0.0.1:9'), { code: 'unreachable', message: `: ${reason};`, cause: error })
    }
  },
)

t.test('`connect` rejects a mock without the control API', async (t) => {
  const mock = await start(t, { control: false })
  await t.rejects(connect(mock.url), refused(404, 'control_disabled'))
})

t.test('a mock without the control API still serves the health probe', async (t) => {
  const mock = await start(t, { control: false })
  t.equal((await fetch(`${mock.url}/_mock/health`)).status, 200)
})

t.test('a mock without the control API can still be controlled in process', async (t) => {
  const mock = await start(t, { control: false })
  t.match(await mock.pipelines.list(), { length: 3 })
})

t.test('`connect` rejects an invalid address', async (t) => {
  for (const url of [
    '',
    'nowhere',
    'ftp://x',
    'http://user:secret@127.0.0.1:9',
    'http://127.0.0.1:9/?x',
    undefined as never,
  ])
    await t.rejects(connect(url), refused(400, 'invalid_address'), url)
})

t.test('`connect` uses TLS for an address that begins with https:', async (t) => {
  const { mock } = await serve(t)
  const error: unknown = await connect(mock.url.replace('http:', 'https:')).catch((reason: unknown) => reason)
  t.match(error, refused(503, 'unreachable'))
  t.match((error as Error).cause, { code: 'EPROTO' }, 'the server does not understand the TLS handshake')
})

t.test('`connect` rejects a token with a line break', async (t) => {
  const mock = await start(t)
  await t.rejects(connect(mock.url, { token: 'a\nb' }), refused(400, 'unsendable_call'))
})

t.test('`connect` rejects a server that is not a mock', async (t) => {
  const table: [type: string, status: number, body: string, reported: number][] = [
    ['application/json', 200, '{}', 502],
    ['application/json', 200, 'null', 502],
    ['text/html', 200, '<h1>', 502],
    ['application/problem+json', 500, '{}', 500],
    ['application/problem+json', 500, '{', 500],
    ['text/html', 404, '<h1>', 404],
  ]
  for (const [type, status, body, reported] of table) {
    const other = createServer((_request, response) =>
      response.writeHead(status, { 'content-type': type, connection: 'close' }).end(body),
    ).listen(0, '127.0.0.1')
    t.teardown(() => other.close())
    await within('the server to listen', once(other, 'listening'))
    const { port } = other.address() as AddressInfo
    await t.rejects(connect(`http://127.0.0.1:${port}`), refused(reported, 'not_a_mock'), `${status} ${body}`)
  }
})

t.test('`connect` with the address of a sandbox returns a client of that sandbox', async (t) => {
  const mock = await start(t)
  const mine = await connect(`${mock.url}/_sandbox/mine/`)
  t.equal(mine.url, `${mock.url}/_sandbox/mine`)
  t.equal(mine.env.IONWORKS_API_URL, mine.url)
  await mine.pipelines.set('fit', { status: 'canceled' })
  await mock.sandbox('mine').expectCanceled('fit')
})

t.test('a client of one sandbox can also control another sandbox', async (t) => {
  const mock = await start(t)
  const mine = await connect(`${mock.url}/_sandbox/mine/`)
  await mine.sandbox('other').pipelines.set('done', { status: 'failed' })
  t.equal((await mock.sandbox('other').pipelines.get('done')).status, 'failed')
})

t.test('the remote client can send an id with a lone surrogate', async (t) => {
  const mock = await connect((await start(t)).url)
  await t.rejects(mock.pipelines.get('\ud800'), refused(404, 'pipeline_not_found'))
})

t.test('a call is sent again if the server has closed the idle connection that the call would reuse', async (t) => {
  const used = new Set<Socket>()
  const server = createServer(({ socket }, response) => {
    if (used.has(socket)) socket.resetAndDestroy()
    else response.end('a response')
    used.add(socket)
  })
  server.listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (let i = 0; i < 2; i++)
    t.match(await exchange(url, { method: 'GET', headers: {}, body: undefined }), { status: 200, body: 'a response' })
  t.equal(used.size, 2)
})
