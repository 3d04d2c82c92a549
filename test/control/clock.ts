import { runInNewContext } from 'node:vm'
import t, { type Test } from 'tap'
import { ControlError, type Issue, type MockOptions } from '../../src/index.js'
import { NOW, serve } from '../support/serve.js'

const fixtures = {
  pipelines: [{ id: 'p', name: 'p', elements: [{ name: 'a', mock: { takes: '30s' } }, { name: 'b' }] }],
}

/** Starts a mock whose clock function returns the same time until a test calls `pass`. */
async function begin(t: Test, options: MockOptions = {}) {
  let time = Date.parse(NOW)
  const { mock, ask } = await serve(t, { fixtures, clock: () => new Date(time), ...options })
  const status = async () => (await ask('GET', '/pipelines/p/elements')).json()[0].status
  return { mock, ask, status, pass: (ms: number) => void (time += ms) }
}

t.test('the clock follows the clock function', async (t) => {
  const { mock, pass } = await begin(t)
  t.equal(await mock.clock.now(), '2026-10-01T12:00:00Z')
  pass(1500)
  t.equal(await mock.clock.now(), '2026-10-01T12:00:01.500000Z')
})

t.test('`freeze` stops the clock', async (t) => {
  const { mock, pass } = await begin(t)
  pass(1500)
  await mock.clock.freeze()
  pass(1500)
  t.equal(await mock.clock.now(), '2026-10-01T12:00:01.500000Z')
})

t.test('`freeze` with an instant sets the clock to this instant', async (t) => {
  const { mock } = await begin(t)
  await mock.clock.freeze('2027-01-01T01:00:00.123456+01:00')
  t.equal(await mock.clock.now(), '2027-01-01T00:00:00.123456Z')
  await mock.clock.freeze(new Date('2028-01-01T00:00:00Z'))
  t.equal(await mock.clock.now(), '2028-01-01T00:00:00Z')
  await mock.clock.freeze(runInNewContext('new Date(0)') as Date)
  t.equal(await mock.clock.now(), '1970-01-01T00:00:00Z', '`freeze` accepts a Date from another realm')
})

t.test('`advance` moves a frozen clock', async (t) => {
  const { mock, pass } = await begin(t)
  await mock.clock.freeze()
  await mock.clock.advance('PT30S')
  pass(1500)
  t.equal(await mock.clock.now(), '2026-10-01T12:00:30Z')
  await mock.clock.freeze('2027-01-01T00:00:00.123456Z')
  await mock.clock.advance('1ms')
  t.equal(await mock.clock.now(), '2027-01-01T00:00:00.124456Z')
})

t.test('`advance` moves a running clock', async (t) => {
  const { mock, pass } = await begin(t)
  await mock.clock.advance('1m')
  pass(1000)
  t.equal(await mock.clock.now(), '2026-10-01T12:01:01Z')
})

t.test('`resume` lets the clock run on from its current time', async (t) => {
  const { mock, pass } = await begin(t)
  await mock.clock.freeze('2028-01-01T00:00:00Z')
  pass(1500)
  await mock.clock.resume()
  pass(500)
  t.equal(await mock.clock.now(), '2028-01-01T00:00:00.500000Z')
  await mock.clock.advance('1m')
  pass(1000)
  t.equal(await mock.clock.now(), '2028-01-01T00:01:01.500000Z')
})

t.test('a second `resume` changes nothing', async (t) => {
  const { mock, pass } = await begin(t)
  await mock.clock.freeze('2028-01-01T00:00:00Z')
  await mock.clock.resume()
  await mock.clock.resume()
  pass(1)
  t.equal(await mock.clock.now(), '2028-01-01T00:00:00.001000Z')
})

t.test('`reset` sets the clock to the time of the clock function', async (t) => {
  const { mock, pass } = await begin(t)
  await mock.clock.freeze('2028-01-01T00:00:00Z')
  await mock.clock.resume()
  pass(4501)
  await mock.reset()
  t.equal(await mock.clock.now(), '2026-10-01T12:00:04.501000Z')
})

t.test('with the option `clock: frozen@<instant>`, `reset` sets the clock to this instant', async (t) => {
  const { mock } = await begin(t, { clock: 'frozen@2026-09-14T10:00:00+02:00' })
  t.equal(await mock.clock.now(), '2026-09-14T08:00:00Z')
  await mock.clock.advance('1h')
  await mock.reset()
  t.equal(await mock.clock.now(), '2026-09-14T08:00:00Z')
})

t.test('with the option `clock: frozen`, `reset` sets the clock to the time when the mock started', async (t) => {
  const { mock } = await begin(t, { clock: 'frozen' })
  const start = await mock.clock.now()
  await mock.clock.advance('1h')
  await mock.reset()
  t.equal(await mock.clock.now(), start)
})

t.test('an element keeps its remaining time when the clock moves back', async (t) => {
  const { mock, status, pass } = await begin(t)
  pass(29_999)
  t.equal(await status(), 'running')
  await mock.clock.freeze('2020-01-01T00:00:00Z')
  t.equal(await status(), 'running')
  await mock.clock.advance('1ms')
  t.equal(await status(), 'completed')
})

t.test('an element stays completed when the clock moves back', async (t) => {
  const { mock, status, pass } = await begin(t)
  pass(30_000)
  t.equal(await status(), 'completed')
  await mock.clock.freeze('2019-01-01T00:00:00Z')
  t.equal(await status(), 'completed')
})

t.test('an element completes when the clock moves forward', async (t) => {
  const { mock, status } = await begin(t)
  t.equal(await status(), 'running')
  await mock.clock.freeze('2030-01-01T00:00:00Z')
  t.equal(await status(), 'completed')
})

t.test('an element completes if the clock is set to the start of the year 0 and then advanced', async (t) => {
  const { mock } = await begin(t)
  const statuses = async () => (await mock.pipelines.elements('p')).map(({ status }) => status)
  for (const before of ['10s', '40s']) {
    await mock.reset()
    await mock.clock.advance(before)
    await mock.clock.freeze('0000-01-01T00:00:00Z')
    await mock.clock.advance('30s')
    t.strictSame(await statuses(), ['completed', 'running'], before)
  }
})

t.test('a running clock does not go beyond the year 9999', async (t) => {
  const { mock, pass } = await begin(t)
  await mock.clock.freeze('9999-12-31T23:59:59Z')
  await mock.clock.resume()
  pass(2000)
  t.equal(await mock.clock.now(), '9999-12-31T23:59:59Z')
})

t.test('the clock does not move back when the clock function returns an earlier time', async (t) => {
  const { mock, status, pass } = await begin(t)
  pass(30_000)
  t.equal(await status(), 'completed')
  pass(-60_000)
  t.equal(await status(), 'completed')
  t.equal(await mock.clock.now(), '2026-10-01T12:00:30Z')
})

t.test('each element of a created pipeline runs for the duration in the option `progress`', async (t) => {
  const { mock, ask, pass } = await begin(t, { progress: 'after=5s' })
  pass(60_000)
  const body = { project_id: 'q', elements: { a: { element_type: 'entry' }, b: { element_type: 'entry' } } }
  const sent = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const { id, status } = (await ask('POST', '/pipelines', sent)).json()
  const statuses = async () => {
    const [pipeline, elements] = [await mock.pipelines.get(id), await mock.pipelines.elements(id)]
    return [pipeline, ...elements].map(({ status }) => status)
  }
  t.equal(status, 'pending', 'the status in the response')
  t.strictSame(await statuses(), ['running', 'running', 'pending'])
  pass(5000)
  t.strictSame(await statuses(), ['running', 'completed', 'running'])
  await mock.clock.freeze('2020-01-01T00:00:00Z')
  await mock.clock.advance('4999ms')
  t.strictSame(await statuses(), ['running', 'completed', 'running'])
  await mock.clock.advance('1ms')
  t.strictSame(await statuses(), ['completed', 'completed', 'completed'])
})

t.test('the clock can be read, set and advanced over HTTP', async (t) => {
  const { ask, pass } = await begin(t)
  const send = async (method: string, path: string, body: object) => {
    const { status, headers, json } = await ask(method, `/_mock/clock${path}`, { body: JSON.stringify(body) })
    t.strictSame([status, headers['content-type']], [200, 'application/json'])
    return json()
  }
  t.strictSame((await ask('GET', '/_mock/clock')).json(), { mode: 'real', now: '2026-10-01T12:00:00Z' })
  const frozen = { mode: 'frozen', now: '2026-10-01T12:00:00Z' }
  t.strictSame(await send('PUT', '', { mode: 'frozen' }), frozen)
  t.strictSame(await send('PUT', '', frozen), frozen, 'the response is also a valid request body')
  t.strictSame(await send('POST', '/advance', { by: 'PT30S' }), { mode: 'frozen', now: '2026-10-01T12:00:30Z' })
  t.strictSame(await send('PUT', '', { mode: 'offset' }), { mode: 'offset', now: '2026-10-01T12:00:30Z' })
  pass(1000)
  t.strictSame(await send('POST', '/advance', { by: '1s' }), { mode: 'offset', now: '2026-10-01T12:00:32Z' })
  t.strictSame(await send('PUT', '', { mode: 'real' }), { mode: 'real', now: '2026-10-01T12:00:01Z' })
})

t.test('an invalid call of the control API gets a problem document that lists every issue', async (t) => {
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
    // The next call is valid: there is no limit for a duration, except the year 9999.
    [...ADVANCE, '{"by":"P250000D"}'],
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
    const { status, headers, json } = await ask(method, `/_mock/clock${path}`, { body })
    t.equal(status, issues ? 400 : 200, body)
    if (!issues) continue
    t.equal(headers['content-type'], 'application/problem+json')
    const { errors, ...problem } = json()
    t.match(problem, { title: 'Bad Request', status: 400, code: 'invalid_request', detail: String })
    t.strictSame(
      errors.map(({ message: _, ...rest }: Issue) => rest),
      issues,
      body,
    )
    t.equal(await mock.clock.now(), NOW)
  }
})

t.test('`advance` rejects a duration that ends after the year 9999', async (t) => {
  const { ask } = await begin(t)
  const far = await ask('PUT', '/_mock/clock', { body: '{"mode":"frozen","now":"9999-12-31T00:00:00Z"}' })
  t.equal(far.status, 200)
  for (const by of ['48h', 'P250000D', `P${'9'.repeat(40)}W`]) {
    const { status, json } = await ask('POST', '/_mock/clock/advance', { body: JSON.stringify({ by }) })
    t.match([status, json()], [422, { status: 422, code: 'time_out_of_range' }], by)
  }
})

const invalid = (key: string) => ({
  name: 'ControlError',
  status: 400,
  code: 'invalid_request',
  issues: { length: 1, 0: { code: 'invalid_value', path: { length: 1, 0: key } } },
})

t.test('`advance` rejects an invalid duration', async (t) => {
  const { mock } = await begin(t)
  const rejected = mock.clock.advance('half an hour')
  await t.rejects(rejected, ControlError)
  await t.rejects(rejected, invalid('by'))
})

t.test('`freeze` rejects an invalid instant', async (t) => {
  const { mock } = await begin(t)
  await t.rejects(mock.clock.freeze(new Date(Number.NaN)), invalid('now'))
  await t.rejects(mock.clock.freeze('2026-10-01'), invalid('now'))
})

t.test('a call of the control API with a body above the limit gets a problem document', async (t) => {
  const { ask } = await serve(t, { fixtures })
  for (const connection of ['keep-alive', 'close']) {
    const { headers, json } = await ask('PUT', '/_mock/clock', {
      headers: { 'content-length': '300000000', connection },
    })
    t.match(json(), { title: 'Payload Too Large', status: 413, code: 'body_too_large', detail: String })
    t.equal(headers.connection, connection)
  }
})

t.test('a call of the control API that causes an internal error gets a problem document', async (t) => {
  let time = NOW
  const { ask } = await serve(t, { fixtures, clock: () => new Date(time) })
  time = 'no time'
  const { status, json } = await ask('GET', '/_mock/clock')
  t.equal(status, 500)
  t.match(json(), { title: 'Internal Server Error', status: 500, code: 'internal_error', detail: String })
})
