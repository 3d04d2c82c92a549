import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { pino } from 'pino'
import t from 'tap'
import { serve } from '../fixtures/serve.js'

const answerTo = async (port: number, bytes: string, host = '127.0.0.1') => {
  const socket = connect(port, host)
  await once(socket, 'connect')
  socket.write(bytes)
  return text(socket)
}

t.test('what is no HTTP request is answered in JSON, and the connection closed', async (t) => {
  const { mock } = await serve(t)
  const table: [title: string, bytes: string, status: string, detail: RegExp][] = [
    ['noise', 'hello\r\n\r\n', '400 Bad Request', /^This is not an HTTP request: /],
    ['a method that is none', 'FOO /pipelines HTTP/1.1\r\nhost: x\r\n\r\n', '400 Bad Request', /Invalid method/],
    ['no path', 'GET  HTTP/1.1\r\nhost: x\r\n\r\n', '400 Bad Request', /^This is not an HTTP request: /],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
      '400 Bad Request',
      /ontent-/,
    ],
    [
      'a head above 64 KiB',
      `GET /pipelines/${'i'.repeat(70_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
      '431 Request Header Fields Too Large',
      /^The request line and the headers are larger than 64 KiB$/,
    ],
  ]
  for (const [title, bytes, status, detail] of table) {
    const [head = '', body = ''] = (await answerTo(mock.port, bytes)).split('\r\n\r\n')
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

t.test('noise behind a last request gets no second answer', async (t) => {
  const { mock } = await serve(t)
  const answer = await answerTo(mock.port, 'GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\nnoise')
  t.match(answer, /^HTTP\/1.1 200 OK\r\n/)
  t.notMatch(answer, /HTTP\/1.1 400/)
})

t.test('a body that is broken behind the answer gets no second one', async (t) => {
  const { mock } = await serve(t)
  const head = 'POST /pipelines/nobody/cancel HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n'
  const answer = await answerTo(mock.port, `${head}nonsense\r\n`)
  t.equal(answer.split('HTTP/1.1 ').length, 2)
  t.match(answer, /^HTTP\/1.1 422 /)

  const waiting = await answerTo(mock.port, `${head.replace('/nobody/cancel', '')}nonsense\r\n`)
  t.equal(waiting.split('HTTP/1.1 ').length, 2)
  t.match(waiting, /^HTTP\/1.1 400 .*"This is not an HTTP request: /s)
})

t.test('a body that breaks in any way gets no second answer', async (t) => {
  const { mock } = await serve(t)
  const head = 'POST /pipelines/nobody/cancel HTTP/1.1\r\nhost: x\r\ntransfer-encoding: '
  const table: [coding: string, body: string][] = [
    ['chunked', '2\r\nabcd\r\n0\r\n\r\n'],
    ['chunked', '0;x\n\r\n'],
    ['xchunked', '0\r\n\r\n'],
  ]
  for (const [coding, body] of table) {
    const answer = await answerTo(mock.port, `${head}${coding}\r\n\r\n${body}`)
    t.equal(answer.split('HTTP/1.1 ').length, 2, body)
  }
})

t.test('noise behind requests is answered after them', async (t) => {
  const { mock } = await serve(t)
  const body = JSON.stringify({ project_id: 'p', elements: {} })
  const post = (headers: string) =>
    `POST /pipelines HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${headers}content-length: ${body.length}\r\n\r\n${body}`
  const statuses = async (bytes: string) =>
    [...(await answerTo(mock.port, bytes)).matchAll(/HTTP\/1.1 (\d+)/g)].map(([, status]) => status)
  t.strictSame(await statuses(`${post('connection: close\r\n')}noise`), ['201'])
  t.strictSame(await statuses(`${post('')}noise\r\n\r\n`), ['201', '400'])
  t.strictSame(await statuses(`${post('')}${post('')}noise\r\n\r\nmore`), ['201', '201', '400'])
  await mock.faults.add({ operation: 'create_pipeline', delay: '1ms' })
  const broken = 'POST /pipelines HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nnonsense\r\n'
  t.strictSame(await statuses(`${post('')}${broken}`), ['201', '400'], 'in the order of the requests')
})

t.test('a head far above the limit is answered, however much comes', async (t) => {
  const { mock } = await serve(t)
  for (let i = 0; i < 5; i++)
    t.match(
      await answerTo(mock.port, `GET / HTTP/1.1\r\nx: ${'x'.repeat(2_000_000)}\r\n\r\n`),
      /^HTTP\/1.1 431 .*64 KiB"}$/s,
    )
})

t.test('a client that does not leave after its answer is left', async (t) => {
  const { mock } = await serve(t)
  const socket = connect({ port: mock.port, host: '127.0.0.1', allowHalfOpen: true })
  socket.write('noise\r\n\r\n')
  socket.resume()
  await once(socket, 'end')
  // Sooner or later nobody hears it any more.
  const talking = setInterval(() => socket.write('more'), 10)
  await new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve))
  clearInterval(talking)
  t.pass()
})

t.test('a mock is no proxy', async (t) => {
  const { mock } = await serve(t)
  t.match(
    await answerTo(mock.port, 'CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n'),
    /^HTTP\/1.1 404 .*\r\n\r\n{"detail":"Not Found"}$/s,
  )
})

t.test('what is no HTTP request is in the log, with its correlation id', async (t) => {
  const lines: string[] = []
  const { mock } = await serve(t, { logger: pino({}, { write: (line: string) => lines.push(line) }) })
  const [, id] = /x-correlation-id: (\S+)/.exec(await answerTo(mock.port, 'FOO / HTTP/1.1\r\n\r\n')) ?? []
  t.match(
    lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'no HTTP request'),
    [{ level: 30, correlation_id: id, status: 400 }],
  )
})

t.test('a client that goes away in the middle of a request is no trouble', async (t) => {
  const { mock, ask } = await serve(t)
  const socket = connect(mock.port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write('POST /pipelines/x/cancel HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n')
  socket.resetAndDestroy()
  t.equal((await ask('GET', '/healthz')).status, 200)
})

t.test('without a host header, a redirect names the address that was connected to', async (t) => {
  const { mock } = await serve(t)
  for (const head of ['HTTP/1.0', 'HTTP/1.0\r\nhost:', 'HTTP/1.1\r\nconnection: close'])
    t.match(await answerTo(mock.port, `GET /healthz/ ${head}\r\n\r\n`), `location: ${mock.url}/healthz\r\n`, head)
  const { mock: six } = await serve(t, { host: '::1' })
  t.match(await answerTo(six.port, 'GET /healthz/ HTTP/1.0\r\n\r\n', '::1'), `location: ${six.url}/healthz\r\n`)
})
