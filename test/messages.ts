import { once } from 'node:events'
import { truncateSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { readArguments } from '../src/cli/arguments.js'
import { ERROR_CODES, type ErrorCode } from '../src/contract/codes.js'
import { parseJson } from '../src/diagnostics/json.js'
import { documentOf } from '../src/diagnostics/source.js'
import { parseYaml } from '../src/diagnostics/yaml.js'
import { loadDocuments } from '../src/fixtures/load.js'
import { connect, type Fixture, type Issue, type MockOptions, startMock } from '../src/index.js'
import { OPTION_NAMES, OPTIONS } from '../src/options/options.js'
import { buildServer } from '../src/server.js'
import { Sandboxes } from '../src/state/sandboxes.js'
import { makeStatesTooLarge } from './support/control.js'
import { sharedState } from './support/sandbox.js'
import { asker, NOW } from './support/serve.js'

// This file compares messages of every error code with a snapshot. Most other tests check only codes and positions,
// not the wording of messages.
// To update the snapshot after a change of wording:
// npx tsc -b && npx tap --disable-coverage --snapshot build/test/messages.js

type Message = Pick<Issue, 'code' | 'message'>

/** The messages that the tests of this file have collected so far. */
const collected: Message[] = []

/** Calls a function that must throw or reject, and returns the error. */
async function errorOf(run: () => unknown): Promise<Message & { issues?: Message[] }> {
  try {
    await run()
  } catch (error) {
    return error as Message
  }
  throw new Error(`expected an error from ${String(run)}`)
}

const collectErrors = async (...runs: (() => unknown)[]) => {
  for (const run of runs) collected.push(await errorOf(run))
}
const collectIssues = async (...runs: (() => unknown)[]) => {
  for (const run of runs) collected.push(...((await errorOf(run)).issues ?? []))
}

const JSON_TEXTS = [
  '{"a": x}',
  '{1: 2}',
  '{"a": }',
  '{"a" 1}',
  '[1 2]',
  '{"a": 1',
  '[1',
  '{} {}',
  '{} // comment',
  '["a',
  '[1.]',
  '["\\u12"]',
  '["\\x"]',
  '["\t"]',
  '['.repeat(50_000),
  '{"a": 1, "a": 2}',
]

const YAML_TEXTS = [
  'a: "\\q"',
  'a:\n    b: 1\n  c: 2',
  'a: @x',
  'a: b: c',
  'a: "x',
  '? [a]\n: 1',
  'a:\n\tb: 1',
  'a: !secret x',
  'a: &a &b []',
  'a: { <<: 5 }',
  '- '.repeat(5000),
  'a: 1\n---\nb: 2',
  'a: *nowhere',
  `a: &a [${'x, '.repeat(200)}]\nb: &b [${'*a, '.repeat(200)}]\nc: [${'*b, '.repeat(200)}]`,
]

t.test('a syntax error of JSON or YAML has a message', async () => {
  for (const { issues } of [...JSON_TEXTS.map(parseJson), ...YAML_TEXTS.map(parseYaml)]) collected.push(...issues)
})

const trace = (x: number[], y: number[]) => ({ name: 'model', x, y })

const circle: Record<string, unknown> = {}
circle.again = circle
const nested = Array.from({ length: 2000 }).reduce((inner) => [inner], 1)

const withElements = (...elements: object[]) => ({ name: 'a', elements })

const BROKEN_PIPELINES: unknown[] = [
  {},
  5,
  { name: 5, id: '', status: 'runing', error_code: 'OTHER', options: null, user_id: [], description: {} },
  { name: 'a', stauts: 'running', whatever_this_is: 1 },
  { name: 'a', created_at: 'soon', elements: 'none', options: { live_progress_updates: 'x'.repeat(100) } },
  { name: 'a', mock: { takes: '-5s', cancel_in: 5 } },
  withElements({ name: 'e', element_order: 0, result: true, error: 1, job_config: [] }),
  withElements({ name: 'e' }, { name: 'e' }),
  withElements({ name: 'e', element_order: 2 }, { name: 'f' }),
  withElements({ name: 'e', mock: { series: { '1C': { optimal: { t: [0, 1], V: [4] }, fitted: {} } } } }),
  withElements({ name: 'e', mock: { plots: { '1C': [{ traces: [trace([0], [1, 2])] }, { traces: [] }, 5] } } }),
  withElements({ name: 'e', mock: { plots: [], series: { '1C': { optimal: { t: 5, V: ['x'] } } }, metadata: [] } }),
  withElements(...['e', 'f'].map((name) => ({ name, job_id: 'job', element_type: 'Data Fit' }))),
  withElements({ name: 'e', job_config: { x: Number.NaN, y: new Date(0), z: circle, deep: nested } }),
]

const CONTRADICTORY_PIPELINES: Fixture['pipelines'] = [
  { name: 'a', created_at: 'PT1H', updated_at: '-PT1H' },
  { name: 'a', status: 'running', error: 'why' },
  { name: 'a', status: 'completed', elements: [{ name: 'e', status: 'failed' }] },
  { name: 'a', status: 'running', elements: ['e', 'f'].map((name) => ({ name, status: 'running' })) },
  { name: 'a', status: 'running', elements: [{ name: 'e', status: 'completed' }] },
  { name: 'a', elements: [{ name: 'e', mock: { error: 'why' } }] },
  { name: 'a', elements: [{ name: 'e', mock: { ends_as: 'failed', result: {} } }] },
  { name: 'a', is_failed: true, elements: [{ name: 'e', pipeline_id: 'p' }] },
]

const ofPipelines = (...pipelines: unknown[]) => documentOf({ pipelines })

t.test('an invalid fixture has a message', async () => {
  const one = { name: 'a', id: 'one', elements: [{ name: 'e', id: 'two' }] }
  const files = ['a.json', 'b.json'].map((file) => ({ ...parseJson(JSON.stringify({ pipelines: [one] })), file }))
  const sources = [
    ...[null, {}, { pipelines: [], pipes: [] }].map((value) => [documentOf(value)]),
    ...BROKEN_PIPELINES.map((pipeline) => [ofPipelines(pipeline)]),
    [ofPipelines(...Array.from({ length: 2000 }))],
    [ofPipelines(one), ofPipelines(one)],
    files,
  ]
  await collectIssues(...sources.map((documents) => () => loadDocuments(documents, NOW)))
  collected.push(...loadDocuments([ofPipelines(...CONTRADICTORY_PIPELINES)], NOW).warnings)
  collected.push(...loadDocuments([documentOf({ pipelines: [], count: 1 })], NOW).warnings)
  const seed = (fixture: unknown) => startMock({ fixtures: fixture as Fixture, listen: false })
  await collectIssues(() => seed({ pipelines: [withElements({ name: 'e', job_config: { run: () => 1 } })] }))
  const settings = ['real', 'frozen'].map((clock) => ({ mock: { clock }, pipelines: [] }))
  await collectIssues(() => startMock({ fixtures: settings, listen: false }))
  await collectErrors(
    () => seed({}),
    () => seed({ pipelines: [{}, { name: 5 }] }),
  )
})

t.test('an unreadable fixture file has a message', async (t) => {
  const folder = t.testdir({
    'a.txt': '',
    'empty.yaml': ' ',
    'large.json': '',
    'large.yaml': '',
    'latin1.yaml': Buffer.from([0xe4]),
  })
  truncateSync(`${folder}/large.json`, 2 ** 28 + 1)
  truncateSync(`${folder}/large.yaml`, 2 ** 21 + 1)
  for (const name of ['nowhere.yaml', 'a.txt', 'a.txt/b.yaml', 'large.json', 'large.yaml', 'empty.yaml', 'latin1.yaml'])
    await collectIssues(() => startMock({ fixtures: `${folder}/${name}`, listen: false }))
})

const LIBRARY_OPTIONS = OPTION_NAMES.filter((name) => !OPTIONS[name].commandOnly)

const WRONG_OPTIONS: unknown[] = [
  Object.fromEntries([...LIBRARY_OPTIONS, 'logger', 'listen', 'stirct', 'whatever'].map((name) => [name, {}])),
  { fixtures: 5 },
  { clock: () => 'noon' },
  'frozen',
]

const COMMANDS = ['--port x --prot=1 -x --log-level inf', '--port', 'strat', 'serve', 'start a', 'validate --port 1']

t.test('an invalid option has a message', async () => {
  await collectIssues(
    ...WRONG_OPTIONS.map((options) => () => startMock(options as MockOptions)),
    ...COMMANDS.map((args) => () => readArguments(args.split(' '), { IONWORKS_MOCK_GRACE: '5' })),
  )
  await collectErrors(() => startMock({ port: -1, strict: 1 as never }))
})

const start = async (t: Test, options: MockOptions = {}) => {
  const mock = await startMock({ fixtures: LAB, clock: `frozen@${NOW}`, ...options })
  t.teardown(() => mock.close())
  return mock
}

const LAB: Fixture = {
  pipelines: [
    { id: 'fit', name: 'fit', status: 'running', elements: [{ name: 'known', status: 'completed' }, { name: 'fit' }] },
    { id: 'empty', name: 'empty', status: 'completed' },
  ],
}

/** HTTP calls that the control API rejects. */
const CALLS: [call: string, body?: object | string, headers?: Record<string, string>][] = [
  ['POST /_mock/reset', '{'],
  ['PATCH /_mock/pipelines/fit', { element: null, status: 'cancelled', result: [] }],
  ['PUT /_mock/clock', { mode: 'stopped', now: 'noon' }],
  ['POST /_mock/clock/advance', { by: -5 }],
  ['POST /_mock/reset', { only: 'data' }],
  ['GET /_mock/requests?operation=cancel&status=99&since=noon'],
  ['POST /_mock/faults', { times: 0, after: -1, hang: false, hold: true, respond: { status: 99, headers: [] } }],
  ['PUT /_mock/snapshots/%20'],
  ['POST /_mock/seed', { pipelines: [{}] }],
  ['GET /_sandbox/a%20b/_mock/clock'],
  ['GET /_mock/clock', '', { host: 'mock.example' }],
  ['GET /_mock/clock', '', { 'sec-fetch-site': 'cross-site' }],
  ['GET /_mock/clock', '', { origin: 'http://page.example' }],
  ['GET /_mock/nowhere'],
  ['DELETE /_mock/clock'],
  ['GET /_mock/pipelines/nobody'],
  ['PATCH /_mock/pipelines/fit', { element: 3, status: 'failed' }],
  ['PATCH /_mock/pipelines/empty', { element: 'known', status: 'failed' }],
  ['POST /_mock/snapshots/before/restore'],
  ['DELETE /_mock/faults/fault-3'],
  ['DELETE /_sandbox/other/_mock/faults/fault-3'],
  ['DELETE /_mock/sandboxes/nobody'],
  ['POST /_mock/pipelines', { pipelines: [{ id: 'fit', name: 'a' }] }],
  ['POST /_mock/reset', '', { 'content-length': '300000000' }],
  ['PATCH /_mock/pipelines/fit', { status: 'skipped' }],
  ['PATCH /_mock/pipelines/fit', { result: {} }],
  ['POST /_sandbox/late/_mock/clock/advance', { by: '48h' }],
  ['GET /_mock/requests/wait?timeout=6m'],
  ['POST /_mock/faults', { hang: true, delay: '1s' }],
  ['POST /_mock/faults', { respond: { status: 200 } }],
  ['POST /_mock/faults', { respond: { status: 503, headers: { 'Content-Length': '5' } } }],
  ['POST /_mock/faults', { respond: { status: 503, headers: { 'a b': 'c' } } }],
  ['POST /_mock/faults', { respond: { status: 503, headers: { a: '\n' } } }],
  ['POST /_mock/faults/fault-1/release'],
  ['POST /_mock/faults/fault-2/release'],
  ['DELETE /_mock/sandboxes/default'],
]

t.test('a call rejected over HTTP has a message', async (t) => {
  let time = NOW
  const mock = await start(t, { clock: () => new Date(time) })
  const ask = await asker(mock.url)
  await mock.faults.add({ hang: true })
  await mock.faults.add({ hold: 'before' })
  await mock.sandbox('late').clock.freeze('9999-12-31T00:00:00Z')
  const collect = ({ json }: { json: () => { code: ErrorCode; detail: string; errors?: Message[] } }) => {
    const { code, detail, errors = [] } = json()
    collected.push({ code, message: detail }, ...errors)
  }
  for (const [call, body = '', headers = {}] of CALLS) {
    const [method, path] = call.split(' ') as [string, string]
    collect(await ask(method, path, { headers, body: typeof body === 'string' ? body : JSON.stringify(body) }))
  }
  const simulate = { error: true, close: false, end: true, split: false }
  const shared = await sharedState(LAB, NOW)
  const context = { sandboxes: new Sandboxes(shared, 1, () => undefined), memory: shared.memory, version: '0' }
  const app = await buildServer({
    ...{ strict: false, unknownPipeline: 422, requireKey: false, logger: undefined, context },
    ...{ bodyLimit: 1024, elementLimit: 1 },
    guard: { allowedHosts: [], token: '' },
  })
  collect(await app.inject({ method: 'POST', url: '/_mock/reset', payload: '{}', simulate }))
  makeStatesTooLarge(t)
  collect(await ask('GET', '/_mock/state'))
  time = 'no time'
  collect(await ask('GET', '/_mock/clock'))
})

t.test('a call rejected in process has a message', async (t) => {
  const mock = await start(t, { listen: false, memoryLimit: '16MiB' })
  const full = mock.sandbox('full')
  for (let i = 0; i < 1000; i++) await full.faults.add({ hang: true })
  for (let i = 0; i < 100; i++) await full.snapshot(`${i}`)
  await full.pipelines.add({ plans: Array.from({ length: 1000 }, () => ({})), pipelines: [] })
  await collectErrors(
    () => mock.pipelines.set('fit', { element: 1, status: 'cancelled' as never, result: 5 as never }),
    () => mock.faults.add({ respond: { status: 503, body: 1n } }),
    () => mock.sandbox('a b'),
    () => full.faults.add({ hang: true }),
    () => full.snapshot('another'),
    () => full.plans.add({}),
    () => mock.plans.add({ result: { text: 'x'.repeat(20_000_000) } }),
    () => mock.pipelines.add({ mock: { clock: 'real' }, pipelines: [] }),
  )
})

t.test('an error of the remote client has a message', async (t) => {
  const [mock, withoutControl, closed] = [
    await start(t, { controlToken: 'x' }),
    await start(t, { control: false }),
    await start(t),
  ]
  await closed.close()
  const other = createServer(({ url = '' }, response) =>
    response.writeHead(url.startsWith('/fails') ? 502 : 200).end(url.startsWith('/json') ? '{}' : 'hello'),
  )
  await once(other.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => other.close())
  const site = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
  await collectErrors(
    () => connect('mock.example:4669'),
    () => connect(mock.url, { token: 'no token \u{1f511}' }),
    () => connect(mock.url, { token: 'wrong' }),
    () => connect(withoutControl.url),
    () => connect(closed.url),
    ...['/json', '/text', '/fails'].map((path) => () => connect(`${site}${path}`)),
  )
})

t.test('an unmet expectation has a message', async (t) => {
  const mock = await start(t)
  const post = (path: string) => fetch(`${mock.url}${path}`, { method: 'POST' })
  await collectErrors(
    () => mock.requests.waitFor({}, { timeout: '1ms' }),
    () => mock.expectCanceled('fit'),
    () => mock.expectCanceled('empty'),
    () => mock.verify({}),
  )
  await mock.faults.add({ operation: 'cancel_pipeline', pipeline_id: 'fit', times: 2, disconnect: 'after' })
  await mock.faults.add({ delay: '1ms', operation: 'get_pipeline', times: null })
  await post('/pipelines/nobody/cancel')
  await post('/pipelines/fit/cancel').catch(() => undefined)
  await collectErrors(
    () => mock.requests.waitFor({ operation: 'cancel_pipeline', status: 200 }, { timeout: '1ms' }),
    () => mock.verify({ operation: 'cancel_pipeline', times: 1, pipeline_id: 'empty' }),
    () => mock.faults.assertConsumed(),
  )
  for (let i = 0; i < 20; i++) await post('/pipelines/nobody/cancel')
  await collectErrors(() => mock.verify({ times: 2 }))
})

t.test('a wait that can no longer succeed has a message', async (t) => {
  const mock = await start(t, { listen: false })
  const ended = collectErrors(() => mock.sandbox('a').requests.waitFor())
  await mock.sandboxes.drop('a')
  await ended
  await mock.close()
  await collectErrors(() => mock.requests.waitFor())
})

t.test('every error code has at least one message, and all messages equal the snapshot', async (t) => {
  const codes = Object.keys(ERROR_CODES)
  t.strictSame([...new Set<string>(collected.map(({ code }) => code))].sort(), codes.toSorted())
  const messagesOf = (code: string) => new Set(collected.flatMap((one) => (one.code === code ? [one.message] : [])))
  const lines = codes.flatMap((code) => [...messagesOf(code)].map((message) => `${code}: ${message}`))
  const text = lines.map((line) => line.replaceAll('\n', '\n    ')).join('\n')
  // Keeps only the first of several equal lines in a row.
  const shown = text.replace(/^(.*\n)\1+/gm, '$1').replaceAll(process.cwd(), '<cwd>')
  t.matchSnapshot(shown.replace(/:\d{5}\b/g, ':<port>'), 'messages')
})
