import { CREATION } from '../test/support/lab.js'
import { shown } from '../test/support/report.js'
import type { Exchange } from '../test/support/wire.js'
import { formatIssues, issuesIf } from './issues.js'

export const CHUNKED = 'transfer-encoding: chunked\r\n'
export const post = (headers: string, body: string, path = '/pipelines') =>
  `POST ${path} HTTP/1.1\r\nhost: mock\r\n${headers}\r\n${body}`
export const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`

const get = (headers: string, path = '/healthz') => `GET ${path} HTTP/1.1\r\nhost: mock\r\n${headers}\r\n`
const withMethod = (method: string, path?: string) => get('', path).replace('GET', method)
const withVersion = (version: string) => get('').replace('HTTP/1.1', version)

/** Checks an exchange, and returns the issues that it finds. */
type Expectation = (exchange: Exchange) => string[]

export const statusesOf = ({ responses }: Exchange) => responses.map(({ status }) => status)

/** Expects one response with status 400 or 431, and a closed connection. */
export const refused: Expectation = (exchange) => [
  ...issuesIf(exchange.responses.length !== 1, `${exchange.responses.length} responses, expected 1`),
  ...statusesOf(exchange).flatMap((status) =>
    issuesIf(status !== 400 && status !== 431, `response ${status}, expected 400 or 431`),
  ),
  ...issuesIf(exchange.by === 'nobody', 'the connection is not closed'),
]

/**
 * Expects the same as `refused`, and no response before the client has closed its side of the connection. Until then,
 * the rest of the request could still arrive.
 */
const refusedAtEnd: Expectation = (exchange) => [
  ...issuesIf(!exchange.waited, 'the server did not wait for the rest of the request'),
  ...refused(exchange),
]

/** Expects responses with exactly these statuses, in this order. */
export const statuses =
  (...wanted: number[]): Expectation =>
  (exchange) => {
    const found = statusesOf(exchange).join(', ')
    return issuesIf(found !== wanted.join(', '), `expected responses ${wanted.join(', ')}, received ${found || 'none'}`)
  }

/** Expects at least one response, with any status. */
export const anyStatus: Expectation = ({ responses }) => issuesIf(responses.length === 0, 'no response')

/** Expects that the server sends only responses in the format of the API, and no other bytes. */
export const exchangeIssues: Expectation = ({ responses, rest }) => [
  ...responses.flatMap(formatIssues),
  ...issuesIf(rest.length > 0, `bytes that are not a response: ${shown(rest)}`),
]

const MAX_HEAD = 64 * 1024
const longPath = (bytes: number) => '/pipelines/'.padEnd(bytes, 'i')
/** The path of an operation that does not read the body of the request. */
const UNREAD = '/pipelines/x/cancel'

/** Invalid and unusual requests, each with the expected exchange. */
export const CASES: readonly (readonly [title: string, bytes: string | Buffer, issuesOf: Expectation])[] = [
  ['an invalid chunk size', post(CHUNKED, 'zz\r\nab\r\n0\r\n\r\n'), refused],
  ['a negative chunk size', post(CHUNKED, '-1\r\nab\r\n0\r\n\r\n'), refused],
  ['a chunk size with 0x', post(CHUNKED, '0x2\r\nab\r\n0\r\n\r\n'), refused],
  ['a chunk size of 40 digits', post(CHUNKED, `${'f'.repeat(40)}\r\nab\r\n0\r\n\r\n`), refused],
  ['a chunk size after a space', post(CHUNKED, ' 2\r\nab\r\n0\r\n\r\n'), refused],
  ['no chunk size', post(CHUNKED, '\r\nab\r\n0\r\n\r\n'), refused],
  ['a chunk that is longer than its size', post(CHUNKED, '2\r\nabcd\r\n0\r\n\r\n'), refused],
  ['a chunk that is shorter than its size', post(CHUNKED, '9\r\nab\r\n0\r\n\r\n'), refused],
  ['a chunk that ends with a bare LF', post(CHUNKED, '2\nab\n0\n\n'), refused],
  ['a chunk extension of 20 KB', post(CHUNKED, `2;${'x'.repeat(20_000)}\r\nab\r\n0\r\n\r\n`), anyStatus],
  ['trailers of 100 KB', post(CHUNKED, `2\r\n{}\r\n0\r\na: ${'x'.repeat(100_000)}\r\n\r\n`), anyStatus],
  ['valid chunks', post(CHUNKED + 'content-type: application/json\r\n', `${chunk(CREATION)}0\r\n\r\n`), statuses(201)],
  [
    'valid chunks in a body that the operation does not read',
    post(CHUNKED, `${chunk('a')}0\r\n\r\n`, UNREAD),
    statuses(422),
  ],
  ['invalid chunks in a body that the operation does not read', post(CHUNKED, 'zz\r\n', UNREAD), statuses(422)],
  ['invalid chunks to the control API', post(CHUNKED, 'zz\r\n', '/_sandbox/w/_mock/seed'), refused],
  ['a body shorter than its content-length', post('content-length: 99\r\n', '{}'), refusedAtEnd],
  ['a body longer than its content-length', post('content-length: 2\r\n', '{}garbage\r\n\r\n'), statuses(422, 400)],
  ['a negative content-length', post('content-length: -1\r\n', '{}'), refused],
  ['a content-length with a plus sign', post('content-length: +2\r\n', '{}'), refused],
  ['a hexadecimal content-length', post('content-length: 0x2\r\n', '{}'), refused],
  ['a content-length in letters', post('content-length: two\r\n', '{}'), refused],
  ['an empty content-length', post('content-length:\r\n', '{}'), refused],
  ['a content-length of 2^64', post('content-length: 18446744073709551616\r\n', '{}'), refused],
  ['a content-length of 40 digits', post(`content-length: ${'9'.repeat(40)}\r\n`, '{}'), refused],
  ['two different content-length headers', post('content-length: 2\r\ncontent-length: 3\r\n', '{}'), refused],
  ['two equal content-length headers', post('content-length: 2\r\ncontent-length: 2\r\n', '{}'), refused],
  ['two lengths in one content-length header', post('content-length: 2, 2\r\n', '{}'), refused],
  ['a content-length and chunks', post(`content-length: 2\r\n${CHUNKED}`, '2\r\n{}\r\n0\r\n\r\n'), refused],
  ['a folded header', get('x-a: one\r\n two\r\n'), anyStatus],
  ['a folded first header', 'GET /healthz HTTP/1.1\r\n x: y\r\n\r\n', refused],
  ['a folded content-length', post('content-length:\r\n 2\r\n', '{}'), anyStatus],
  ['only bare LFs as line ends', 'GET /healthz HTTP/1.1\nhost: mock\n\n', refused],
  ['a bare LF after the headers', 'GET /healthz HTTP/1.1\r\nhost: mock\r\n\n', refused],
  ['only bare CRs as line ends', 'GET /healthz HTTP/1.1\rhost: mock\r\r', refused],
  ['a bare CR in a header value', get('x-a: one\rtwo\r\n'), refused],
  ['NUL in a header value', get('x-a: one\0two\r\n'), refused],
  ['NUL in a header name', get('x-\0a: one\r\n'), refused],
  ['NUL in the path', get('', '/health\0z'), refused],
  ['NUL before the request', `\0${get('')}`, refused],
  ['a space in a header name', get('x a: one\r\n'), refused],
  ['a space before the colon of a header', get('x-a : one\r\n'), refused],
  ['a space before the colon of content-length', post('content-length : 2\r\n', '{}'), refused],
  ['a header without a name', get(': one\r\n'), refused],
  ['a header without a colon', get('x-a\r\n'), refused],
  ['a header name in Latin-1', get('x-\xe9: one\r\n'), refused],
  ['a header value in Latin-1', get('x-a: \xe9\r\n'), statuses(200)],
  ['control characters in a header value', get('x-a: \x01\x02\x7f\r\n'), refused],
  ['an empty header value', get('x-a:\r\n'), statuses(200)],
  ['an unknown method', withMethod('FOO'), refused],
  ['a method in lower case', withMethod('get'), refused],
  ['a method of 10 KB', withMethod('G'.repeat(10_000)), refused],
  ['a WebDAV method', withMethod('PROPFIND'), statuses(405)],
  ['TRACE', withMethod('TRACE'), statuses(405)],
  ['PURGE of an unknown path', withMethod('PURGE', '/x'), statuses(404)],
  ['CONNECT', 'CONNECT example.com:443 HTTP/1.1\r\nhost: example.com\r\n\r\n', anyStatus],
  ['WebSocket', get('connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: a\r\n'), statuses(200)],
  ['h2c', get('connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n'), statuses(200)],
  ['an Expect header', post('expect: 100-continue\r\ncontent-length: 2\r\n', '{}'), statuses(422)],
  ['an unknown Expect header', post('expect: tea\r\ncontent-length: 2\r\n', '{}'), statuses(422)],
  ['no Host header', 'GET /healthz HTTP/1.1\r\n\r\n', statuses(200)],
  ['two Host headers', get('host: other\r\n'), anyStatus],
  ['an invalid Host header', 'GET /healthz/ HTTP/1.1\r\nhost: a b/c@d\r\n\r\n', statuses(307)],
  ['OPTIONS *', 'OPTIONS * HTTP/1.1\r\nhost: mock\r\n\r\n', anyStatus],
  ['a path without a slash', get('', 'healthz'), anyStatus],
  ['an absolute URL', get('', 'http://mock/healthz'), anyStatus],
  ['an absolute URL with broken escapes', get('', 'http://[::1/%zz'), anyStatus],
  ['a broken escape in the path', get('', '/pipelines/%zz'), anyStatus],
  ['an escape that is not UTF-8', get('', '/pipelines/%ff%fe'), anyStatus],
  ['an escaped NUL', get('', '/pipelines/%00'), anyStatus],
  ['an escaped line end in a redirect', get('', '/pipelines/%0d%0ax-evil:1/'), anyStatus],
  ['an escaped line end in a query', get('', '/healthz/?%0d%0ax-evil:1'), anyStatus],
  ['path traversal', get('', '/_sandbox/../../etc/passwd'), anyStatus],
  ['an invalid sandbox name', get('', '/_sandbox/%2e%2e/pipelines/x'), anyStatus],
  ['a sandbox named __proto__', get('', '/_sandbox/__proto__/pipelines/x'), statuses(422)],
  ['an invalid sandbox name in a header', get('x-mock-sandbox: a b\r\n', '/pipelines/x'), statuses(400)],
  ['a path in raw UTF-8', get('', Buffer.from('/pipelines/é🔋').toString('latin1')), anyStatus],
  ['a query of 10,000 parameters', get('', `/pipelines?${'a=1&'.repeat(10_000)}`), statuses(422)],
  ['a query of brackets', get('', `/pipelines?${'a[b][c]=1&'.repeat(1000)}__proto__[x]=1`), statuses(422)],
  ['HTTP/0.9', 'GET /healthz\r\n\r\n', anyStatus],
  ['HTTP/1.0', 'GET /healthz HTTP/1.0\r\n\r\n', statuses(200)],
  ['HTTP/1.0 with chunks', post(CHUNKED, `${chunk(CREATION)}0\r\n\r\n`).replace('1.1', '1.0'), anyStatus],
  ['HTTP/1.2', withVersion('HTTP/1.2'), refused],
  ['HTTP/2.0', withVersion('HTTP/2.0'), anyStatus],
  ['HTTP/9.9', withVersion('HTTP/9.9'), refused],
  ['HTTP/11', withVersion('HTTP/11'), refused],
  ['HTCPCP', withVersion('HTCPCP/1.1'), refused],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', refused],
  ['a TLS client hello', Buffer.from('16030100a5010000a10303' + '5a'.repeat(150), 'hex'), refused],
  ['an SSH greeting', 'SSH-2.0-OpenSSH_9.7\r\n', refused],
  ['a response instead of a request', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', refused],
  ['a PROXY protocol line', `PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\n${get('')}`, refused],
  ['empty lines before the request', `\r\n\r\n\r\n${get('')}`, statuses(200)],
  ['500,000 empty lines before the request', '\r\n'.repeat(500_000) + get(''), anyStatus],
  ['invalid bytes after a request with connection: close', `${get('connection: close\r\n')}noise`, statuses(200)],
  ['invalid bytes after a body', post('connection: close\r\ncontent-length: 2\r\n', '{}noise'), statuses(422)],
  ['invalid bytes after a request', `${get('')}noise\r\n\r\n`, statuses(200, 400)],
  ['half of a request line', 'GET /heal', refusedAtEnd],
  ['half of the headers', 'GET /healthz HTTP/1.1\r\nhost: mo', refusedAtEnd],
  ['10,000 headers', get('a:b\r\n'.repeat(10_000)), anyStatus],
  ['10,000 headers of more than 64 KiB in total', get('abc: defghi\r\n'.repeat(10_000)), refused],
  ['a URL of 64 KiB less one byte', `GET ${longPath(MAX_HEAD - 1)} HTTP/1.1\r\n\r\n`, statuses(422)],
  ['a URL of 64 KiB and one byte', `GET ${longPath(MAX_HEAD + 1)} HTTP/1.1\r\n\r\n`, refused],
  ['a URL of 10 MB', `GET ${longPath(10_000_000)} HTTP/1.1\r\n\r\n`, refused],
  ['a header of nearly 64 KiB', get(`x-a: ${'b'.repeat(MAX_HEAD - 100)}\r\n`), statuses(200)],
  ['a header of 64 KiB and one byte', get(`x-a: ${'b'.repeat(MAX_HEAD + 1)}\r\n`), refused],
  ['a header name of 64 KiB and one byte', get(`${'b'.repeat(MAX_HEAD + 1)}: a\r\n`), refused],
  ['a header of 200 KB', get(`x-a: ${'b'.repeat(200_000)}\r\n`), refused],
  ['a header of 10 MB', get(`x-a: ${'b'.repeat(10_000_000)}\r\n`), refused],
  ['an x-correlation-id from the client', get('x-correlation-id: a\r\n'), statuses(200)],
]
