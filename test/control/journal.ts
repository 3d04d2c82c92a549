import { request } from 'node:http'
import { once } from 'node:events'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { NOW, serve } from '../support/serve.js'
import { within } from '../support/until.js'

const fixtures = { pipelines: [{ id: 'p', name: 'p', status: 'running' as const }] }
const REDACTED = '[redacted]'

/** Sends a request. Returns the headers and the query in its journal entry, and as `text` the whole entry as JSON. */
async function record(t: Test, headers: Record<string, string | string[]>, query = '') {
  const { mock } = await serve(t, { fixtures })
  const sent = request(`${mock.url}/pipelines/p${query}`, { headers, agent: false })
  sent.end()
  await within('the response', once(sent, 'response'))
  const [entry] = await mock.requests.list({ operation: 'get_pipeline' })
  t.ok(entry, 'the request is in the journal')
  return { headers: entry?.headers ?? {}, query: entry?.query ?? {}, text: JSON.stringify(entry) }
}

/**
 * Names of headers and query parameters that src/control/received.ts treats as names of credentials. The names cover
 * every alternative of the pattern in that file, in several spellings.
 */
const SECRET_NAMES = [
  ...['key', 'token', 'secret', 'passw', 'auth', 'cookie', 'signature', 'sig'],
  ...['KEY', 'Token', 'SECRET', 'Password', 'Passwd', 'AUTH', 'Set-Cookie', 'Signature', 'SIG'],
  ...['x-api-key', 'keys', 'monkey', 'x-token-id', 'client_secret_2', 'my-passwd', 'author', 'proxy-authorization'],
  ...['x-cookies', 'x-signature-v2', 'idempotency-keys', 'x-idempotency-key', 'idempotency-key-2', 'idempotencykey'],
]

const PUBLIC_NAMES = [
  ...['x-tag', 'idempotency-key', 'Idempotency-Key', 'ke', 'tok-en', 'pass', 'aut', 'cook', 'signal', 'xsig', 'sig2'],
  ...['x-sig', 'design', 'signatur', 'user', 'session'],
]

const byName = (names: readonly string[], value: string) => Object.fromEntries(names.map((name) => [name, value]))

t.test('the journal redacts a header with the name of a credential', async (t) => {
  for (const name of SECRET_NAMES) {
    const { headers, text } = await record(t, { [name]: 'hidden-value' })
    t.equal(headers[name.toLowerCase()], REDACTED, name)
    t.notMatch(text, 'hidden-value', name)
  }
})

t.test('the journal redacts a query parameter with the name of a credential', async (t) => {
  const { query, text } = await record(t, {}, `?${String(new URLSearchParams(byName(SECRET_NAMES, 'hidden-value')))}`)
  t.strictSame(query, byName(SECRET_NAMES, REDACTED))
  t.notMatch(text, 'hidden-value')
})

t.test('the journal shows a header whose name is not that of a credential', async (t) => {
  for (const name of PUBLIC_NAMES)
    t.equal((await record(t, { [name]: 'one' })).headers[name.toLowerCase()], 'one', name)
})

t.test('the journal shows a query parameter whose name is not that of a credential', async (t) => {
  const { query } = await record(t, {}, `?${String(new URLSearchParams(byName(PUBLIC_NAMES, 'one')))}`)
  t.strictSame(query, byName(PUBLIC_NAMES, 'one'))
})

t.test('the journal redacts well-known credential headers', async (t) => {
  const names = ['Cookie', 'Authorization', 'Api-Key', 'X-Auth-Token', 'X-Ionworks-Api-Key', 'X-Amz-Security-Token']
  const { query, text } = await record(t, byName(names, 'secret'), '?sig=secret&x=1')
  t.match(query, { x: '1' })
  t.notMatch(text, 'secret')
})

t.test('the journal redacts the query of the URL in a Referer header', async (t) => {
  const { headers, text } = await record(t, { Referer: 'http://x/?token=secret' })
  t.equal(headers.referer, 'http://x/?[redacted]')
  t.notMatch(text, 'secret')
})

t.test('the journal joins the values of a repeated header', async (t) => {
  t.equal((await record(t, { 'X-Tag': ['a', 'b'] })).headers['x-tag'], 'a, b')
})

const JSON_TYPE = { 'content-type': 'application/json' }
const LONG = `{"name":"${'€'.repeat(5000)}"}`
/** The first 8 KiB of `LONG`, without the character that the limit would split. */
const START = `{"name":"${'€'.repeat(2727)}`

/** Starts a mock. The returned `body` clears the journal, sends a request, and returns the bodies in the journal. */
async function bodies(t: Test) {
  const { mock } = await serve(t, { fixtures })
  const body = async (
    method: string,
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
  ) => {
    await mock.reset('journal')
    await fetch(`${mock.url}${path}`, { method, body, headers })
    return (await mock.requests.list({ since: NOW })).map((one) => one.body)
  }
  return { mock, body }
}

t.test('the journal has the first 8 KiB of a body that the operation ignores', async (t) => {
  const { body } = await bodies(t)
  t.strictSame(await body('POST', '/pipelines/p/cancel', LONG), [START])
})

t.test('the journal has the first 8 KiB of a body that the operation reads', async (t) => {
  const { body } = await bodies(t)
  t.strictSame(await body('PATCH', '/pipelines/p', LONG, JSON_TYPE), [START])
})

t.test('the journal has the first 8 KiB of a decompressed gzip body', async (t) => {
  const { body } = await bodies(t)
  const headers = { ...JSON_TYPE, 'content-encoding': 'gzip' }
  t.strictSame(await body('PATCH', '/pipelines/p', gzipSync(LONG), headers), [START])
})

t.test('the journal has a body that is not UTF-8 text as it was received, in base64', async (t) => {
  const { mock, body } = await bodies(t)
  const zipped = gzipSync('{"name":"x"}')
  const [cancel, update] = [['POST', '/pipelines/p/cancel'] as const, ['PATCH', '/pipelines/p'] as const]
  const table: [call: readonly [string, string], encoding: string, sent: Buffer][] = [
    [cancel, 'identity', Buffer.from([0xff, 0x41])],
    [cancel, 'identity', Buffer.from('€').subarray(0, 2)],
    [cancel, 'gzip', zipped],
    [update, 'identity', Buffer.from('\ufeff{}', 'utf16le')],
    [update, 'br', brotliCompressSync('{"name":"x"}')],
    [update, 'gzip', Buffer.from([0x1f, 0x8b, 0xff])],
    [update, 'gzip', zipped.subarray(0, -9)],
  ]
  for (const [[method, path], encoding, sent] of table) {
    const headers = { ...JSON_TYPE, 'content-encoding': encoding }
    const base64 = sent.toString('base64')
    t.strictSame(await body(method, path, new Uint8Array(sent), headers), [base64], `${path} ${encoding}`)
    t.match(await mock.requests.list(), [{ body_encoding: 'base64' }])
  }
})

t.test('the journal has a body that is UTF-8 text as text, even if the operation cannot read it', async (t) => {
  const { mock, body } = await bodies(t)
  const gzip = { ...JSON_TYPE, 'content-encoding': 'gzip' }
  t.strictSame(await body('PATCH', '/pipelines/p', 'not gzip', gzip), ['not gzip'])
  t.strictSame(await body('PATCH', '/pipelines/p', gzipSync('{"name":"x"}'), gzip), ['{"name":"x"}'])
  t.strictSame(await body('PATCH', '/pipelines/p', '{', JSON_TYPE), ['{'])
  for (const entry of await mock.requests.list()) t.notOk('body_encoding' in entry)
})

t.test('the first 8 KiB of a long body are in base64 if they are not UTF-8 text', async (t) => {
  const { body } = await bodies(t)
  const long = Buffer.alloc(10_000, 0xff)
  t.strictSame(await body('POST', '/pipelines/p/cancel', long), [long.subarray(0, 8192).toString('base64')])
})

t.test('the journal keeps the byte order mark of a body', async (t) => {
  const { body } = await bodies(t)
  for (const text of ['\ufeff{}', '\ufeff', '\ufeff\ufeffx'])
    t.strictSame(await body('POST', '/pipelines/p/cancel', text), [text])
  t.strictSame(await body('PATCH', '/pipelines/p', '\ufeff{"name":"x"}', JSON_TYPE), ['\ufeff{"name":"x"}'])
})

t.test('the journal has the body of a request to which a fault applied', async (t) => {
  const { mock, body } = await bodies(t)
  for (const plan of [{ respond: { status: 503 } }, { delay: '0s' }]) {
    await mock.faults.add({ operation: 'update_pipeline', ...plan })
    t.strictSame(await body('PATCH', '/pipelines/p', LONG, JSON_TYPE), [START])
  }
  await mock.faults.assertConsumed()
})
