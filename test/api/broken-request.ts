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
