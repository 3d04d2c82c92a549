import { performance } from 'node:perf_hooks'
import { gzipSync } from 'node:zlib'
import { startMock } from '../dist/index.js'
import { MAX_REQUEST_BYTES } from '../dist/api/index.js'
import { Buffer } from './globals.js'
import { FIT, ask, illnesses, startCommand } from './mock.js'
import { misform } from './raw.js'
import { inMB, inSeconds, shown, tally } from './report.js'

const JSON_TYPE = { 'content-type': 'application/json' }
const LIMIT_MS = 5000

/** A good creation that is as long as wanted. */
function creationOf(bytes) {
  const text = JSON.stringify({ project_id: 'p', name: 'n', description: '', elements: {} })
  return text.replace('"description":""', `"description":"${'d'.repeat(bytes - text.length)}"`)
}

function changeOf(bytes) {
  const text = '{"description":""}'
  return text.replace('""', `"${'d'.repeat(bytes - text.length)}"`)
}

/** A creation with these texts for the keys of its elements, as they are written. */
const creationWith = (keys) =>
  `{"project_id":"p","name":"n","elements":{${keys.map((key) => `${key}:{"element_type":"entry","values":{}}`).join(',')}}}`

/** A gzip file of many members, each of so many zeros: it takes no time to make, however large it is unpacked. */
function bomb(bytes, filler = '\0') {
  const member = gzipSync(Buffer.alloc(2 ** 24, filler))
  return Buffer.concat(Array.from({ length: bytes / 2 ** 24 }, () => member))
}

/** Texts that parsers have broken on: each as a body, and as a value in one. */
const valuesOf = (scale) => {
  const [DEEP, K, M] = [100_000, 100_000 * scale, 1_000_000 * scale]
  const nested = (open, close, value = '1') => open.repeat(DEEP) + value + close.repeat(DEEP)
  return [
    ['nested lists', nested('[', ']')],
    ['nested objects', nested('{"a":', '}')],
    ['nested lists and objects', nested('[{"1":', '}]')],
    ['lists that are not closed', '['.repeat(DEEP)],
    ['objects that are not closed', '{"a":'.repeat(DEEP)],
    ['lists that are closed too often', `${'['.repeat(500)}${']'.repeat(DEEP)}`],
    ['lists as deep as can be', `${'['.repeat(890)}1${']'.repeat(890)}`],
    ['lists much deeper', `${'['.repeat(2500)}1${']'.repeat(2500)}`],
    ['lists a little deeper', `${'['.repeat(1100)}1${']'.repeat(1100)}`],
    ['a long list', `[${'0,'.repeat(M)}0]`],
    ['a long list of objects', `[${'{},'.repeat(M / 2)}{}]`],
    ['many keys', `{${Array.from({ length: K }, (_, i) => `"k${i}":${i}`).join(',')}}`],
    ['many keys that are numbers', `{${Array.from({ length: K }, (_, i) => `"${K - i}":${i}`).join(',')}}`],
    ['a long text', `"${'t'.repeat(5 * M)}"`],
    ['a long text of escapes', `"${'\\u0000'.repeat(M / 2)}"`],
    ['a long text of backslashes', `"${'\\\\'.repeat(M)}"`],
    ['a long text that is not closed', `"${'t'.repeat(5 * M)}`],
    ['backslashes that are not closed', `"${'\\'.repeat(M + 1)}`],
    ['many texts that are not closed', '"a" "b" '.repeat(K)],
    ['a long number', '9'.repeat(M)],
    ['a long fraction', `0.${'1'.repeat(M)}`],
    ['a long exponent', `1e${'9'.repeat(K)}`],
    ['an infinite number', '1e999'],
    ['no number', 'NaN'],
    ['minus nothing', '-0'],
    ['half a surrogate pair', '"\\ud800"'],
    ['half a surrogate pair in a key', '{"\\udfff":1}'],
    ['NUL', '"\\u0000"'],
    ['a bare NUL', '"\0"'],
    ['spaces', ' '.repeat(5 * M)],
    ['spaces before', ' '.repeat(5 * M) + '{}'],
    ['line ends', '\n'.repeat(5 * M)],
    ['commas', ','.repeat(M)],
    ['colons', ':'.repeat(M)],
    ['a comment', `/*${'*'.repeat(M)}`],
    ['byte order marks', '\ufeff'.repeat(1000) + '{}'],
    ['__proto__', '{"__proto__":{"polluted":true}}'],
    ['constructor', '{"constructor":{"prototype":{"polluted":true}}}'],
    ['prototype', '{"prototype":null,"toString":null,"hasOwnProperty":1,"valueOf":{},"then":"x"}'],
    ['toJSON', '{"toJSON":{},"length":-1,"then":{}}'],
    ['true', 'true'],
    ['nothing', 'null'],
    ['no UTF-8', Buffer.from('22fffe22', 'hex').toString('latin1')],
  ]
}

/** Where bodies are read, with a good one in which a value stands. */
const PLACES = [
  [
    'POST',
    '/pipelines',
    (value) => `{"project_id":"p","name":"n","elements":{"a":{"element_type":"entry","values":${value}}}}`,
  ],
  [
    'POST',
    '/pipelines',
    (value) => `{"project_id":"p","name":${value},"description":${value},"options":${value},"elements":${value}}`,
  ],
  ['PATCH', `/pipelines/${FIT}`, (value) => `{"name":${value},"description":${value}}`],
  [
    'POST',
    '/_mock/seed',
    (value) => `{"pipelines":[{"name":"n","elements":[{"name":"e","job_config":{"a":${value}}}]}]}`,
  ],
  ['POST', '/_mock/seed', (value) => `{"pipelines":[{"name":${value},"status":${value},"elements":${value}}]}`],
  [
    'POST',
    '/_mock/pipelines',
    (value) => `{"pipelines":[{"name":"n","elements":[{"name":"e","result":{"a":${value}}}]}]}`,
  ],
  ['POST', '/_mock/faults', (value) => `{"operation":"get_pipeline","respond":{"status":503,"body":${value}}}`],
  ['POST', '/_mock/pipelines', (value) => `{"pipelines":[{"name":${value}}]}`],
  [
    'POST',
    '/_mock/faults',
    (value) => `{"operation":${value},"times":${value},"respond":{"status":${value},"headers":${value}}}`,
  ],
  [
    'PATCH',
    `/_mock/pipelines/${FIT}`,
    (value) => `{"element":${value},"status":"failed","error":${value},"result":${value}}`,
  ],
  ['PUT', '/_mock/clock', (value) => `{"mode":"frozen","now":${value}}`],
  ['POST', '/_mock/clock/advance', (value) => `{"by":${value}}`],
  ['POST', '/_mock/reset', (value) => `{"only":${value}}`],
]

/** What is wrong with an answer to a body, whatever was in it. */
function judge({ status, headers, text = '' }) {
  if (typeof status !== 'number') return [String(status)]
  if (status >= 500) return [`${status}: ${text.slice(0, 200)}`]
  return misform({ status, headers, body: text })
}

const statusWithin = (wanted) => (answer) =>
  wanted.includes(answer.status) ? judge(answer) : [`answered ${answer.status}, expected ${wanted.join(' or ')}`]

/** Sends bodies one after another, each in time, and looks at the mock behind each. */
async function sendAll(report, mock, what, cases) {
  const began = performance.now()
  const [faults, statuses] = [[], []]
  let slowest = { ms: 0 }
  for (const [title, method, path, body, headers, judgeOf = judge] of cases) {
    const at = performance.now()
    const answer = await ask(`${mock.url}/_sandbox/bodies${path}`, method, body, { ...JSON_TYPE, ...headers }, LIMIT_MS)
    const ms = performance.now() - at
    if (ms > slowest.ms) slowest = { ms, title }
    const ill = await illnesses(mock)
    faults.push(...[...judgeOf(answer), ...ill].map((fault) => `${title}, ${method} ${path}: ${fault}`))
    statuses.push(answer.status)
    await ask(`${mock.url}/_sandbox/bodies/_mock/reset`, 'POST')
  }
  const told = `the slowest in ${Math.round(slowest.ms)} ms: ${slowest.title}`
  report.check(`${cases.length} times ${what}: ${tally(statuses)}, ${told} (${inSeconds(began)})`, faults)
}

/** Bodies that are just within the limit, and above, plain and packed. */
function atLimits() {
  const sizes = [
    [MAX_REQUEST_BYTES - 1, true],
    [MAX_REQUEST_BYTES, true],
    [MAX_REQUEST_BYTES + 1, false],
  ]
  return sizes.flatMap(([size, fits]) => {
    const packed = { 'content-encoding': 'gzip' }
    const [creation, change] = [creationOf(size), changeOf(size)]
    return [
      [`${size} bytes`, 'POST', '/pipelines', creation, {}, statusWithin([fits ? 201 : 413])],
      [`${size} bytes`, 'PATCH', `/pipelines/${FIT}`, change, {}, statusWithin([fits ? 200 : 413])],
      [
        `${size} bytes, packed`,
        'POST',
        '/pipelines',
        gzipSync(creation, { level: 1 }),
        packed,
        statusWithin([fits ? 201 : 413]),
      ],
      [
        `${size} bytes, packed`,
        'PATCH',
        `/pipelines/${FIT}`,
        gzipSync(change, { level: 1 }),
        packed,
        statusWithin([fits ? 200 : 413]),
      ],
    ]
  })
}

/** What is packed badly, or too well. */
function packedBadly() {
  const good = gzipSync(creationWith(['"a"']))
  const broken = (at) => good.map((byte, i) => (i === at ? byte ^ 0xff : byte))
  const files = [
    ['1 MB that unpacks to 1 GB', bomb(2 ** 30), [413]],
    ['a bomb of spaces', bomb(2 ** 28, ' '), [413]],
    ['a bomb in one piece', gzipSync(Buffer.alloc(2 ** 26)), [413]],
    ['a bomb in a file', gzipSync(bomb(2 ** 30)), [400]],
    ['a file in a file', gzipSync(good), [400]],
    ['a small file of zeros', gzipSync(Buffer.alloc(1000)), [422]],
    ['nothing, packed', gzipSync(''), [422]],
    ['nothing, not packed', '', [400, 422]],
    ['what is not packed', creationWith([]), [400]],
    ['a file that is cut off', good.subarray(0, -5), [400]],
    ['a file that is cut off in its head', good.subarray(0, 5), [400]],
    ['a file with a broken sum', broken(good.length - 6), [400]],
    ['a file with a broken length', broken(good.length - 2), [400]],
    ['a file with a broken head', broken(2), [400]],
    ['a file with a broken middle', broken(30), [400]],
    ['a file with zeros behind', Buffer.concat([good, Buffer.alloc(100)]), [201, 400]],
    ['a file with noise behind', Buffer.concat([good, Buffer.from('noise')]), [201, 400]],
    ['two files', Buffer.concat([good, gzipSync('x')]), [422]],
  ]
  return files.map(([title, body, wanted]) => [
    ...[title, 'POST', '/pipelines', body, { 'content-encoding': 'gzip' }, statusWithin(wanted)],
  ])
}

/** Each hostile value in each place, and as the whole body. */
const hostile = (scale) =>
  PLACES.flatMap(([method, path, around]) =>
    valuesOf(scale).flatMap(([title, value]) => {
      const bytes = title === 'no UTF-8' ? 'latin1' : 'utf8'
      return [
        [`${title} in ${shown(around('…'), 80)}`, method, path, Buffer.from(around(value), bytes)],
        [`${title} as a body`, method, path, Buffer.from(value, bytes)],
      ]
    }),
  )

/** Bodies for control that are above its limit by their length, which is told before they come. */
async function aboveControl(report, mock, isBig) {
  const limit = 256 * 1024 * 1024
  const wanted = statusWithin([413])
  const said = { 'content-length': limit + 1 }
  const cases = ['/_mock/seed', '/_mock/pipelines', '/_mock/faults'].map((path) => [
    ...[`${inMB(limit + 1)} that are only said`, 'POST', path, '', said, () => []],
  ])
  if (isBig)
    cases.push([
      `${inMB(limit + 2 ** 20)} of spaces`,
      'POST',
      '/_mock/seed',
      Buffer.alloc(limit + 2 ** 20, ' '),
      {},
      wanted,
    ])
  await sendAll(report, mock, 'a body for control above its limit', cases)
}

const HOSTILE_KEYS = [
  ...[
    '"__proto__"',
    '"constructor"',
    '"prototype"',
    '"toString"',
    '"hasOwnProperty"',
    '""',
    '"2"',
    '"1"',
    '"01"',
    '"-1"',
  ],
  ...[
    '"4294967295"',
    '"4294967294"',
    '"9007199254740993"',
    '"\\ud800"',
    '"\\udfff"',
    '"\\u0000"',
    '"a\\u0000b"',
    '"é"',
    '"é"',
  ],
  ...[
    '"valueOf"',
    '"then"',
    '"toJSON"',
    '"length"',
    '"elements"',
    '"a/b"',
    '"%2f"',
    '" "',
    '"\\n"',
    '"0"',
    '"🔋"',
    '"1.5"',
  ],
  ...['"\\u0033"', '"__defineGetter__"', '"__lookupSetter__"', '"arguments"', '"\\""', '"\\\\"', '"\'"', '"${x}"'],
]

/** A pipeline whose elements have names that objects trip over lists them in the order of the text. */
async function keepOrder(report, mock) {
  const url = `${mock.url}/_sandbox/order`
  const faults = []
  for (const keys of [
    HOSTILE_KEYS,
    [...HOSTILE_KEYS].reverse(),
    ...HOSTILE_KEYS.map((key) => ['"z"', key, '"9"', '"a"']),
  ]) {
    const created = await ask(`${url}/pipelines`, 'POST', creationWith(keys), JSON_TYPE)
    const names = [...new Set(keys.map((key) => JSON.parse(key)))]
    const listed = created.status === 201 ? await ask(`${url}/pipelines/${created.json.id}/elements`) : undefined
    const found = listed?.json?.map?.(({ name }) => name)
    if (JSON.stringify(found) !== JSON.stringify(names))
      faults.push(
        `${keys.slice(0, 6)}…: ${created.status}, then ${JSON.stringify(found ?? created.text)?.slice(0, 400)}`,
      )
    else {
      const result = await ask(`${url}/pipelines/${created.json.id}/result`)
      if (result.status !== 200) faults.push(`the result of ${keys}: ${result.status} ${result.text}`)
    }
  }
  report.check(`${HOSTILE_KEYS.length} hostile names of elements, together and each: listed in the order of the text`, [
    ...faults,
    ...(await illnesses(mock)),
  ])
}

/** In our own process, where we can look: nothing is added to what all objects have. */
async function polluteNothing(report) {
  const mock = await startMock({ listen: false })
  const named = () =>
    [Object.prototype, Array.prototype, Function.prototype].map((one) => Reflect.ownKeys(one).length).join()
  const before = named()
  let sent = 0
  const statuses = []
  for (const [method, url, around] of PLACES)
    for (const value of ['__proto__', 'constructor', 'prototype', 'toJSON'].map(
      (key) => valuesOf(0.01).find(([one]) => one === key)[1],
    ))
      for (const payload of [value, around(value), around(value).replace('{', '{"__proto__":{"polluted":1},')]) {
        const answer = await mock.inject({ method, url, payload, headers: JSON_TYPE })
        statuses.push(answer.statusCode)
        sent++
      }
  for (const query of ['__proto__[polluted]=1', 'constructor.prototype.polluted=1', '__proto__=eq.1', 'constructor=1'])
    statuses.push((await mock.inject({ url: `/pipelines?project_id=p&${query}` })).statusCode)
  const faults = [
    ...(named() === before && {}.polluted === undefined ? [] : ['Object.prototype has changed']),
    ...(statuses.some((status) => status >= 500) ? ['there were defects'] : []),
  ]
  await mock.close()
  report.check(`${sent} bodies in process that would pollute: ${tally(statuses)}`, faults)
}

/** Whatever is in a body: it is answered in time, without a defect, and never more is unpacked than is allowed. */
export async function bodies(report, { bigBodies }) {
  const mock = await startCommand()
  await sendAll(report, mock, 'a body at its limit', atLimits())
  await sendAll(report, mock, 'a body that is packed badly', packedBadly())
  await sendAll(report, mock, 'a hostile value', hostile(bigBodies ? 1 : 0.01))
  await aboveControl(report, mock, bigBodies)
  await keepOrder(report, mock)
  await polluteNothing(report)
  const code = await mock.stop()
  report.check(`it stops with ${code}`, code === 0 ? [] : [mock.said()])
}
