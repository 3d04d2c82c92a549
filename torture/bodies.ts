import { gzipSync } from 'node:zlib'
import { attempt, type RequestOptions, type Seen } from '../test/support/http.js'
import { FIT } from '../test/support/lab.js'
import { inMB, inSeconds, type Report, shown, tally } from '../test/support/report.js'
import { MAX_REQUEST_BYTES } from '../src/api/index.js'
import { startMock } from '../src/index.js'
import { HOSTILE_KEYS, hostileValues, NOT_UTF8, PLACES, POLLUTING } from './hostile-bodies.js'
import { about, expectEqual, formatIssues, issuesIf, parseJson } from './issues.js'
import { type Address, checkStop, healthIssues, startMockCommand } from './mock.js'
import type { Sizes } from './sizes.js'

const JSON_TYPE = { 'content-type': 'application/json' }
const GZIP = { 'content-encoding': 'gzip' }

interface BodyCase extends RequestOptions {
  readonly title: string
  readonly method: string
  readonly path: string
  readonly body: string | Buffer
  /** The statuses that are expected. Default: any below 500. */
  readonly wanted?: readonly number[]
}

function responseIssues({ status, headers, body }: Seen, wanted?: readonly number[]): string[] {
  if (typeof status !== 'number') return [status]
  if (wanted?.includes(status) === false) return [`response ${status}, expected ${wanted.join(' or ')}`]
  return status < 500 ? formatIssues({ status, headers, body }) : [`response ${status}: ${body.slice(0, 200)}`]
}

/** Sends bodies one after another, and checks the health of the mock after each. */
async function sendAll(report: Report, mock: Address, what: string, cases: Iterable<BodyCase>) {
  const began = performance.now()
  const [issues, statuses]: [string[], Seen['status'][]] = [[], []]
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
  const summary = `${tally(statuses)}, the slowest in ${slowest.ms} ms: ${slowest.title} (${inSeconds(began)})`
  report.check(`${statuses.length} ${what}: ${summary}`, issues)
}

/** Lengthens the description in a body. */
const lengthen = (json: string, bytes: number) =>
  json.replace('"description":""', `"description":"${'d'.repeat(bytes - json.length)}"`)

/** Returns bodies at the limit, one byte below and one byte above it, plain and gzipped. */
const atLimit = (): BodyCase[] =>
  [MAX_REQUEST_BYTES - 1, MAX_REQUEST_BYTES, MAX_REQUEST_BYTES + 1].flatMap((size) => {
    const [title, fits] = [`${size} bytes`, size <= MAX_REQUEST_BYTES]
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

/** A creation with these keys of elements, as they are written in JSON. */
const creationWith = (keys: readonly string[]) =>
  `{"project_id":"p","name":"n","elements":{${keys.map((key) => `${key}:{"element_type":"entry","values":{}}`).join(',')}}}`

/** A gzip file of many equal members, which is made quickly however large its contents are. */
function bomb(bytes: number, filler = '\0') {
  const member = gzipSync(Buffer.alloc(2 ** 24, filler))
  return Buffer.concat(Array.from({ length: bytes / 2 ** 24 }, () => member))
}

/** Returns gzip files that are invalid or much larger inside. */
function badlyGzipped(): BodyCase[] {
  const good = gzipSync(creationWith(['"a"']))
  const broken = (at: number) => Buffer.from(good.map((byte, i) => (i === at ? byte ^ 0xff : byte)))
  const files: [title: string, body: string | Buffer, wanted: number[]][] = [
    ['1 MB of 1 GB', bomb(2 ** 30), [413]],
    ['256 MB of spaces', bomb(2 ** 28, ' '), [413]],
    ['64 MB in one member', gzipSync(Buffer.alloc(2 ** 26)), [413]],
    ['a file of 1 GB in a file', gzipSync(bomb(2 ** 30)), [400]],
    ['a file in a file', gzipSync(good), [400]],
    ['a small file of zeros', gzipSync(Buffer.alloc(1000)), [422]],
    ['an empty file', gzipSync(''), [422]],
    ['no file', '', [400, 422]],
    ['plain JSON', creationWith([]), [400]],
    ['a truncated file', good.subarray(0, -5), [400]],
    ['a file that is truncated in its header', good.subarray(0, 5), [400]],
    ['a broken checksum', broken(good.length - 6), [400]],
    ['a broken length', broken(good.length - 2), [400]],
    ['a broken header', broken(2), [400]],
    ['broken contents', broken(30), [400]],
    ['zeros after a file', Buffer.concat([good, Buffer.alloc(100)]), [201, 400]],
    ['noise after a file', Buffer.concat([good, Buffer.from('noise')]), [201, 400]],
    ['two files', Buffer.concat([good, gzipSync('x')]), [422]],
  ]
  return files.map(([title, body, wanted]) => ({
    ...{ title, method: 'POST', path: '/pipelines', body, headers: GZIP, wanted },
  }))
}

/** Yields each hostile value as a body, and in each place of a body. */
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

/** Returns bodies for control above its limit, most of which is only announced. */
function aboveControlLimit(isBig: boolean): BodyCase[] {
  const [method, limit, wanted] = ['POST', 256 * 1024 * 1024, [413]]
  const headers = { 'content-length': limit + 1 }
  const announced = ['/_mock/seed', '/_mock/pipelines', '/_mock/faults'].map((path) => ({
    ...{ title: `an announced length of ${inMB(limit + 1)}`, method, path, body: '', headers, wanted },
  }))
  if (!isBig) return announced
  // With `connection: close`, the client may not see the response before the connection is lost.
  const big = { title: `${inMB(limit + 2 ** 20)} of spaces`, body: Buffer.alloc(limit + 2 ** 20, ' ') }
  return [...announced, { ...big, method, path: '/_mock/seed', headers: { connection: 'keep-alive' }, wanted }]
}

/** Checks that elements are listed in the order of the body, whatever their keys. */
async function keepOrder(report: Report, mock: Address) {
  const url = `${mock.url}/_sandbox/order/pipelines`
  const alone = HOSTILE_KEYS.map((key) => ['"z"', key, '"9"', '"a"'])
  const issues: string[] = []
  for (const keys of [HOSTILE_KEYS, HOSTILE_KEYS.toReversed(), ...alone]) {
    const created = await attempt(url, { method: 'POST', body: creationWith(keys), headers: JSON_TYPE })
    const id = String(parseJson(created.body)?.id)
    const [elements, result] = [await attempt(`${url}/${id}/elements`), await attempt(`${url}/${id}/result`)]
    const names = (parseJson(elements.body) as { name: string }[] | undefined)?.map(({ name }) => name)
    const found = [
      ...expectEqual('the creation', created.status, 201),
      ...expectEqual('the result', result.status, 200),
      ...expectEqual('the names', names, [...new Set(keys.map((key) => String(JSON.parse(key))))]),
    ]
    issues.push(...about(`${keys.slice(0, 6).join()}…`, found))
  }
  issues.push(...(await healthIssues(mock)))
  report.check(`${HOSTILE_KEYS.length} hostile keys of elements, together and alone, are listed in order`, issues)
}

const sharedKeys = () =>
  [Object.prototype, Array.prototype, Function.prototype].map((shared) => Reflect.ownKeys(shared).length).join()

/** Checks in this process that no body or query adds anything to the prototypes of all objects. */
async function polluteNothing(report: Report) {
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
  report.check(`${bodies} bodies in process that could pollute prototypes: ${tally(statuses)}`, [
    ...issuesIf(sharedKeys() !== before || polluted !== undefined, 'a prototype has changed'),
    ...issuesIf(
      statuses.some((status) => status >= 500),
      'there are internal errors',
    ),
  ])
}

/** Every body gets a response that is no internal error, and is never unpacked beyond the limit. */
export async function bodies(report: Report, { bigBodies }: Sizes): Promise<void> {
  const mock = await startMockCommand()
  await sendAll(report, mock, 'bodies around the limit', atLimit())
  await sendAll(report, mock, 'invalid or hostile gzip files', badlyGzipped())
  await sendAll(report, mock, 'bodies with hostile values', hostile(bigBodies ? 1 : 0.01))
  await sendAll(report, mock, 'bodies above the limit of control', aboveControlLimit(bigBodies))
  await keepOrder(report, mock)
  await polluteNothing(report)
  await checkStop(report, mock)
}
