import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setImmediate } from 'node:timers/promises'
import { pino } from 'pino'
import t from 'tap'
import { serve } from '../support/serve.js'
import { until, within } from '../support/until.js'
import { collectWarnings } from '../support/warnings.js'
import { sendBytes } from '../support/wire.js'

t.test('the mock responds to an invalid HTTP request with a JSON error and closes the connection', async (t) => {
  const { mock } = await serve(t)
  const table: [title: string, bytes: string, status: string, detail: RegExp][] = [
    ['bytes that are not HTTP', 'hello\r\n\r\n', '400 Bad Request', /HTTP request: ./],
    ['an invalid method', 'FOO /pipelines HTTP/1.1\r\nhost: x\r\n\r\n', '400 Bad Request', /Invalid method/],
    ['no path', 'GET  HTTP/1.1\r\nhost: x\r\n\r\n', '400 Bad Request', /HTTP request: ./],
    [
      'two Content-Length headers',
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
      '400 Bad Request',
      /ontent-/,
    ],
    [
      'a request line above 64 KiB',
      `GET /pipelines/${'i'.repeat(70_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
      '431 Request Header Fields Too Large',
      /\b64 KiB$/,
    ],
  ]
  for (const [title, bytes, status, detail] of table) {
    const [head = '', body = ''] = (await sendBytes(mock.port, bytes)).split('\r\n\r\n')
    t.match(
      head,
      new RegExp(
        `^HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nx-correlation-id: \\S+\r\nconnection: close$`,
      ),
      title,
    )
    t.match(JSON.parse(body), { detail }, title)
  }
})

t.test('invalid bytes after a request with `connection: close` get no response', async (t) => {
  const { mock } = await serve(t)
  const response = await sendBytes(mock.port, 'GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\nnoise')
  t.match(response, /^HTTP\/1.1 200 OK\r\n/)
  t.notMatch(response, /HTTP\/1.1 400/)
})

t.test('a request with an invalid chunk gets exactly one response', async (t) => {
  const { mock } = await serve(t)
  const head = 'POST /pipelines/nobody/cancel HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n'
  const response = await sendBytes(mock.port, `${head}nonsense\r\n`)
  t.equal(response.split('HTTP/1.1 ').length, 2)
  t.match(response, /^HTTP\/1.1 422 /)

  const waiting = await sendBytes(mock.port, `${head.replace('/nobody/cancel', '')}nonsense\r\n`)
  t.equal(waiting.split('HTTP/1.1 ').length, 2)
  t.match(waiting, /^HTTP\/1.1 400 .*HTTP request: ./s)
})

t.test('an operation that ignores the body sends exactly one response if the body is invalid', async (t) => {
  const { mock } = await serve(t)
  const head = 'POST /pipelines/nobody/cancel HTTP/1.1\r\nhost: x\r\ntransfer-encoding: '
  const table: [coding: string, body: string][] = [
    ['chunked', '2\r\nabcd\r\n0\r\n\r\n'],
    ['chunked', '0;x\n\r\n'],
    ['xchunked', '0\r\n\r\n'],
  ]
  for (const [coding, body] of table) {
    const response = await sendBytes(mock.port, `${head}${coding}\r\n\r\n${body}`)
    t.equal(response.split('HTTP/1.1 ').length, 2, body)
  }
})

t.test('the 400 for invalid bytes comes after the responses to earlier requests', async (t) => {
  const { mock } = await serve(t)
  const body = JSON.stringify({ project_id: 'p', elements: {} })
  const post = (headers: string) =>
    `POST /pipelines HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${headers}content-length: ${body.length}\r\n\r\n${body}`
  const statuses = async (bytes: string) =>
    [...(await sendBytes(mock.port, bytes)).matchAll(/HTTP\/1.1 (\d+)/g)].map(([, status]) => status)
  t.strictSame(await statuses(`${post('connection: close\r\n')}noise`), ['201'])
  t.strictSame(await statuses(`${post('')}noise\r\n\r\n`), ['201', '400'])
  t.strictSame(await statuses(`${post('')}${post('')}noise\r\n\r\nmore`), ['201', '201', '400'])
  await mock.faults.add({ operation: 'create_pipeline', delay: '1ms' })
  const broken = 'POST /pipelines HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nnonsense\r\n'
  t.strictSame(await statuses(`${post('')}${broken}`), ['201', '400'], 'the responses are in the order of the requests')
})

t.test(
  'many invalid chunks after a request that a fault holds get one 400, and cause no warning about a memory leak',
  async (t) => {
    const warnings = collectWarnings(t)
    const { mock } = await serve(t)
    const { id } = await mock.faults.add({ hold: 'before' })
    const socket = connect({ port: mock.port, host: '127.0.0.1', noDelay: true })
    t.teardown(() => socket.destroy())
    const received = within('the end of the connection', text(socket))
    socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
    await until('the held request', async () => (await mock.faults.list())[0]?.held === 1)
    for (let i = 0; i < 40; i++) {
      socket.write('noise\r\n\r\n')
      // The mock runs in this process, so the mock reads this chunk before the test writes the next chunk.
      for (let turn = 0; turn < 3; turn++) await setImmediate()
    }
    await mock.faults.release(id)
    t.strictSame(
      Array.from((await received).matchAll(/HTTP\/1.1 (\d+)/g), ([, status]) => status),
      ['200', '400'],
    )
    t.strictSame(warnings, [])
  },
)

t.test('a request with headers far above the limit gets a 431', async (t) => {
  const { mock } = await serve(t)
  for (let i = 0; i < 5; i++)
    t.match(
      await sendBytes(mock.port, `GET / HTTP/1.1\r\nx: ${'x'.repeat(2_000_000)}\r\n\r\n`),
      /^HTTP\/1.1 431 .*64 KiB"}$/s,
    )
})

t.test('the mock closes a connection that the client keeps open after a 400', async (t) => {
  const { mock } = await serve(t)
  const socket = connect({ port: mock.port, host: '127.0.0.1', allowHalfOpen: true })
  socket.write('noise\r\n\r\n')
  socket.resume()
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await within('the end of the response', once(socket, 'end'))
  socket.on('error', () => undefined)
  const writes = setInterval(() => socket.write('more'), 10)
  await within('the mock to close the connection', closed).finally(() => clearInterval(writes))
  t.ok(socket.destroyed)
})

t.test('a CONNECT request gets a 404', async (t) => {
  const { mock } = await serve(t)
  t.match(
    await sendBytes(mock.port, 'CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n'),
    /^HTTP\/1.1 404 .*\r\n\r\n{"detail":"Not Found"}$/s,
  )
})

t.test('an invalid HTTP request is logged with its correlation id', async (t) => {
  const lines: string[] = []
  const { mock } = await serve(t, { logger: pino({}, { write: (line: string) => lines.push(line) }) })
  const [, id] = /x-correlation-id: (\S+)/.exec(await sendBytes(mock.port, 'FOO / HTTP/1.1\r\n\r\n')) ?? []
  t.match(
    lines.map((line) => JSON.parse(line)).filter((line) => line.status === 400),
    [{ level: 30, correlation_id: id, status: 400 }],
  )
})

t.test('the mock still responds after another request was aborted', async (t) => {
  const { mock, ask } = await serve(t)
  const socket = connect(mock.port, '127.0.0.1')
  await within('the connection', once(socket, 'connect'))
  socket.write('POST /pipelines/x/cancel HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n')
  socket.resetAndDestroy()
  t.equal((await ask('GET', '/healthz')).status, 200)
})

t.test('the redirect of a request without a Host header uses the address of the connection', async (t) => {
  const { mock } = await serve(t)
  for (const head of ['HTTP/1.0', 'HTTP/1.0\r\nhost:', 'HTTP/1.1\r\nconnection: close'])
    t.match(await sendBytes(mock.port, `GET /healthz/ ${head}\r\n\r\n`), `location: ${mock.url}/healthz\r\n`, head)
  const { mock: six } = await serve(t, { host: '::1' })
  t.match(await sendBytes(six.port, 'GET /healthz/ HTTP/1.0\r\n\r\n', '::1'), `location: ${six.url}/healthz\r\n`)
})
