import { gzipSync } from 'node:zlib'
import { attempt, type Outcome, type RequestOptions } from '../test/support/http.js'
import { FIT } from '../test/support/lab.js'
import { inMB, inSeconds, type Report, shown, tally } from '../test/support/report.js'
import { OPTIONS } from '../src/options/options.js'
import { parseSize } from '../src/contract/settings.js'
import { startMock } from '../src/index.js'
import { HOSTILE_KEYS, hostileValues, NOT_UTF8, PLACES, POLLUTING } from './hostile-bodies.js'
import { about, expectEqual, formatIssues, issuesIf, parseJson } from './issues.js'
import { type Address, checkStop, healthIssues, startMockCommand } from './mock.js'
import type { Sizes } from './sizes.js'

const BODY_LIMIT = parseSize(OPTIONS.bodyLimit.default)
const JSON_TYPE = { 'content-type': 'application/json' }
const GZIP = { 'content-encoding': 'gzip' }

interface BodyCase extends RequestOptions {
  readonly title: string
  readonly method: string
  readonly path: string
  readonly body: string | Buffer
  /** The expected statuses. Default: any status below 500. */
  readonly wanted?: readonly number[]
}

function responseIssues({ status, headers, body }: Outcome, wanted?: readonly number[]): string[] {
  if (typeof status !== 'number') return [status]
  if (wanted?.includes(status) === false) return [`response ${status}, expected ${wanted.join(' or ')}`]
  return status < 500 ? formatIssues({ status, headers, body }) : [`response ${status}: ${body.slice(0, 200)}`]
}

/** Sends bodies one after another, and checks the health of the mock after each body. */
async function sendAll(report: Report, mock: Address, what: string, cases: Iterable<BodyCase>) {
  const began = performance.now()
  const [issues, statuses]: [string[], Outcome['status'][]] = [[], []]
  let slowest = { ms: 0, title: '' }
  const sandbox = `${mock.url}/_sandbox/bodies`
  for (const { title, method, path, body, headers, wanted } of cases) {
    const since = performance.now()
    const response = await attempt(sandbox + path, { method, body, headers: { ...JSON_TYPE, ...headers } })
    const ms = Math.round(performance.now() - since)
    if (ms > slowest.ms) slowest = { ms, title }
    const found = [...responseIssues(response, wanted), ...(await healthIssues(mock))]
    issues.push(...about(`${title}, ${method} ${path}`, found))
    statuses.push(response.status)
    await attempt(`${sandbox}/_mock/reset`, { method: 'POST' })
  }
  const summary = `${tally(statuses)}; the slowest took ${slowest.ms} ms: ${slowest.title} (${inSeconds(began)})`
  report.check(`${statuses.length} ${what} get the expected responses: ${summary}`, issues)
}

/** Fills the empty description in a JSON body, so that the body has the given length. */
const lengthen = (json: string, bytes: number) =>
  json.replace('"description":""', `"description":"${'d'.repeat(bytes - json.length)}"`)

/**
 * Returns bodies whose length is the limit of the mocked API, one byte less and one byte more. Each body occurs
 * twice: plain and gzipped.
 */
const atLimit = (): BodyCase[] =>
  [BODY_LIMIT - 1, BODY_LIMIT, BODY_LIMIT + 1].flatMap((size) => {
    const [title, fits] = [`${size} bytes`, size <= BODY_LIMIT]
    const creation = lengthen('{"project_id":"p","name":"n","description":"","elements":{}}', size)
    const change = lengthen('{"description":""}', size)
    const plain: BodyCase[] = [
      { title, method: 'POST', path: '/pipelines', body: creation, wanted: [fits ? 201 : 413] },
      { title, method: 'PATCH', path: `/pipelines/${FIT}`, body: change, wanted: [fits ? 200 : 413] },
    ]
    const gzipped = plain.map((one) => ({
      ...one,
      ...{ title: `${title}, gzipped`, body: gzipSync(one.body, { level: 1 }), headers: GZIP },
    }))
    return [...plain, ...gzipped]
  })

/** Returns the body of a request that creates a pipeline. `keys` are the keys of its elements, as JSON strings. */
const creationWith = (keys: readonly string[]) =>
  `{"project_id":"p","name":"n","elements":{${keys.map((key) => `${key}:{"element_type":"entry","values":{}}`).join(',')}}}`

/**
 * Returns a gzip file that decompresses to the given number of bytes. The file consists of identical members. Only
 * one member is compressed, so even 1 GB takes little time.
 */
function bomb(bytes: number, filler = '\0') {
  const member = gzipSync(Buffer.alloc(2 ** 24, filler))
  return Buffer.concat(Array.from({ length: bytes / 2 ** 24 }, () => member))
}

/** Returns bodies that are sent as gzip. They are invalid gzip, unusual gzip, or gzip with very large contents. */
function badlyGzipped(): BodyCase[] {
  const good = gzipSync(creationWith(['"a"']))
  const broken = (at: number) => Buffer.from(good.map((byte, i) => (i === at ? byte ^ 0xff : byte)))
  const files: [title: string, body: string | Buffer, wanted: number[]][] = [
    ['1 GB of zeros in 1 MB', bomb(2 ** 30), [413]],
    ['256 MB of spaces', bomb(2 ** 28, ' '), [413]],
    ['64 MB of zeros in one member', gzipSync(Buffer.alloc(2 ** 26)), [413]],
    ['a gzip file of 1 GB, gzipped again', gzipSync(bomb(2 ** 30)), [400]],
    ['a small gzip file, gzipped again', gzipSync(good), [400]],
    ['a gzip file of 1000 zero bytes', gzipSync(Buffer.alloc(1000)), [422]],
    ['a gzip file without contents', gzipSync(''), [422]],
    ['an empty body', '', [400, 422]],
    ['plain JSON', creationWith([]), [400]],
    ['a truncated gzip file', good.subarray(0, -5), [400]],
    ['a gzip file truncated in its header', good.subarray(0, 5), [400]],
    ['an invalid checksum', broken(good.length - 6), [400]],
    ['an invalid length', broken(good.length - 2), [400]],
    ['an invalid header', broken(2), [400]],
    ['corrupt contents', broken(30), [400]],
    ['zeros after a gzip file', Buffer.concat([good, Buffer.alloc(100)]), [201, 400]],
    ['noise after a gzip file', Buffer.concat([good, Buffer.from('noise')]), [201, 400]],
    ['two gzip files', Buffer.concat([good, gzipSync('x')]), [422]],
  ]
  return files.map(([title, body, wanted]) => ({
    ...{ title, method: 'POST', path: '/pipelines', body, headers: GZIP, wanted },
  }))
}

/**
 * For each request in PLACES and each hostile value, yields two bodies: the body of the request with the hostile value
 * in its place, and the hostile value alone.
 */
function* hostile(scale: number): Generator<BodyCase> {
  const values = hostileValues(scale)
  for (const { method, path, around } of PLACES)
    for (const [title, value] of values) {
      const encoding = title === NOT_UTF8 ? 'latin1' : 'utf8'
      const inPlace = `${title} in ${shown(around('…'), 80)}`
      yield { title: inPlace, method, path, body: Buffer.from(around(value), encoding) }
      yield { title: `${title} as a body`, method, path, body: Buffer.from(value, encoding) }
    }
}

/**
 * Returns requests whose bodies exceed the limit of the control API. Three requests announce a length above the
 * limit and send no body. If `isBig`, a fourth request sends its whole body.
 */
function aboveControlLimit(isBig: boolean): BodyCase[] {
  const [method, limit, wanted] = ['POST', 256 * 1024 * 1024, [413]]
  const headers = { 'content-length': limit + 1 }
  const announced = ['/_mock/seed', '/_mock/pipelines', '/_mock/faults'].map((path) => ({
    ...{ title: `an announced length of ${inMB(limit + 1)}`, method, path, body: '', headers, wanted },
  }))
  if (!isBig) return announced
  // Without `keep-alive`, the connection could be reset before the client has read the response.
  const big = { title: `${inMB(limit + 2 ** 20)} of spaces`, body: Buffer.alloc(limit + 2 ** 20, ' ') }
  return [...announced, { ...big, method, path: '/_mock/seed', headers: { connection: 'keep-alive' }, wanted }]
}

/** Checks that elements are listed in the order of the body, even if a JavaScript object would reorder their keys. */
async function checkOrder(report: Report, mock: Address) {
  const url = `${mock.url}/_sandbox/order/pipelines`
  const alone = HOSTILE_KEYS.map((key) => ['"z"', key, '"9"', '"a"'])
  const issues: string[] = []
  for (const keys of [HOSTILE_KEYS, HOSTILE_KEYS.toReversed(), ...alone]) {
    const created = await attempt(url, { method: 'POST', body: creationWith(keys), headers: JSON_TYPE })
    const id = String(parseJson(created.body)?.id)
    const [elements, result] = [await attempt(`${url}/${id}/elements`), await attempt(`${url}/${id}/result`)]
    const names = (parseJson(elements.body) as { name: string }[] | undefined)?.map(({ name }) => name)
    const found = [
      ...expectEqual('the status of the creation', created.status, 201),
      ...expectEqual('the status of the result', result.status, 200),
      ...expectEqual('the names of the elements', names, [...new Set(keys.map((key) => String(JSON.parse(key))))]),
    ]
    issues.push(...about(`${keys.slice(0, 6).join()}…`, found))
  }
  issues.push(...(await healthIssues(mock)))
  report.check(
    `elements with ${HOSTILE_KEYS.length} hostile keys, together or one at a time, keep the order of the body, and ` +
      'their pipelines have results',
    issues,
  )
}

const sharedKeys = () =>
  [Object.prototype, Array.prototype, Function.prototype].map((shared) => Reflect.ownKeys(shared).length).join()

/**
 * Checks, with a mock in this process, that no body or query changes a built-in prototype or causes an internal
 * error.
 */
async function checkPrototypes(report: Report) {
  const mock = await startMock({ listen: false })
  const before = sharedKeys()
  const statuses: number[] = []
  for (const { method, path, around } of PLACES)
    for (const [, value] of POLLUTING)
      for (const payload of [value, around(value), around(value).replace('{', '{"__proto__":{"polluted":1},')]) {
        const request = { method: method as 'POST', url: path, payload, headers: JSON_TYPE }
        statuses.push((await mock.inject(request)).statusCode)
      }
  const bodies = statuses.length
  for (const query of ['__proto__[polluted]=1', 'constructor.prototype.polluted=1', '__proto__=eq.1', 'constructor=1'])
    statuses.push((await mock.inject(`/pipelines?project_id=p&${query}`)).statusCode)
  const polluted = (Object.create(Object.prototype) as { polluted?: unknown }).polluted
  await mock.close()
  const queries = statuses.length - bodies
  const title = `${bodies} bodies and ${queries} queries change no built-in prototype, and cause no internal error`
  report.check(`${title}: ${tally(statuses)}`, [
    ...issuesIf(sharedKeys() !== before || polluted !== undefined, 'a built-in prototype has changed'),
    ...issuesIf(
      statuses.some((status) => status >= 500),
      'some responses are internal errors',
    ),
  ])
}

/**
 * Checks the responses to large, gzipped and hostile request bodies. No body may cause an internal error, change the
 * order of elements or change a built-in prototype.
 */
export async function bodies(report: Report, { bigBodies }: Sizes): Promise<void> {
  const mock = await startMockCommand()
  await sendAll(report, mock, 'bodies around the limit', atLimit())
  await sendAll(report, mock, 'invalid, unusual or very large bodies that are sent as gzip', badlyGzipped())
  await sendAll(report, mock, 'bodies with hostile values', hostile(bigBodies ? 1 : 0.01))
  await sendAll(report, mock, 'bodies above the limit of the control API', aboveControlLimit(bigBodies))
  await checkOrder(report, mock)
  await checkPrototypes(report)
  await checkStop(report, mock)
}
