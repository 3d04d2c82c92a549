import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { pino } from 'pino'
import t from 'tap'
import { OPTIONS } from '../../src/options/options.js'
import { parseSize } from '../../src/contract/settings.js'
import { serve } from '../support/serve.js'
import { within } from '../support/until.js'
import { exchange, requestText, sendBytes } from '../support/wire.js'

/**
 * Requests with an invalid body, each with the body of the 422 response. The response bodies were measured with a
 * FastAPI 0.165 application that has the same models as the mocked API (pydantic 2.14, Python 3.11).
 */
const MEASURED: { method: string; path: string; type: string | null; body: string; answer: string }[] = JSON.parse(
  readFileSync('test/fixtures/measured-bodies.json', 'utf8'),
)
const BODY_LIMIT = parseSize(OPTIONS.bodyLimit.default)
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
    ['half of a surrogate pair in UTF-8', Buffer.from('22eda08022', 'hex')],
    ['UTF-16 with an odd length', Buffer.concat([Buffer.from('{}  ', 'utf16le'), Buffer.from(' ')])],
    ['UTF-16 with the most significant byte first and an odd length', Buffer.from('\0{\0}\0 \0')],
    ['UTF-32 with an odd length', Buffer.from('{\0\0\0}\0\0\0 ')],
    ['UTF-32 with the most significant byte first and an odd length', Buffer.from('\0\0\0{\0\0\0} ')],
    ['UTF-32 with a number that is no character', Buffer.from('2200000000001100', 'hex')],
    ['unclosed deep nesting', Buffer.from('['.repeat(100_000))],
    ['961 arrays', Buffer.from('['.repeat(961) + ']'.repeat(961))],
    ['961 objects', Buffer.from('{"a":'.repeat(961) + '0' + '}'.repeat(961))],
    ['961 arrays before an error', Buffer.from('['.repeat(961) + 'x')],
    ['an integer of 4,301 digits', Buffer.from('9'.repeat(4301))],
    ['a negative integer of 4,301 digits before an error', Buffer.from(`[-${'9'.repeat(4301)} x`)],
    ['invalid gzip', Buffer.from('{}'), { 'content-encoding': 'gzip' }],
    ['truncated gzip', gzipSync('{}').subarray(0, 12), { 'content-encoding': 'gzip' }],
  ]
  for (const [title, body, headers] of bodies) {
    const request = { method: 'POST', body: new Uint8Array(body), headers: { ...JSON_TYPE, ...headers } }
    const response = await fetch(`${mock.url}/pipelines`, request)
    t.strictSame([response.status, await response.text()], [400, UNREADABLE], title)
  }
})

t.test('a request without a body gets the same response with and without the header for gzip', async (t) => {
  const { mock } = await serve(t)
  const answer = async (headers: Record<string, string>) => {
    const response = await fetch(`${mock.url}/pipelines`, { method: 'POST', headers: { ...JSON_TYPE, ...headers } })
    return [response.status, await response.text()]
  }
  t.match(await answer({}), [422, '"missing"'])
  t.strictSame(await answer({ 'content-encoding': 'gzip' }), await answer({}))
  const head = ['POST /pipelines HTTP/1.1', 'host: x', 'content-encoding: gzip', 'connection: close']
  t.match(await sendBytes(mock.port, `${head.join('\r\n')}\r\n\r\n`), /^HTTP\/1.1 422 [^]*"missing"/)
})

const ENTRY = '{"element_type":"entry"}'

/** The encodings of JSON that Python recognizes, each with a function that encodes ASCII and `🔋`. */
const ENCODINGS: Record<string, (text: string) => Buffer> = {
  'UTF-8': (text) => Buffer.from(text),
  'UTF-8 with a byte order mark': (text) => Buffer.from(`\ufeff${text}`),
  'UTF-16LE': (text) => Buffer.from(text, 'utf16le'),
  'UTF-16LE with a byte order mark': (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  'UTF-16BE': (text) => Buffer.from(text, 'utf16le').swap16(),
  'UTF-16BE with a byte order mark': (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
  'UTF-32LE': (text) => utf32(text),
  'UTF-32LE with a byte order mark': (text) => utf32(`\ufeff${text}`),
  'UTF-32BE': (text) => utf32(text).swap32(),
  'UTF-32BE with a byte order mark': (text) => utf32(`\ufeff${text}`).swap32(),
}

function utf32(text: string): Buffer {
  const bytes = Buffer.alloc(4 * [...text].length)
  for (const [i, character] of [...text].entries()) bytes.writeUInt32LE(character.codePointAt(0) as number, 4 * i)
  return bytes
}

t.test('a JSON body can have each encoding that Python recognizes', async (t) => {
  const { ask } = await serve(t)
  for (const [encoding, encode] of Object.entries(ENCODINGS)) {
    const created = await ask('POST', '/pipelines', {
      body: encode(`{"project_id":"🔋","elements":{"2":${ENTRY},"é1":${ENTRY}}}`),
      headers: JSON_TYPE,
    })
    t.equal(created.status, 201, encoding)
    t.match(created.json(), { project_id: '🔋', elements: [{ name: '2' }, { name: 'é1' }] }, encoding)
    for (const [text, error, position] of [
      ['', 'Expecting value', 0],
      ['1 1', 'Extra data', 2],
      ['[🔋', 'Expecting value', 1],
    ] as const) {
      const body = encode(text)
      if (body.length === 0) continue
      const { status, json } = await ask('POST', '/pipelines', { body, headers: JSON_TYPE })
      t.match([status, json()], [422, { detail: [{ loc: ['body', position], ctx: { error } }] }], `${encoding} ${text}`)
    }
  }
})

t.test('an empty body of unknown length counts as missing', async (t) => {
  const { ask } = await serve(t)
  const { status, json } = await ask('POST', '/pipelines', { headers: { 'transfer-encoding': 'chunked' } })
  t.match([status, json()], [422, { detail: [{ type: 'missing', loc: ['body'], input: null }] }])
})

t.test('a JSON body of two bytes can have the encoding UTF-16', async (t) => {
  const { ask } = await serve(t)
  for (const body of ['1\0', '\x001']) {
    const { status, json } = await ask('POST', '/pipelines', { body: Buffer.from(body), headers: JSON_TYPE })
    t.match([status, json()], [422, { detail: [{ type: 'model_attributes_type', input: 1 }] }])
  }
  const { json } = await ask('POST', '/pipelines', { body: Buffer.from('1\0\0'), headers: JSON_TYPE })
  t.match(json(), { detail: [{ loc: ['body', 1], ctx: { error: 'Extra data' } }] }, 'three bytes are UTF-8')
})

t.test('a body that is not JSON keeps its byte order mark', async (t) => {
  const { ask } = await serve(t)
  const { json } = await ask('POST', '/pipelines', { body: '\ufeffx', headers: { 'content-type': 'text/plain' } })
  t.match(json(), { detail: [{ type: 'model_attributes_type', input: '\ufeffx' }] })
})

t.test('a JSON body can have the deepest nesting and the largest integers that FastAPI accepts', async (t) => {
  const { ask } = await serve(t)
  for (const value of [
    '['.repeat(957) + ']'.repeat(957),
    '{"a":'.repeat(957) + '0' + '}'.repeat(957),
    `[${'9'.repeat(4300)},-${'9'.repeat(4300)},${'9'.repeat(5000)}.5,${'9'.repeat(5000)}e1,0.${'9'.repeat(5000)}]`,
  ]) {
    const body = `{"project_id":"p","elements":{"a":{"element_type":"entry","v":${value}}}}`
    const { status, json } = await ask('POST', '/pipelines', { body, headers: JSON_TYPE })
    t.equal(status, 201)
    t.strictSame(json().elements[0].job_config, { v: JSON.parse(JSON.stringify(JSON.parse(value))) })
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
  const expected = `{"detail":"The body is larger than ${BODY_LIMIT} bytes"}`
  const bomb = await mock.inject({
    method: 'POST',
    url: '/pipelines',
    ...requestOf(compressed(' '.repeat(BODY_LIMIT + 1))),
  })
  t.strictSame([bomb.statusCode, bomb.body], [413, expected])
  const body = Buffer.alloc(BODY_LIMIT + 1_000_000, ' ')
  const large = await fetch(`${mock.url}/pipelines`, { method: 'POST', body: new Uint8Array(body) })
  t.strictSame([large.status, await large.text()], [413, expected])
})

t.test('the option `bodyLimit` sets the maximum size of a body', async (t) => {
  for (const bodyLimit of ['2KiB', 2048]) {
    const { mock, ask } = await serve(t, { bodyLimit })
    const body = config('x'.repeat(2048 - config('').length))
    t.equal((await ask('POST', '/pipelines', { body, headers: JSON_TYPE })).status, 201)
    const larger = await fetch(`${mock.url}/pipelines`, { method: 'POST', body: `${body} `, headers: JSON_TYPE })
    t.strictSame([larger.status, await larger.text()], [413, '{"detail":"The body is larger than 2048 bytes"}'])
  }
})

/** Returns a body with `count` elements. Every second name is a number, and the numbers decrease. */
const withElements = (count: number, element = ENTRY) => {
  const names = Array.from({ length: count }, (_, i) => (i % 2 === 0 ? `e${i}` : String(count - i)))
  return `{"project_id":"p","elements":{${names.map((name) => `"${name}":${element}`).join()}}}`
}

t.test('the option `elementLimit` sets the maximum number of elements of a created pipeline', async (t) => {
  const { ask } = await serve(t, { elementLimit: 3 })
  t.equal((await ask('POST', '/pipelines', { body: withElements(3), headers: JSON_TYPE })).status, 201)
  const { status, body } = await ask('POST', '/pipelines', { body: withElements(4, '0'), headers: JSON_TYPE })
  // Measured with FastAPI, except the order of the keys in `input`.
  const error =
    '{"type":"too_long","loc":["body","elements"],"msg":"Dictionary should have at most 3 items after validation, not more",' +
    '"input":{"1":0,"3":0,"e0":0,"e2":0},"ctx":{"field_type":"Dictionary","max_length":3,"actual_length":null}}'
  t.strictSame([status, body], [422, `{"detail":[${error}]}`])
})

t.test('a created pipeline can have 10,000 elements by default, in the order of the body', async (t) => {
  const { ask } = await serve(t)
  const { status, json } = await ask('POST', '/pipelines', { body: withElements(10_000), headers: JSON_TYPE })
  t.equal(status, 201)
  const names: string[] = json().elements.map(({ name }: { name: string }) => name)
  t.strictSame([names.length, ...names.slice(0, 4)], [10_000, 'e0', '9999', 'e2', '9997'])
  const refused = await ask('POST', '/pipelines', { body: withElements(10_001), headers: JSON_TYPE })
  t.match([refused.status, refused.json()], [422, { detail: [{ type: 'too_long', ctx: { max_length: 10_000 } }] }])
})

t.test('a 422 lists at most 1,000 errors', async (t) => {
  const { ask } = await serve(t)
  for (const [element, type] of [
    ['0', 'dict_type'],
    ['{}', 'missing'],
    ['{"element_type":"x"}', 'literal_error'],
  ] as const) {
    const { status, json } = await ask('POST', '/pipelines', { body: withElements(1001, element), headers: JSON_TYPE })
    const { detail } = json()
    t.strictSame([status, detail.length, detail[0].loc[2], detail[999].type], [422, 1000, 'e0', type])
  }
})

t.test('the 422 to a long body omits the input of an error if the input may be long', async (t) => {
  const { ask } = await serve(t)
  const inputsOf = async (body: string, type = JSON_TYPE['content-type']) => {
    const { json } = await ask('POST', '/pipelines', { body, headers: { 'content-type': type } })
    return json().detail.map(({ input }: { input?: unknown }) => input)
  }
  const bodyOf = (length: number) => {
    const body = '{"name":1,"description":[],"elements":{"a":null},"x":""}'
    return `${body.slice(0, -2)}${'x'.repeat(length - body.length)}"}`
  }
  const all = JSON.parse(bodyOf(65_536))
  t.strictSame(await inputsOf(bodyOf(65_536)), [all, null, 1, []])
  t.strictSame(await inputsOf(bodyOf(65_537)), [undefined, null, 1, undefined])
  t.strictSame(await inputsOf('x'.repeat(65_536), 'text/plain'), ['x'.repeat(65_536)])
  t.strictSame(await inputsOf('x'.repeat(65_537), 'text/plain'), [undefined])
})

t.test('a body with too many values gets a 413', async (t) => {
  const { ask } = await serve(t)
  const body = `{"project_id":"p","elements":{"a":{"element_type":"entry","v":[${'[],'.repeat(900_000)}[]]}}}`
  const response = await ask('POST', '/pipelines', { body, headers: JSON_TYPE })
  t.strictSame([response.status, response.body], [413, '{"detail":"The body has too many values"}'])
})

t.test('a client that has closed its side of the connection gets the response to its body', async (t) => {
  const { mock } = await serve(t)
  const creation = (value: string) => `{"project_id":"p","elements":{"a":{"element_type":"entry","v":${value}}}}`
  for (const [body, status] of [
    [creation('1e999'), 201],
    [creation(`"${'x'.repeat(90_000)}"`), 201],
    [`"${'x'.repeat(900_000)}"`, 422],
  ] as const) {
    const { responses } = await exchange(mock.port, [requestText('POST', '/pipelines', body)], { endAtOnce: true })
    t.match(responses, [{ status }], body.slice(0, 80))
  }
})

t.test('a number that is too large becomes null in a configuration, and is invalid elsewhere', async (t) => {
  const { mock, ask } = await serve(t)
  const post = (body: string) => ask('POST', '/pipelines', { body, headers: JSON_TYPE })
  const config = '{"x":[1e999,{"y":-1e999,"z":[1.5,[1E+400]]}],"__proto__":9e999,"1":1e308,"s":"1e999"}'
  const elements = `{"a":{"element_type":"entry","v":${config}},"b":{"element_type":"entry","v":1e999}}`
  const { status, body } = await post(`{"project_id":"p","elements":${elements},"unknown":1e999}`)
  t.equal(status, 201)
  t.ok(body.includes('"v":{"1":1e+308,"x":[null,{"y":null,"z":[1.5,[null]]}],"__proto__":null,"s":"1e999"}'), body)
  const [a, b] = await mock.pipelines.elements(JSON.parse(body).id)
  t.equal(JSON.stringify(a?.job_config.v), JSON.stringify(JSON.parse(config)))
  t.strictSame(b?.job_config, { v: null })
  t.equal((a?.job_config as { v: { x: unknown[] } }).v.x[0], null)
  for (const [field, type] of [
    ['"name":1e999', 'string_type'],
    ['"options":{"live_progress_updates":1e999}', 'bool_type'],
    ['"elements":{"a":1e999}', 'dict_type'],
  ] as const) {
    const { status, json } = await post(`{"project_id":"p","elements":{},${field}}`)
    t.match([status, json()], [422, { detail: [{ type, input: null }] }], field)
  }
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
