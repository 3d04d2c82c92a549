import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { pino } from 'pino'
import t from 'tap'
import { MAX_REQUEST_BYTES } from '../../src/api/index.js'
import { serve } from '../support/serve.js'
import { within } from '../support/until.js'

/**
 * Requests with an invalid body, each with the body of the 422 response. The response bodies were measured with a
 * FastAPI 0.165 application that has the same models as the mocked API (pydantic 2.14, Python 3.11).
 */
const MEASURED: { method: string; path: string; type: string | null; body: string; answer: string }[] = JSON.parse(
  readFileSync('test/fixtures/measured-bodies.json', 'utf8'),
)
const JSON_TYPE = { 'content-type': 'application/json' }
const UNREADABLE = '{"detail":"There was an error parsing the body"}'

t.test('a request with an invalid body gets the 422 that FastAPI sends', async (t) => {
  const { ask } = await serve(t)
  t.ok(MEASURED.length >= 70)
  for (const { method, path, type, body, answer: expected } of MEASURED) {
    const response = await ask(method, path, { ...(type !== null && { headers: { 'content-type': type } }), body })
    t.strictSame([response.status, response.body], [422, expected], `${method} ${type} ${body.slice(0, 60)}`)
  }
})

t.test('a request whose body cannot be parsed gets a 400', async (t) => {
  const { mock } = await serve(t)
  const bodies: [title: string, body: Buffer, headers?: Record<string, string>][] = [
    ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['unclosed deep nesting', Buffer.from('['.repeat(100_000))],
    ['deep nesting', Buffer.from('['.repeat(2000) + ']'.repeat(2000))],
    ['invalid gzip', Buffer.from('{}'), { 'content-encoding': 'gzip' }],
    ['truncated gzip', gzipSync('{}').subarray(0, 12), { 'content-encoding': 'gzip' }],
  ]
  for (const [title, body, headers] of bodies) {
    const request = { method: 'POST', body: new Uint8Array(body), headers: { ...JSON_TYPE, ...headers } }
    const response = await fetch(`${mock.url}/pipelines`, request)
    t.strictSame([response.status, await response.text()], [400, UNREADABLE], title)
  }
})

const config = (text: string) => JSON.stringify({ project_id: 'p', name: 'n', description: text, elements: {} })
const compressed = (text: string) => ({ body: gzipSync(text), headers: { ...JSON_TYPE, 'content-encoding': 'gzip' } })
const requestOf = ({ body, headers }: { body: Buffer; headers: Record<string, string> }) => ({ payload: body, headers })

t.test('a request with a compressed body creates a pipeline', async (t) => {
  const { ask } = await serve(t)
  const created = await ask('POST', '/pipelines', compressed(config('x'.repeat(600_000))))
  t.equal(created.status, 201)
  t.equal(created.json().description.length, 600_000)
})

t.test('a request with a large body below the limit creates a pipeline', async (t) => {
  const { ask } = await serve(t)
  t.equal((await ask('POST', '/pipelines', { body: config('x'.repeat(2_000_000)), headers: JSON_TYPE })).status, 201)
})

t.test('a request whose body exceeds the limit, before or after decompression, gets a 413', async (t) => {
  const { mock } = await serve(t)
  const expected = `{"detail":"The body is larger than ${MAX_REQUEST_BYTES} bytes"}`
  const bomb = await mock.inject({
    method: 'POST',
    url: '/pipelines',
    ...requestOf(compressed(' '.repeat(MAX_REQUEST_BYTES + 1))),
  })
  t.strictSame([bomb.statusCode, bomb.body], [413, expected])
  const body = Buffer.alloc(MAX_REQUEST_BYTES + 1_000_000, ' ')
  const large = await fetch(`${mock.url}/pipelines`, { method: 'POST', body: new Uint8Array(body) })
  t.strictSame([large.status, await large.text()], [413, expected])
})

t.test('a nullable boolean in a body can have the values that pydantic accepts', async (t) => {
  const { ask } = await serve(t)
  for (const [written, read] of [
    ['"yes"', true],
    ['"ON"', true],
    ['1', true],
    ['1.0', true],
    ['0', false],
    ['"f"', false],
    ['null', null],
  ] as const) {
    const body = `{"project_id":"p","elements":{},"options":{"live_progress_updates":${written},"unknown":1},"more":2}`
    const { json } = await ask('POST', '/pipelines', { body: `\uFEFF${body}`, headers: JSON_TYPE })
    t.strictSame(json().options, { live_progress_updates: read }, written)
  }
})

t.test('a request that is aborted while its body arrives changes nothing and causes no warning', async (t) => {
  const lines: string[] = []
  const logger = pino({}, { write: (line: string) => lines.push(line) })
  const { mock } = await serve(t, { logger, fixtures: { pipelines: [] } })
  const socket = connect(mock.port, '127.0.0.1')
  await within('the connection', once(socket, 'connect'))
  socket.write(
    'POST /pipelines HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"pro',
  )
  await fetch(`${mock.url}/healthz`)
  socket.destroy()
  await mock.close()
  t.strictSame(await mock.pipelines.list(), [])
  t.strictSame(
    lines.filter((line) => JSON.parse(line).level >= 40),
    [],
  )
})
