import { runInNewContext } from 'node:vm'
import t, { type Test } from 'tap'
import { ControlError, type Issue, type MockOptions } from '../../src/index.js'
import { NOW, serve } from '../fixtures/serve.js'

const fixtures = {
  pipelines: [{ id: 'p', name: 'p', elements: [{ name: 'a', mock: { takes: '30s' } }, { name: 'b' }] }],
}

/** A mock on a machine whose time the test tells. */
async function begin(t: Test, options: MockOptions = {}) {
  let time = Date.parse(NOW)
  const { mock, ask } = await serve(t, { fixtures, clock: () => new Date(time), ...options })
  const status = async () => (await ask('GET', '/pipelines/p/elements')).json()[0].status
  return { mock, ask, status, pass: (ms: number) => void (time += ms) }
}

t.test('the clock tells the real time, until it is frozen, advanced or resumed', async (t) => {
  const { mock, pass } = await begin(t)
  const now = () => mock.clock.now()
  t.equal(await now(), '2026-10-01T12:00:00Z')
  pass(1500)
  t.equal(await now(), '2026-10-01T12:00:01.500000Z')
  await mock.clock.freeze()
  pass(1500)
  t.equal(await now(), '2026-10-01T12:00:01.500000Z')
  await mock.clock.advance('PT30S')
  t.equal(await now(), '2026-10-01T12:00:31.500000Z')
  await mock.clock.resume()
  pass(500)
  t.equal(await now(), '2026-10-01T12:00:32Z')
  await mock.clock.advance('1m')
  pass(1000)
  t.equal(await now(), '2026-10-01T12:01:33Z')
  await mock.clock.freeze('2027-01-01T01:00:00.123456+01:00')
  t.equal(await now(), '2027-01-01T00:00:00.123456Z')
  await mock.clock.advance('1ms')
  t.equal(await now(), '2027-01-01T00:00:00.124456Z')
  await mock.clock.freeze(new Date('2028-01-01T00:00:00Z'))
  t.equal(await now(), '2028-01-01T00:00:00Z')
  await mock.clock.resume()
  await mock.clock.resume()
  pass(1)
  t.equal(await now(), '2028-01-01T00:00:00.001000Z')
  await mock.reset()
  t.equal(await now(), '2026-10-01T12:00:04.501000Z', 'reset goes back to the real time')
})

t.test('a clock that is frozen from the start stays so, for everyone', async (t) => {
  const { mock } = await begin(t, { clock: 'frozen@2026-09-14T10:00:00+02:00' })
  t.equal(await mock.clock.now(), '2026-09-14T08:00:00Z')
  await mock.clock.advance('1h')
  await mock.reset()
  t.equal(await mock.clock.now(), '2026-09-14T08:00:00Z')

  const { mock: frozen } = await begin(t, { clock: 'frozen' })
  const start = await frozen.clock.now()
  await frozen.clock.advance('1h')
  await frozen.reset()
  t.equal(await frozen.clock.now(), start)
})

t.test('what is to come follows the clock, whichever way it moves', async (t) => {
  const { mock, status, pass } = await begin(t)
  pass(29_999)
  t.equal(await status(), 'running')
  await mock.clock.freeze('2020-01-01T00:00:00Z')
  t.equal(await status(), 'running')
  await mock.clock.advance('1ms')
  t.equal(await status(), 'completed')
  await mock.clock.freeze('2019-01-01T00:00:00Z')
  t.equal(await status(), 'completed', 'what has been stays')

  await mock.reset()
  t.equal(await status(), 'running')
  await mock.clock.freeze('2030-01-01T00:00:00Z')
  t.equal(await status(), 'completed')

  await mock.reset()
  const statuses = async () => (await mock.pipelines.elements('p')).map(({ status }) => status)
  for (const before of ['10s', '40s']) {
    await mock.reset()
    await mock.clock.advance(before)
    await mock.clock.freeze('0000-01-01T00:00:00Z')
    await mock.clock.advance('30s')
    t.strictSame(await statuses(), ['completed', 'running'], 'even at the end of all times')
  }
  await mock.clock.freeze('9999-12-31T23:59:59Z')
  await mock.clock.resume()
  pass(2000)
  t.equal(await mock.clock.now(), '9999-12-31T23:59:59Z')
})

t.test('time that runs backwards by itself stands still', async (t) => {
  const { mock, status, pass } = await begin(t)
  pass(30_000)
  t.equal(await status(), 'completed')
  pass(-60_000)
  t.equal(await status(), 'completed')
  t.equal(await mock.clock.now(), '2026-10-01T12:00:30Z')
})

t.test('created pipelines take the time that --progress says, from their creation', async (t) => {
  const { mock, ask, pass } = await begin(t, { progress: 'after=5s' })
  pass(60_000)
  const body = { project_id: 'q', elements: { a: { element_type: 'entry' }, b: { element_type: 'entry' } } }
  const sent = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const { id, status } = (await ask('POST', '/pipelines', sent)).json()
  const statuses = async () => {
    const [pipeline, elements] = [await mock.pipelines.get(id), await mock.pipelines.elements(id)]
    return [pipeline, ...elements].map(({ status }) => status)
  }
  t.equal(status, 'pending', 'it waits in the answer')
  t.strictSame(await statuses(), ['running', 'running', 'pending'])
  pass(5000)
  t.strictSame(await statuses(), ['running', 'completed', 'running'])
  await mock.clock.freeze('2020-01-01T00:00:00Z')
  await mock.clock.advance('4999ms')
  t.strictSame(await statuses(), ['running', 'completed', 'running'])
  await mock.clock.advance('1ms')
  t.strictSame(await statuses(), ['completed', 'completed', 'completed'])
})

t.test('over HTTP the clock is read, set and advanced', async (t) => {
  const { ask, pass } = await begin(t)
  const send = async (method: string, path: string, body: object) => {
    const answer = await ask(method, `/_mock/clock${path}`, { body: JSON.stringify(body) })
    t.strictSame([answer.status, answer.headers['content-type']], [200, 'application/json'])
    return answer.json()
  }
  t.strictSame((await ask('GET', '/_mock/clock')).json(), { mode: 'real', now: '2026-10-01T12:00:00Z' })
  const frozen = { mode: 'frozen', now: '2026-10-01T12:00:00Z' }
  t.strictSame(await send('PUT', '', { mode: 'frozen' }), frozen)
  t.strictSame(await send('PUT', '', frozen), frozen, 'what was read can be put')
  t.strictSame(await send('POST', '/advance', { by: 'PT30S' }), { mode: 'frozen', now: '2026-10-01T12:00:30Z' })
  t.strictSame(await send('PUT', '', { mode: 'offset' }), { mode: 'offset', now: '2026-10-01T12:00:30Z' })
  pass(1000)
  t.strictSame(await send('POST', '/advance', { by: '1s' }), { mode: 'offset', now: '2026-10-01T12:00:32Z' })
  t.strictSame(await send('PUT', '', { mode: 'real' }), { mode: 'real', now: '2026-10-01T12:00:01Z' })
})

t.test('a wrong call is a problem document with every issue and its place, and changes nothing', async (t) => {
  const { mock, ask } = await begin(t)
  const ADVANCE = ['POST', '/advance'] as const
  const table: [method: string, path: string, body: string, issues?: Omit<Issue, 'message'>[]][] = [
    [...ADVANCE, '', [{ code: 'missing_key', path: [], position: { line: 1, column: 1 } }]],
    [...ADVANCE, '{"by":30}', [{ code: 'invalid_value', path: ['by'], position: { line: 1, column: 7 } }]],
    [...ADVANCE, '{"by":"-PT30S"}', [{ code: 'invalid_value', path: ['by'], position: { line: 1, column: 7 } }]],
    [...ADVANCE, '{"by":"0.0000001s"}', [{ code: 'invalid_value', path: ['by'], position: { line: 1, column: 7 } }]],
    [...ADVANCE, '{"by":"1s","for":1}', [{ code: 'unknown_key', path: ['for'], position: { line: 1, column: 12 } }]],
    [...ADVANCE, '[]', [{ code: 'invalid_value', path: [], position: { line: 1, column: 1 } }]],
    [...ADVANCE, '{"by":', [{ code: 'invalid_json', position: { line: 1, column: 7 } }]],
    [...ADVANCE, `{"by":"${249 * 365 * 24}h"}`],
    [...ADVANCE, '{"by":"P90000D"}'],
    [
      'PUT',
      '',
      '{"mode":"freezing","now":"tomorrow"}',
      [
        { code: 'invalid_value', path: ['mode'], position: { line: 1, column: 9 } },
        { code: 'invalid_value', path: ['now'], position: { line: 1, column: 26 } },
      ],
    ],
  ]
  for (const [method, path, body, issues] of table) {
    await mock.reset()
    const answer = await ask(method, `/_mock/clock${path}`, { body })
    t.equal(answer.status, issues ? 400 : 200, body)
    if (!issues) continue
    t.equal(answer.headers['content-type'], 'application/problem+json')
    const { errors, ...problem } = answer.json()
    t.match(problem, { title: 'Bad Request', status: 400, code: 'invalid_request', detail: String })
    t.strictSame(
      errors.map(({ message: _, ...rest }: Issue) => rest),
      issues,
      body,
    )
    t.equal(await mock.clock.now(), NOW)
  }
  const far = await ask('PUT', '/_mock/clock', { body: '{"mode":"frozen","now":"9999-12-31T00:00:00Z"}' })
  t.equal(far.status, 200)
  const { status, json } = await ask('POST', '/_mock/clock/advance', { body: '{"by":"48h"}' })
  t.match([status, json()], [422, { status: 422, code: 'time_out_of_range' }])

  const refused = (key: string) => ({
    status: 400,
    code: 'invalid_request',
    issues: { length: 1, 0: { code: 'invalid_value', path: { length: 1, 0: key } } },
  })
  const rejected = mock.clock.advance('half an hour')
  await t.rejects(rejected, ControlError)
  await t.rejects(rejected, refused('by'))
  await t.rejects(mock.clock.freeze(new Date(Number.NaN)), refused('now'))
  await mock.clock.freeze(runInNewContext('new Date(0)') as Date)
  t.equal(await mock.clock.now(), '1970-01-01T00:00:00Z', 'a date of another realm is one too')
  await t.rejects(mock.clock.freeze('2026-10-01'), refused('now'))
})

t.test('a body above the limit, and a defect of the mock, are problem documents too', async (t) => {
  let time = NOW
  const { ask } = await serve(t, { fixtures, clock: () => new Date(time) })
  const large = await ask('PUT', '/_mock/clock', {
    headers: { 'content-length': '300000000', connection: 'keep-alive' },
  })
  t.match(large.json(), { title: 'Payload Too Large', status: 413, code: 'body_too_large', detail: String })
  t.equal(large.headers.connection, 'keep-alive', 'what is still sent is let pass')
  const last = await ask('PUT', '/_mock/clock', { headers: { 'content-length': '300000000', connection: 'close' } })
  t.strictSame([last.status, last.headers.connection], [413, 'close'])
  time = 'no time'
  const { status, json } = await ask('GET', '/_mock/clock')
  t.equal(status, 500)
  t.match(json(), { title: 'Internal Server Error', status: 500, code: 'internal_error', detail: String })
})
