import { once } from 'node:events'
import { connect } from 'node:net'
import { performance } from 'node:perf_hooks'
import { Buffer, clearInterval, setInterval, setTimeout } from './globals.js'
import { FIT, ask, illnesses, startCommand, startChild, until } from './mock.js'
import { nth } from './random.js'
import { bytesOf, exchange, misform, textOf } from './raw.js'
import { inSeconds, shown, tally } from './report.js'

const HOST = 'host: mock\r\n'
const CHUNKED = 'transfer-encoding: chunked\r\n'
const MAX_HEAD = 64 * 1024
const NEW = JSON.stringify({ project_id: 'p', name: 'n', elements: { one: { element_type: 'entry', values: {} } } })

const post = (headers, body, path = '/pipelines') => `POST ${path} HTTP/1.1\r\n${HOST}${headers}\r\n${body}`
const get = (headers, path = '/healthz') => `GET ${path} HTTP/1.1\r\n${HOST}${headers}\r\n`
const chunk = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`

/** One answer, that this is no HTTP, and the connection closed. */
const refused = ({ answers, by }) => [
  ...(answers.length === 1 ? [] : [`${answers.length} answers`]),
  ...answers.filter(({ status }) => status !== 400 && status !== 431).map(({ status }) => `answered ${status}`),
  ...(by === 'nobody' ? ['not closed'] : []),
]

/** Just these answers. */
const answered =
  (...wanted) =>
  ({ answers }) => {
    const found = answers.map(({ status }) => status)
    return String(found) === String(wanted) ? [] : [`answered ${found.join(', ') || 'nothing'}, expected ${wanted}`]
  }

/** Any answer of the API's own, or that this is no HTTP; but one. */
const anyAnswer = ({ answers }) => (answers.length >= 1 ? [] : ['no answer'])

/** What is not there yet is waited for; when it will never come, that is told. */
const waitedFor = (found) => [...(found.waited ? [] : ['it was not waited for']), ...refused(found)]

/** What is wrong on the wire, and what should come of it. */
const CASES = [
  ['a chunk size that is none', [post(CHUNKED, 'zz\r\nab\r\n0\r\n\r\n')], refused],
  ['a negative chunk size', [post(CHUNKED, '-1\r\nab\r\n0\r\n\r\n')], refused],
  ['a chunk size with 0x', [post(CHUNKED, '0x2\r\nab\r\n0\r\n\r\n')], refused],
  ['an endless chunk size', [post(CHUNKED, `${'f'.repeat(40)}\r\nab\r\n0\r\n\r\n`)], refused],
  ['a chunk size with a space before', [post(CHUNKED, ' 2\r\nab\r\n0\r\n\r\n')], refused],
  ['no chunk size', [post(CHUNKED, '\r\nab\r\n0\r\n\r\n')], refused],
  ['a chunk that is longer than said', [post(CHUNKED, '2\r\nabcd\r\n0\r\n\r\n')], refused],
  ['a chunk shorter than said', [post(CHUNKED, '9\r\nab\r\n0\r\n\r\n')], refused],
  ['a chunk ended by a bare LF', [post(CHUNKED, '2\nab\n0\n\n')], refused],
  ['a chunk extension of 20 KB', [post(CHUNKED, `2;${'x'.repeat(20_000)}\r\nab\r\n0\r\n\r\n`)], anyAnswer],
  ['trailers of 100 KB', [post(CHUNKED, `2\r\n{}\r\n0\r\na: ${'x'.repeat(100_000)}\r\n\r\n`)], anyAnswer],
  ['good chunks', [post(CHUNKED + 'content-type: application/json\r\n', `${chunk(NEW)}0\r\n\r\n`)], answered(201)],
  [
    'good chunks, to what reads no body',
    [post(CHUNKED, `${chunk('a')}0\r\n\r\n`, '/pipelines/x/cancel')],
    answered(422),
  ],
  ['bad chunks, to what reads no body', [post(CHUNKED, 'zz\r\n', '/pipelines/x/cancel')], answered(422)],
  ['bad chunks, to control', [post(CHUNKED, 'zz\r\n', '/_sandbox/w/_mock/seed')], refused],
  ['a body shorter than its length', [post('content-length: 99\r\n', '{}')], waitedFor],
  ['a body longer than its length', [post('content-length: 2\r\n', '{}garbage\r\n\r\n')], answered(422, 400)],
  ['a negative length', [post('content-length: -1\r\n', '{}')], refused],
  ['a length with a plus', [post('content-length: +2\r\n', '{}')], refused],
  ['a length in hex', [post('content-length: 0x2\r\n', '{}')], refused],
  ['a length that is a text', [post('content-length: two\r\n', '{}')], refused],
  ['an empty length', [post('content-length:\r\n', '{}')], refused],
  ['a length of 2^64', [post('content-length: 18446744073709551616\r\n', '{}')], refused],
  ['a length of 40 digits', [post(`content-length: ${'9'.repeat(40)}\r\n`, '{}')], refused],
  ['two different lengths', [post('content-length: 2\r\ncontent-length: 3\r\n', '{}')], refused],
  ['two equal lengths', [post('content-length: 2\r\ncontent-length: 2\r\n', '{}')], refused],
  ['two lengths in one header', [post('content-length: 2, 2\r\n', '{}')], refused],
  ['a length and chunks', [post(`content-length: 2\r\n${CHUNKED}`, '2\r\n{}\r\n0\r\n\r\n')], refused],
  ['an obs-fold', [get('x-a: one\r\n two\r\n')], anyAnswer],
  ['an obs-fold in the first header', ['GET /healthz HTTP/1.1\r\n x: y\r\n\r\n'], refused],
  ['an obs-fold of the length', [post('content-length:\r\n 2\r\n', '{}')], anyAnswer],
  ['bare LF everywhere', ['GET /healthz HTTP/1.1\nhost: mock\n\n'], refused],
  ['bare LF at the end', ['GET /healthz HTTP/1.1\r\nhost: mock\r\n\n'], refused],
  ['bare CR', ['GET /healthz HTTP/1.1\rhost: mock\r\r'], refused],
  ['bare CR in a value', [get('x-a: one\rtwo\r\n')], refused],
  ['NUL in a value', [get('x-a: one\0two\r\n')], refused],
  ['NUL in a name', [get('x-\0a: one\r\n')], refused],
  ['NUL in the path', [get('', '/health\0z')], refused],
  ['NUL before all', [`\0${get('')}`], refused],
  ['a space in a name', [get('x a: one\r\n')], refused],
  ['a space before the colon', [get('x-a : one\r\n')], refused],
  ['a space before the colon of the length', [post('content-length : 2\r\n', '{}')], refused],
  ['no name', [get(': one\r\n')], refused],
  ['no colon', [get('x-a\r\n')], refused],
  ['a name in Latin-1', [get('x-\xe9: one\r\n')], refused],
  ['a value in Latin-1', [get('x-a: \xe9\r\n')], answered(200)],
  ['control characters in a value', [get('x-a: \x01\x02\x7f\r\n')], refused],
  ['an empty value', [get('x-a:\r\n')], answered(200)],
  ['an unknown method', [get('').replace('GET', 'FOO')], refused],
  ['a method in small letters', [get('').replace('GET', 'get')], refused],
  ['a method of 10 KB', [get('').replace('GET', 'G'.repeat(10_000))], refused],
  ['a method of others', [get('').replace('GET', 'PROPFIND')], answered(405)],
  ['TRACE', [get('').replace('GET', 'TRACE')], answered(405)],
  ['PURGE of no path', [get('', '/x').replace('GET', 'PURGE')], answered(404)],
  ['CONNECT', ['CONNECT example.com:443 HTTP/1.1\r\nhost: example.com\r\n\r\n'], anyAnswer],
  [
    'an upgrade to WebSocket',
    [get('connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: a\r\n')],
    answered(200),
  ],
  [
    'an upgrade to h2c',
    [get('connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n')],
    answered(200),
  ],
  ['an expectation', [post('expect: 100-continue\r\ncontent-length: 2\r\n', '{}')], answered(422)],
  ['an expectation that nobody knows', [post('expect: tea\r\ncontent-length: 2\r\n', '{}')], answered(422)],
  ['no Host', ['GET /healthz HTTP/1.1\r\n\r\n'], answered(200)],
  ['two Hosts', [get('host: other\r\n')], anyAnswer],
  ['a Host that is none', ['GET /healthz/ HTTP/1.1\r\nhost: a b/c@d\r\n\r\n'], answered(307)],
  ['OPTIONS *', ['OPTIONS * HTTP/1.1\r\nhost: mock\r\n\r\n'], anyAnswer],
  ['a path without a slash', [get('', 'healthz')], anyAnswer],
  ['an absolute URL', [get('', 'http://mock/healthz')], anyAnswer],
  ['an absolute URL with broken escapes', [get('', 'http://[::1/%zz')], anyAnswer],
  ['a broken escape in the path', [get('', '/pipelines/%zz')], anyAnswer],
  ['an escape that is no UTF-8', [get('', '/pipelines/%ff%fe')], anyAnswer],
  ['an escaped NUL', [get('', '/pipelines/%00')], anyAnswer],
  ['an escaped line end in a redirect', [get('', '/pipelines/%0d%0ax-evil:1/')], anyAnswer],
  ['an escaped line end in a query', [get('', '/healthz/?%0d%0ax-evil:1')], anyAnswer],
  ['path traversal', [get('', '/_sandbox/../../etc/passwd')], anyAnswer],
  ['a sandbox that is none', [get('', '/_sandbox/%2e%2e/pipelines/x')], anyAnswer],
  ['a sandbox named __proto__', [get('', '/_sandbox/__proto__/pipelines/x')], answered(422)],
  ['a sandbox named by a header of others', [get('x-mock-sandbox: a b\r\n', '/pipelines/x')], answered(400)],
  ['a path in raw UTF-8', [get('', Buffer.from('/pipelines/é🔋').toString('latin1'))], anyAnswer],
  ['a query of 10,000 parameters', [get('', `/pipelines?${'a=1&'.repeat(10_000)}`)], answered(422)],
  ['a query of brackets', [get('', `/pipelines?${'a[b][c]=1&'.repeat(1000)}__proto__[x]=1`)], answered(422)],
  ['HTTP/0.9', ['GET /healthz\r\n\r\n'], anyAnswer],
  ['HTTP/1.0', ['GET /healthz HTTP/1.0\r\n\r\n'], answered(200)],
  ['HTTP/1.0 with chunks', [post(CHUNKED, `${chunk(NEW)}0\r\n\r\n`).replace('1.1', '1.0')], anyAnswer],
  ['HTTP/1.2', [get('').replace('1.1', '1.2')], refused],
  ['HTTP/2.0', [get('').replace('1.1', '2.0')], anyAnswer],
  ['HTTP/9.9', [get('').replace('1.1', '9.9')], refused],
  ['HTTP/11', [get('').replace('1.1', '11')], refused],
  ['HTCPCP', [get('').replace('HTTP', 'HTCPCP')], refused],
  ['the preface of HTTP/2', ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0'], refused],
  ['a TLS client hello', [Buffer.from('16030100a5010000a10303' + '5a'.repeat(150), 'hex')], refused],
  ['an SSH greeting', ['SSH-2.0-OpenSSH_9.7\r\n'], refused],
  ['an answer', ['HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'], refused],
  ['a PROXY line', [`PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\n${get('')}`], refused],
  ['empty lines before', [`\r\n\r\n\r\n${get('')}`], answered(200)],
  ['a million empty lines before', ['\r\n'.repeat(500_000) + get('')], anyAnswer],
  ['noise behind a last request', [`${get('connection: close\r\n')}noise`], answered(200)],
  [
    'noise behind a last request that is answered later',
    [post(`connection: close\r\ncontent-length: 2\r\n`, '{}noise')],
    answered(422),
  ],
  ['noise behind a request', [`${get('')}noise\r\n\r\n`], answered(200, 400)],
  ['half a request line', ['GET /heal'], waitedFor],
  ['half a head', ['GET /healthz HTTP/1.1\r\nhost: mo'], waitedFor],
  ['10,000 headers', [get('a:b\r\n'.repeat(10_000))], anyAnswer],
  ['10,000 headers of 64 KiB together and more', [get('abc: defghi\r\n'.repeat(10_000))], refused],
  [
    'a URL of one byte less than 64 KiB, and no headers',
    [`GET ${pathOfBytes(MAX_HEAD - 1)} HTTP/1.1\r\n\r\n`],
    answered(422),
  ],
  ['a URL of one byte more than 64 KiB', [`GET ${pathOfBytes(MAX_HEAD + 1)} HTTP/1.1\r\n\r\n`], refused],
  ['a URL of 10 MB', [`GET ${pathOfBytes(10_000_000)} HTTP/1.1\r\n\r\n`], refused],
  ['a header of nearly 64 KiB', [get(`x-a: ${'b'.repeat(MAX_HEAD - 100)}\r\n`)], answered(200)],
  ['a header of one byte more than 64 KiB', [get(`x-a: ${'b'.repeat(MAX_HEAD + 1)}\r\n`)], refused],
  ['a header name of one byte more than 64 KiB', [get(`${'b'.repeat(MAX_HEAD + 1)}: a\r\n`)], refused],
  ['a header of 200 KB', [get(`x-a: ${'b'.repeat(200_000)}\r\n`)], refused],
  ['a header of 10 MB', [get(`x-a: ${'b'.repeat(10_000_000)}\r\n`)], refused],
  ['an x-correlation-id of others', [get('x-correlation-id: a\r\n')], answered(200)],
]

function pathOfBytes(bytes) {
  return '/pipelines/'.padEnd(bytes, 'i')
}

/** Every case, one after another, each with a look at the mock behind it. */
async function sendCases(report, mock) {
  const began = performance.now()
  const [faults, statuses] = [[], []]
  for (const [title, parts, judge] of CASES) {
    const found = await exchange(mock.port, parts)
    const all = [...judge(found), ...found.answers.flatMap(misform), ...restOf(found), ...(await illnesses(mock))]
    faults.push(...all.map((fault) => `${title}: ${fault}`))
    statuses.push(...found.answers.map(({ status }) => status), ...(found.answers.length === 0 ? ['no answer'] : []))
  }
  report.check(`${CASES.length} kinds of broken and odd HTTP: ${tally(statuses)} (${inSeconds(began)})`, faults)
}

const restOf = ({ rest }) => (rest.length === 0 ? [] : [`bytes that are no answer: ${shown(rest)}`])

/** Bytes that are nothing at all. */
async function sendNoise(report, mock, count, seed) {
  const [faults, statuses] = [[], []]
  for (let n = 0; n < count; n++) {
    const random = nth(seed, n)
    const bytes = Buffer.from(Array.from({ length: 1 + random.below(2000) }, () => random.below(256)))
    const found = await exchange(mock.port, [bytes], { quietMs: 10, limitMs: 200 })
    const all = [...refused(found), ...found.answers.flatMap(misform), ...restOf(found)]
    faults.push(...all.map((fault) => `${shown(bytes.toString('base64'), 3000)}: ${fault}`))
    statuses.push(...found.answers.map(({ status }) => status))
  }
  report.check(`${count} times random bytes: ${tally(statuses)}`, [...faults, ...(await illnesses(mock))])
}

/** Answers come as many as requests, in their order, each complete. */
async function pipeline(report, mock, count) {
  const texts = Array.from({ length: count }, (_, i) => {
    if (i % 4 === 0) return textOf('POST', `/_sandbox/line/pipelines`, NEW.replace('"n"', `"made-${i}"`))
    if (i % 4 === 1) return textOf('POST', `/_sandbox/line/pipelines/unknown-${i}/cancel`, 'a body')
    return textOf('GET', `/_sandbox/line/pipelines/unknown-${i}`)
  })
  const found = await exchange(mock.port, [texts.join('')], { quietMs: 500, limitMs: 10_000 })
  const wrong = found.answers.flatMap(({ body }, i) =>
    body.includes(i % 4 === 0 ? `"made-${i}"` : `"unknown-${i}"`)
      ? []
      : [`answer ${i} is of another: ${body.slice(0, 200)}`],
  )
  const missing = found.answers.length === count ? [] : [`${found.answers.length} answers`]
  const all = [...missing, ...wrong, ...found.answers.flatMap(misform), ...restOf(found), ...(await illnesses(mock))]
  report.check(`${count} requests in one write: ${tally(found.answers.map(({ status }) => status))}`, all)
}

const smuggledTo = (name) =>
  `POST /_sandbox/${name}/pipelines/${FIT}/cancel HTTP/1.1\r\nhost: mock\r\nx-smuggled: 1\r\ncontent-length: 0\r\n\r\n`

/** Heads that servers have understood in two ways, each before a body that holds a request. */
function smugglingShapes(name) {
  const smuggled = smuggledTo(name)
  const inChunk = `0\r\n\r\n${smuggled}`
  const length = smuggled.length + 5
  const codings = [
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
    'Transfer-Encoding: identity\r\nTransfer-Encoding: chunked',
    'Transfer-Encoding: chunked, identity',
    'Transfer-Encoding: identity, chunked',
    'Transfer-Encoding: xchunked',
    'Transfer-Encoding : chunked',
    'Transfer-Encoding: chunked ',
    'Transfer-Encoding:\tchunked',
    'Transfer-Encoding:\x0bchunked',
    'Transfer-Encoding: "chunked"',
    'Transfer-Encoding:\r\n chunked',
    ' Transfer-Encoding: chunked',
    'X: X\nTransfer-Encoding: chunked',
    'X: X\rTransfer-Encoding: chunked',
    'Transfer-Encoding: cow',
  ]
  return [
    ...codings.flatMap((coding) => [
      [`CL.TE ${shown(coding)}`, `content-length: ${length}\r\n${coding}\r\n`, inChunk],
      [`TE.CL ${shown(coding)}`, `${coding}\r\ncontent-length: 4\r\n`, `${chunk(smuggled)}0\r\n\r\n`],
      [`TE alone ${shown(coding)}`, `${coding}\r\n`, chunk(smuggled) + '0\r\n\r\n'],
    ]),
    ['CL.CL', `content-length: 0\r\ncontent-length: ${smuggled.length}\r\n`, smuggled],
    ['CL.CL the other way', `content-length: ${smuggled.length}\r\ncontent-length: 0\r\n`, smuggled],
    ['CL in a list', `content-length: ${smuggled.length}, 0\r\n`, smuggled],
    ['a chunk extension that ends in LF', CHUNKED, `0;\n\r\n${smuggled}`],
    ['a chunk size of 2^64', CHUNKED, `10000000000000000\r\n${smuggled}`],
    ['a body of the right length', `content-length: ${smuggled.length}\r\n`, smuggled],
  ]
}

/** What is a body to one server must not be a request to another: never are both answered and kept open. */
async function smuggle(report, mock) {
  const [faults, statuses, count] = [[], [], smugglingShapes('').length]
  for (let i = 0; i < count; i++) {
    for (const [kind, path] of [
      ['read', '/_sandbox/outer/pipelines'],
      ['unread', `/_sandbox/outer/pipelines/${FIT}/cancel`],
    ]) {
      const name = `smuggled-${kind}-${i}`
      const [title, headers, body] = smugglingShapes(name)[i]
      const found = await exchange(mock.port, [post(headers, body, path)])
      const received = await ask(`${mock.url}/_sandbox/${name}/_mock/requests`)
      if (received.json?.length !== 0) faults.push(`${title}, ${kind}: the smuggled request was executed`)
      if (found.answers.length !== 1) faults.push(`${title}, ${kind}: ${found.answers.length} answers, ${found.by}`)
      faults.push(...[...found.answers.flatMap(misform), ...(await illnesses(mock))].map((one) => `${title}: ${one}`))
      statuses.push(...found.answers.map(({ status }) => status))
    }
  }
  report.check(`${count} shapes of smuggling, to what reads bodies and what does not: ${tally(statuses)}`, faults)
}

/** Connections that say a byte at a time hinder nobody, and the server has limits for them. */
async function goSlow(report, mock, count) {
  const texts = [textOf('GET', '/healthz'), textOf('POST', '/_sandbox/slow/pipelines', NEW)]
  const sockets = Array.from({ length: count }, () => connect(mock.port, '127.0.0.1').on('error', () => undefined))
  let at = 0
  const drip = setInterval(() => {
    for (const [i, socket] of sockets.entries()) socket.write(texts[i % 2][at % texts[i % 2].length])
    at++
  }, 10)
  const times = []
  for (let i = 0; i < 50; i++) {
    const began = performance.now()
    const { status } = await ask(`${mock.url}/_sandbox/quick/pipelines/${FIT}/cancel`, 'POST')
    times.push(status === 200 ? performance.now() - began : Infinity)
  }
  clearInterval(drip)
  for (const socket of sockets) socket.destroy()
  const slowest = Math.max(...times)
  const faults = slowest < 1000 ? [] : [`one took ${slowest} ms`]
  const what = `beside ${count} connections that say a byte each 10 ms, 50 requests took at most ${Math.round(slowest)} ms`
  report.check(what, [...faults, ...(await illnesses(mock))])

  const whole = await Promise.all(texts.map((text) => exchange(mock.port, [...text], { betweenMs: 1, limitMs: 5000 })))
  const statuses = whole.map(({ answers }) => answers.map(({ status }) => status))
  report.check(
    `requests that come a byte at a time are answered: ${statuses}`,
    String(statuses) === '200,201' ? [] : ['expected 200,201'],
  )
}

/** The limits of the server for what comes slowly, looked up in its own process. */
async function haveLimits(report) {
  const child = startChild('./child.js', ['limits'])
  const [limits] = await once(child, 'message')
  child.disconnect()
  const faults = Object.entries(limits).flatMap(([name, ms]) =>
    ms > 0 && ms < Infinity
      ? []
      : [`${name} is ${ms}: a connection that never says its whole request is kept for ever`],
  )
  report.check(`the server has limits: ${JSON.stringify(limits)}`, faults)
}

/** Clients that send all, and then say that they will send no more. */
async function halfClose(report, mock) {
  const table = [
    ['a GET', textOf('GET', `/_sandbox/half/pipelines/${FIT}`), [200]],
    ['a cancel', textOf('POST', `/_sandbox/half/pipelines/${FIT}/cancel`), [200]],
    ['a creation', textOf('POST', '/_sandbox/half/pipelines', NEW), [201]],
    ['control', textOf('GET', '/_sandbox/half/_mock/state'), [200]],
    ['control with a body', textOf('POST', '/_sandbox/half/_mock/clock/advance', '{"by":"1s"}'), [200]],
    ['three in a row', textOf('POST', '/_sandbox/half/pipelines', NEW).repeat(3), [201, 201, 201]],
  ]
  const faults = []
  for (const [title, text, wanted] of table) {
    const found = await exchange(mock.port, [text], { endAtOnce: true })
    faults.push(...answered(...wanted)(found).map((fault) => `${title}: ${fault}`), ...(await illnesses(mock)))
  }
  const silent = await exchange(mock.port, [''], { endAtOnce: true })
  if (silent.answers.length > 0) faults.push('who says nothing and goes is answered')
  report.check(`${table.length} kinds of requests behind which the client closes its side are answered`, faults)
}

/** Connections that are reset, in each phase of a request. */
async function reset(report, mock, each) {
  const big = JSON.stringify({ project_id: 'p', name: 'n', description: 'd'.repeat(4_000_000), elements: {} })
  await ask(`${mock.url}/_sandbox/reset/pipelines`, 'POST', big, { 'content-type': 'application/json' })
  const phases = [
    ['before a byte', '', 0],
    ['in the request line', 'GET /hea', 5],
    ['in the headers', 'GET /healthz HTTP/1.1\r\nhost: m', 5],
    ['in a body', post('content-length: 1000\r\n', '{"project_id"'), 5],
    ['in a body that is not read', post('content-length: 1000\r\n', 'a', `/_sandbox/reset/pipelines/${FIT}/cancel`), 5],
    ['in a chunk', post(CHUNKED, 'ff\r\nabc'), 5],
    ['in a body for control', post('content-length: 1000\r\n', '{', '/_sandbox/reset/_mock/seed'), 5],
    ['behind a request', textOf('GET', '/_sandbox/reset/_mock/state'), 0],
    ['while the answer is sent', textOf('GET', '/_sandbox/reset/_mock/state'), 15],
    ['in many requests', textOf('GET', `/_sandbox/reset/pipelines/${FIT}`).repeat(200), 2],
    ['while it waits', textOf('GET', '/_sandbox/reset/_mock/requests/wait?status=599&timeout=1m'), 10],
  ]
  const faults = []
  for (const [title, text, afterMs] of phases) {
    const one = async () => {
      const socket = connect(mock.port, '127.0.0.1').on('error', () => undefined)
      await once(socket, 'connect')
      if (text) socket.write(text)
      if (afterMs > 0) await new Promise((resolve) => setTimeout(resolve, afterMs))
      socket.resetAndDestroy()
    }
    await Promise.all(Array.from({ length: each }, one))
    faults.push(...(await illnesses(mock)).map((fault) => `${title}: ${fault}`))
  }
  const inFlight = async () => {
    const sandboxes = (await ask(`${mock.url}/_mock/sandboxes`)).json ?? []
    return sandboxes.filter(({ in_flight }) => in_flight > 0)
  }
  if (!(await until(async () => (await inFlight()).length === 0)))
    faults.push(`requests of those who have gone are in flight still: ${JSON.stringify(await inFlight())}`)
  await ask(`${mock.url}/_mock/sandboxes/reset`, 'DELETE')
  report.check(`${phases.length} phases of a request, ${each} connections reset in each`, faults)
}

const WORDS = [
  ...[
    '\r\n',
    '\r\n\r\n',
    '\n',
    '\r',
    '\0',
    ' ',
    '\t',
    ':',
    '/',
    '%',
    '%00',
    '%2f',
    '?',
    '#',
    '&',
    '=',
    '*',
    ';',
    ',',
    '"',
  ],
  ...[
    'HTTP/1.0',
    'HTTP/2.0',
    'HEAD',
    'GET ',
    'POST ',
    'PATCH ',
    'PURGE ',
    '_sandbox/',
    '_mock/',
    '/../',
    '//',
    '[',
    '{',
    '}',
  ],
  ...[
    'transfer-encoding: chunked\r\n',
    'content-length: 5\r\n',
    'content-encoding: gzip\r\n',
    'expect: 100-continue\r\n',
  ],
  ...[
    'connection: close\r\n',
    'connection: upgrade\r\nupgrade: x\r\n',
    'prefer: code=422\r\n',
    'x-mock-sandbox: a\r\n',
  ],
  ...['\xff\xfe', '\xed\xa0\x80', '__proto__', 'null', '1e999', '-1', 'a'.repeat(5000), '\\ud800', '"__proto__":1,'],
]

const GOOD = [
  textOf('GET', `/_sandbox/fuzz/pipelines/${FIT}`),
  textOf('POST', `/_sandbox/fuzz/pipelines/${FIT}/cancel`),
  textOf('POST', '/_sandbox/fuzz/pipelines', NEW),
  textOf('PATCH', `/_sandbox/fuzz/pipelines/${FIT}`, '{"name":"other","description":null}'),
  textOf('DELETE', '/_sandbox/fuzz/pipelines/unknown'),
  textOf('GET', `/_sandbox/fuzz/pipelines/${FIT}/elements`),
  textOf('GET', `/_sandbox/fuzz/pipelines/${FIT}/result`),
  textOf('GET', '/_sandbox/fuzz/pipelines?project_id=p&limit=5&order=asc&status=in.(running,pending)&name=like.*a*'),
  textOf('GET', '/_sandbox/fuzz/openapi.json'),
  textOf('POST', '/_sandbox/fuzz/_mock/seed', '{"pipelines":[{"id":"a","name":"b","elements":[{"name":"c"}]}]}'),
  textOf('PATCH', `/_sandbox/fuzz/_mock/pipelines/${FIT}`, '{"element":3,"status":"failed","error":"e"}'),
  textOf('PUT', '/_sandbox/fuzz/_mock/clock', '{"mode":"frozen","now":"2026-10-01T12:00:00Z"}'),
  textOf('POST', '/_sandbox/fuzz/_mock/clock/advance', '{"by":"30s"}'),
  textOf('GET', '/_sandbox/fuzz/_mock/requests?operation=cancel_pipeline'),
  textOf('PUT', '/_sandbox/fuzz/_mock/snapshots/a'),
  'POST /_sandbox/fuzz/pipelines HTTP/1.1\r\nhost: mock\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
]

/** A good request that was changed in one to four places. */
function fuzzed(seed, n) {
  const random = nth(seed, n)
  let bytes = bytesOf(random.pick(GOOD))
  for (let left = 1 + random.below(4); left > 0; left--) {
    const at = random.below(bytes.length + 1)
    const [before, behind] = [bytes.subarray(0, at), bytes.subarray(at)]
    const kind = random.below(5)
    if (kind === 0 && behind.length > 0)
      bytes = Buffer.concat([before, Buffer.from([behind[0] ^ (1 << random.below(8))]), behind.subarray(1)])
    else if (kind === 1) bytes = Buffer.concat([before, behind.subarray(1 + random.below(20))])
    else if (kind === 2) bytes = Buffer.concat([before, bytesOf(random.pick(WORDS)), behind])
    else if (kind === 3)
      bytes = Buffer.concat([before, bytesOf(random.pick(WORDS)), behind.subarray(1 + random.below(8))])
    else bytes = Buffer.concat([before, bytes.subarray(random.below(bytes.length + 1))].slice(0, 2))
  }
  return bytes.length > 0 ? bytes : bytesOf('\0')
}

/** Requests with faults in them are answered, each in the form of the API, and none is a defect of the mock. */
async function fuzz(report, mock, count, seed) {
  const began = performance.now()
  const [faults, statuses] = [[], []]
  let [next, slowest] = [0, 0]
  const work = async () => {
    while (next < count) {
      const n = next++
      const bytes = fuzzed(seed, n)
      const since = performance.now()
      const found = await exchange(mock.port, [bytes], { quietMs: 15, limitMs: 250 })
      slowest = Math.max(slowest, performance.now() - since)
      // After an answer to HEAD, which has no body, what follows cannot be told apart.
      const head = bytes.includes('HEAD')
      const all =
        head || /^[\r\n]*$/.test(bytes)
          ? []
          : [...anyAnswer(found), ...found.answers.flatMap(misform), ...restOf(found)]
      all.push(...found.answers.filter(({ status }) => status === 500).map(({ body }) => `a defect: ${body}`))
      faults.push(...all.map((fault) => `input ${n} ${shown(bytes, 3000)}: ${fault} (closed by ${found.by})`))
      statuses.push(...found.answers.map(({ status }) => status))
      if (n % 200 === 0) faults.push(...(await illnesses(mock)).map((fault) => `behind input ${n}: ${fault}`))
    }
  }
  await Promise.all(Array.from({ length: 50 }, work))
  const told = `${tally(statuses)}, the slowest in ${Math.round(slowest)} ms (${inSeconds(began)})`
  report.check(`${count} requests with random faults: ${told}`, [...faults, ...(await illnesses(mock))])
}

/** What is broken on the wire is answered in JSON, hinders nobody and does nothing. */
export async function wire(report, sizes, seed) {
  const mock = await startCommand()
  await sendCases(report, mock)
  await sendNoise(report, mock, 100, seed)
  await pipeline(report, mock, sizes.pipelined)
  await smuggle(report, mock)
  await goSlow(report, mock, sizes.slow)
  await haveLimits(report)
  await halfClose(report, mock)
  await reset(report, mock, 20)
  await fuzz(report, mock, sizes.fuzzed, seed)
  const code = await mock.stop()
  report.check(`after all that the mock stops when asked to, with ${code}`, code === 0 ? [] : [mock.said()])
}
