import { request } from 'node:http'
import { once } from 'node:events'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { NOW, serve } from '../support/serve.js'
import { within } from '../support/until.js'

const fixtures = { pipelines: [{ id: 'p', name: 'p', status: 'running' as const }] }
const REDACTED = '[redacted]'

/**
 * Sends a request. Returns the headers and the query of its journal entry, and the JSON of the whole entry as `text`.
 */
async function record(t: Test, headers: Record<string, string | string[]>, query = '') {
  const { mock } = await serve(t, { fixtures })
  const sent = request(mock.url, { path: `/pipelines/p${query}`, headers, agent: false })
  sent.end()
  await within('the response', once(sent, 'response'))
  const [entry] = await mock.requests.list({ operation: 'get_pipeline' })
  t.ok(entry, 'the request is in the journal')
  const { headers: shown = {}, query: parameters = {}, path } = entry ?? {}
  return { headers: shown, query: parameters, path, text: JSON.stringify(entry) }
}

/**
 * Names of headers and query parameters that src/http/redact.ts treats as names of credentials. The names cover every
 * word in that file, in several spellings.
 */
const SECRET_NAMES = [
  ...['jwt', 'session', 'sid', 'credential', 'credentials', 'pwd', 'bearer', 'code', 'passphrase', 'passcode'],
  ...['x-jwt-assertion', 'JSESSIONID', 'PHPSESSID', 'connect.sid', 'x-sid', 'user_credentials', 'db_pwd', 'CODE'],
  ...['key', 'token', 'secret', 'passw', 'auth', 'cookie', 'signature', 'sig'],
  ...['KEY', 'Token', 'SECRET', 'Password', 'Passwd', 'AUTH', 'Set-Cookie', 'Signature', 'SIG'],
  ...[
    'x-api-key',
    'keys',
    'monkey',
    'x-token-id',
    'client_secret_2',
    'my-passwd',
    'author',
    'x-sig',
    'proxy-authorization',
  ],
  ...['x-cookies', 'x-signature-v2', 'idempotency-keys', 'x-idempotency-key', 'idempotency-key-2', 'idempotencykey'],
]

const PUBLIC_NAMES = [
  ...['x-tag', 'idempotency-key', 'Idempotency-Key', 'ke', 'tok-en', 'pass', 'aut', 'cook', 'signal', 'xsig', 'sig2'],
  ...['design', 'signatur', 'user', 'inside', 'sidecar', 'error_code', 'codec', 'x-code', 'encoding', 'assess', 'sess'],
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

const HIDDEN = 'hidden-value'
/** Texts that contain a credential, each with the text that the journal shows. */
const URLS: [text: string, shown: string][] = [
  [`http://x/a?token=${HIDDEN}&b=1`, 'http://x/a?token=[redacted]&b=1'],
  [`/a?b=1&api_key=${HIDDEN}#c`, '/a?b=1&api_key=[redacted]#c'],
  [`/a%3Fb=1%26api_key%3D${HIDDEN}%26c=1`, '/a%3Fb=1%26api_key%3D[redacted]%26c=1'],
  [`/a%253fapi%5Fkey%253d${HIDDEN}`, '/a%253fapi%5Fkey%253d[redacted]'],
  [`http://x/#access_token=${HIDDEN}`, 'http://x/#access_token=[redacted]'],
  [`http://user:${HIDDEN}@x/a@b`, 'http://[redacted]@x/a@b'],
  [`http://user:a@${HIDDEN}@x`, 'http://[redacted]@x'],
  [`https%3A%2F%2Fuser:${HIDDEN}%40x?sid=${HIDDEN}`, 'https%3A%2F%2F[redacted]%40x?sid=[redacted]'],
]
const PLAIN_URLS = [
  '/a?b=1&c=2',
  'http://x/a@b?c=d@e',
  '/a%3Fb%26',
  'a=1; code=2',
  '/a?token',
  '/a%zz?b=%zz&%zz=1',
  '?=&=',
]

t.test('the journal redacts the credentials of URLs in headers', async (t) => {
  for (const name of ['X-Forwarded-Uri', 'X-Original-Url', 'X-Custom'])
    for (const [text, shown] of [...URLS, ...PLAIN_URLS.map((text) => [text, text] as const)])
      t.equal((await record(t, { [name]: text })).headers[name.toLowerCase()], shown, text)
  const { headers } = await record(t, { Referer: 'http://user:secret@x/a%3Fuser=secret' })
  t.equal(headers.referer, 'http://[redacted]@x/a%3F[redacted]')
})

t.test('the journal redacts the credentials of URLs in query parameters', async (t) => {
  for (const [text, shown] of [...URLS, ...PLAIN_URLS.map((text) => [text, text] as const)])
    t.strictSame((await record(t, {}, `?next=${encodeURIComponent(text)}`)).query, { next: shown }, text)
})

t.test('the journal and the log redact credentials behind an encoded question mark in a path', async (t) => {
  const lines: string[] = []
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  const { ask, mock } = await serve(t, { fixtures, logger })
  const path = `/pipelines/p%3Fapi_key=${HIDDEN}%26x=1`
  await ask('GET', path)
  await ask('GET', `/_sandbox/a/pipelines/x%3Ftoken%3D${HIDDEN}`)
  const entries = [
    ...(await mock.requests.list({ operation: 'get_pipeline' })),
    ...(await mock.sandbox('a').requests.list()),
  ]
  t.match(entries, [
    { path: '/pipelines/p%3Fapi_key=[redacted]%26x=1', pipeline_id: 'p?api_key=[redacted]&x=1' },
    { path: '/pipelines/x%3Ftoken%3D[redacted]', pipeline_id: 'x?token=[redacted]' },
  ])
  t.match(lines.join(''), '"path":"/_sandbox/a/pipelines/x%3Ftoken%3D[redacted]"')
  t.notMatch(lines.join('') + JSON.stringify(entries), HIDDEN)
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

t.test('the journal has the received bytes of a body that is not UTF-8 text, in base64', async (t) => {
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

t.test(
  'the journal has the text of a body that is UTF-8 text, even if the operation cannot parse the body',
  async (t) => {
    const { mock, body } = await bodies(t)
    const gzip = { ...JSON_TYPE, 'content-encoding': 'gzip' }
    t.strictSame(await body('PATCH', '/pipelines/p', 'not gzip', gzip), ['not gzip'])
    t.strictSame(await body('PATCH', '/pipelines/p', gzipSync('{"name":"x"}'), gzip), ['{"name":"x"}'])
    t.strictSame(await body('PATCH', '/pipelines/p', '{', JSON_TYPE), ['{'])
    for (const entry of await mock.requests.list()) t.notOk('body_encoding' in entry)
  },
)

t.test('the journal has the first 8 KiB of a long body in base64 if these bytes are not UTF-8 text', async (t) => {
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
