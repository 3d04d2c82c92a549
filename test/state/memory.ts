import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { pino } from 'pino'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { connect, type Mock, type MockSandbox, startMock } from '../../src/index.js'
import { Memory, Reservation } from '../../src/state/memory.js'
import { Overlay } from '../../src/state/overlay.js'
import { refused } from '../support/control.js'
import { runs } from '../support/runs.js'
import { sharedState } from '../support/sandbox.js'
import { NOW } from '../support/serve.js'
import { until } from '../support/until.js'

const MIB = 1024 * 1024
const JSON_TYPE = { 'content-type': 'application/json' }

interface Info {
  memory: { limit: number; used: Record<string, number> }
}

const memoryOf = async (mock: Mock) => (await mock.inject('/_mock/info')).json().memory as Info['memory']

const begin = async (t: Test, options: Parameters<typeof startMock>[0] = {}) => {
  const mock = await startMock({ clock: `frozen@${NOW}`, memoryLimit: '16MiB', ...options })
  t.teardown(() => mock.close())
  return mock
}

const create = (mock: Mock, size: number, sandbox = '') =>
  mock.inject({
    method: 'POST',
    url: `${sandbox}/pipelines`,
    headers: JSON_TYPE,
    payload: { project_id: 'p', elements: { a: { element_type: 'entry', values: { text: 'x'.repeat(size) } } } },
  })

/** Creates pipelines until the mock has no memory left. Returns the last response. */
async function fill(mock: Mock, size: number, sandbox = '') {
  for (let i = 0; i < 1000; i++) {
    const response = await create(mock, size, sandbox)
    if (response.statusCode !== 201) return response
  }
  throw new Error('1000 pipelines did not use up the memory')
}

t.test('the parts other than the journals can use their whole share of the memory, and not a byte more', (t) => {
  const memory = new Memory(16 * MIB)
  const share = 7.5 * MIB
  t.ok(memory.reserve('pipelines', share - 1))
  t.ok(memory.reserve('faults', 1))
  t.notOk(memory.reserve('sandboxes', 1))
  t.ok(memory.reserve('pipelines', -1))
  t.ok(memory.reserve('sandboxes', 1))
  t.end()
})

t.test('when the memory is used up, a creation gets a 507 that says what to do, and changes nothing', async (t) => {
  const mock = await begin(t)
  const { statusCode, headers, body } = await fill(mock, 500_000)
  t.equal(statusCode, 507)
  t.equal(headers['content-type'], 'application/json')
  t.match(JSON.parse(body), { error_code: 'OUT_OF_MEMORY', detail: /--memory-limit/ })
  const before = (await mock.pipelines.list()).length
  t.equal((await create(mock, 500_000)).statusCode, 507)
  t.equal((await mock.pipelines.list()).length, before)
  await mock.reset()
  t.equal((await create(mock, 500_000)).statusCode, 201, 'a reset releases the memory')
})

t.test('when the memory is used up, a call that needs memory is rejected, and changes nothing', async (t) => {
  const mock = await begin(t)
  await mock.pipelines.add({ pipelines: [{ id: 'p', name: 'p', status: 'running', elements: [{ name: 'e' }] }] })
  for (let i = 0; i < 3; i++) await create(mock, 100_000)
  await mock.snapshot('early')
  await fill(mock, 100_000)
  await fill(mock, 0)
  const big = { text: 'x'.repeat(200_000) }
  const before = JSON.stringify(await mock.state())
  const fixture = { pipelines: [{ name: 'q', elements: [{ name: 'e', result: big }] }] }
  const calls: Record<string, () => Promise<unknown>> = {
    add: () => mock.pipelines.add(fixture),
    set: () => mock.pipelines.set('p', { element: 1, status: 'completed', result: big }),
    plan: () => mock.plans.add({ result: big }),
    fault: () => mock.faults.add({ respond: { status: 500, body: big } }),
    snapshot: () => mock.snapshot('s'),
    restore: () => mock.restore('early'),
    body: async () => (await connect(mock.url)).seed({ pipelines: [{ name: 'q', description: 'x'.repeat(900_000) }] }),
    'seed of all sandboxes': () => mock.seed(fixture, { scope: 'all' }),
    sandbox: () => mock.sandbox('other').seed({ pipelines: [{ name: 'q', elements: [{ name: 'e', result: big }] }] }),
  }
  for (const [name, call] of Object.entries(calls)) await t.rejects(call(), refused(507, 'out_of_memory'), name)
  t.equal(JSON.stringify(await mock.state()), before)
  t.strictSame(await mock.faults.list(), [])
  t.equal((await mock.inject('/pipelines/p')).statusCode, 200, 'reads still work')
  await mock.seed(fixture)
  t.equal((await mock.pipelines.list()).length, 1, 'a seed replaces the data, so it needs no additional memory')
})

t.test('a restore that needs more memory than is left is rejected, and changes nothing', async (t) => {
  const pipelines = Array.from({ length: 200 }, (_, i) => ({
    ...{ name: `p${i}`, mock: { takes: '1s' } },
    elements: [{ name: 'a' }, { name: 'b' }],
  }))
  const mock = await begin(t, { fixtures: { pipelines }, listen: false })
  await mock.clock.advance('1s')
  await mock.snapshot('s')
  await fill(mock, 100_000)
  await fill(mock, 0)
  const observe = async () => [(await memoryOf(mock)).used.pipelines, JSON.stringify(await mock.state())]
  const before = await observe()
  await t.rejects(mock.restore('s'), refused(507, 'out_of_memory'))
  t.strictSame(await observe(), before)
})

t.test('no sequence of calls exceeds the memory limit, and dropping everything releases all memory', async (t) => {
  const size = fc.nat(300_000)
  const text = (n: number) => ({ text: 'x'.repeat(n) })
  const actions: fc.Arbitrary<(mock: Mock, sandbox: MockSandbox) => Promise<unknown>> = fc.oneof(
    size.map(
      (n) =>
        (mock: Mock, { url }: MockSandbox) =>
          create(mock, n, url.replace(mock.url, '')),
    ),
    size.map(
      (n) => (_: Mock, sandbox: MockSandbox) =>
        sandbox.pipelines.add({ pipelines: [{ name: `a${n}`, elements: [{ name: 'e', result: text(n) }] }] }),
    ),
    size.map(
      (n) => (_: Mock, sandbox: MockSandbox) =>
        sandbox.pipelines.add({
          pipelines: [{ name: `b${n}`, elements: [{ name: 'e', mock: { metadata: text(n) } }] }],
        }),
    ),
    size.map(
      (n) => (_: Mock, sandbox: MockSandbox) => sandbox.pipelines.set('p', { element: 1, result: text(n), error: 'e' }),
    ),
    size.map(
      (n) => (_: Mock, sandbox: MockSandbox) =>
        sandbox.seed({ pipelines: [{ id: 'p', name: 'p', elements: [{ name: 'e', result: text(n) }] }] }),
    ),
    size.map((n) => (_: Mock, sandbox: MockSandbox) => sandbox.faults.add({ respond: { status: 500, body: text(n) } })),
    size.map((n) => (_: Mock, sandbox: MockSandbox) => sandbox.plans.add({ result: text(n) })),
    fc.constantFrom('a', 'b').map((name) => (_: Mock, sandbox: MockSandbox) => sandbox.snapshot(name)),
    fc.constantFrom('a', 'b').map((name) => (_: Mock, sandbox: MockSandbox) => sandbox.restore(name)),
    fc.constant((_: Mock, sandbox: MockSandbox) => sandbox.clock.freeze('2020-01-01T00:00:00Z')),
    fc.constant((_: Mock, sandbox: MockSandbox) => sandbox.clock.advance('1s')),
    fc.constant((_: Mock, sandbox: MockSandbox) => sandbox.faults.remove('fault-1')),
    fc.constant((mock: Mock, { url }: MockSandbox) =>
      mock.inject({ method: 'DELETE', url: `${url.replace(mock.url, '')}/pipelines/p` }),
    ),
    fc.constantFrom('data', 'faults', 'clock').map((part) => (_: Mock, sandbox: MockSandbox) => sandbox.reset(part)),
  )
  const steps = fc.array(fc.tuple(actions, fc.constantFrom('default', 'one', 'two')), { maxLength: 30 })
  const fixtures = { pipelines: [{ id: 'p', name: 'p', mock: { takes: '2s' }, elements: [{ name: 'e' }] }] }
  await fc.assert(
    fc.asyncProperty(steps, async (steps) => {
      const mock = await startMock({ fixtures, clock: `frozen@${NOW}`, memoryLimit: '16MiB', listen: false })
      for (const [act, name] of steps) {
        await act(mock, mock.sandbox(name)).catch(() => undefined)
        const { limit, used } = await memoryOf(mock)
        assert.ok(Object.values(used).every((bytes) => bytes >= 0))
        assert.ok(Object.values(used).reduce((sum, bytes) => sum + bytes) <= limit)
      }
      for (const { name } of await mock.sandboxes.list()) await mock.sandboxes.drop(name)
      await mock.reset()
      assert.ok(Object.values((await memoryOf(mock)).used).every((bytes) => bytes === 0))
      await mock.close()
    }),
    runs(1 / 2),
  )
  t.pass()
})

t.test('the data of jobs take memory until their pipeline is deleted, and the data of a plan only once', async (t) => {
  const mock = await begin(t)
  const used = async () => Number((await memoryOf(mock)).used.pipelines)
  const metadata = { text: 'x'.repeat(100_000) }
  const elements = [{ name: 'e', element_type: 'Data Fit' as const, mock: { takes: '1s', metadata } }]
  await mock.pipelines.add({ pipelines: [{ id: 'p', name: 'p', elements }] })
  t.ok((await used()) > 100_000)
  await mock.clock.advance('1s')
  await mock.inject({ method: 'POST', url: '/pipelines/p/cancel' })
  await mock.inject({ method: 'DELETE', url: '/pipelines/p' })
  t.equal(await used(), 0)

  await mock.plans.add({ element_type: 'Direct Entry', takes: '1s', metadata })
  const before = await used()
  t.ok(before > 100_000)
  for (let i = 0; i < 10; i++) t.equal((await create(mock, 0)).statusCode, 201)
  await mock.clock.advance('1s')
  await mock.pipelines.list()
  t.ok((await used()) < before + 50_000)
})

t.test('a deleted pipeline releases all of its memory', async (t) => {
  const mock = await begin(t, { fixtures: { projects: [{ id: 'p', name: 'p' }], pipelines: [] } })
  const { id } = (await create(mock, 100_000)).json()
  await mock.inject({ method: 'DELETE', url: `/pipelines/${id}` })
  t.equal((await memoryOf(mock)).used.pipelines, 0)
})

t.test('a created pipeline uses the memory of its text until it is deleted', async (t) => {
  const mock = await begin(t, { fixtures: { projects: [{ id: 'p', name: 'p' }], pipelines: [] } })
  const created = async (value: string) => {
    const payload = `{"project_id":"p","elements":{"a":{"element_type":"entry","v":${value}}}}`
    const response = await mock.inject({ method: 'POST', url: '/pipelines', headers: JSON_TYPE, payload })
    return response.json().id as string
  }
  for (const [value, atLeast] of [
    [`"${'x'.repeat(100_000)}"`, 100_000],
    [`"🔋${'x'.repeat(100_000)}"`, 200_000],
    [`[${'0,'.repeat(10_000)}0]`, 240_000],
    // Only the text tells that the string is escaped.
    [`"${'\\u0041'.repeat(50_000)}"`, 100_000],
  ] as const) {
    const id = await created(value)
    const used = Number((await memoryOf(mock)).used.pipelines)
    t.ok(used >= atLeast && used < atLeast + 3000, `${used} bytes`)
    await mock.inject({ method: 'DELETE', url: `/pipelines/${id}` })
    t.equal((await memoryOf(mock)).used.pipelines, 0)
  }
})

t.test('a created pipeline takes memory until it is deleted, and a snapshot until a reset', async (t) => {
  const mock = await begin(t, { fixtures: { projects: [{ id: 'p', name: 'p' }], pipelines: [] } })
  const { id } = JSON.parse((await create(mock, 1000)).body)
  const { used } = await memoryOf(mock)
  t.ok(Number(used.pipelines) > 1000)
  await mock.snapshot('s')
  t.equal((await memoryOf(mock)).used.snapshots, used.pipelines)
  await mock.inject({ method: 'DELETE', url: `/pipelines/${id}` })
  t.match((await memoryOf(mock)).used, { pipelines: 0, snapshots: used.pipelines })
  await mock.reset()
  t.match((await memoryOf(mock)).used, { pipelines: 0, snapshots: 0 })
})

t.test('the faults of a sandbox take memory until the sandbox is dropped', async (t) => {
  const mock = await begin(t)
  await mock.sandbox('one').faults.add({ hang: true })
  t.ok(Number((await memoryOf(mock)).used.faults) > 0)
  await mock.sandboxes.drop('one')
  t.match((await memoryOf(mock)).used, { faults: 0, sandboxes: 0 })
})

t.test('when the clock moves back, the pipelines in progress take memory', async (t) => {
  const fixtures = { pipelines: [{ name: 'p', mock: { takes: '10s' }, elements: [{ name: 'e' }] }, { name: 'q' }] }
  const mock = await begin(t, { fixtures })
  await mock.clock.advance('1s')
  t.equal((await memoryOf(mock)).used.pipelines, 0)
  await mock.clock.freeze(NOW)
  t.ok(Number((await memoryOf(mock)).used.pipelines) > 0)
})

t.test(
  'a request that lists pipelines stores nothing in the sandbox, even if the pipelines have progressed',
  async (t) => {
    const fixtures = { pipelines: [{ id: 'p', name: 'p', project_id: 'p', elements: [{ name: 'e' }] }] }
    const mock = await begin(t, { fixtures, progress: 'after=30s' })
    const { body } = await mock.inject('/pipelines?project_id=p')
    t.match(JSON.parse(body), { pipelines: [{ status: 'running' }] })
    t.equal((await memoryOf(mock)).used.pipelines, 0)
  },
)

t.test(
  'above their share of the memory, the journals drop the oldest requests, and the log says so once',
  async (t) => {
    const lines: string[] = []
    const logger = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) })
    const mock = await begin(t, { logger, listen: false })
    const headers = { 'x-long': 'x'.repeat(60_000) }
    for (let i = 0; i < 200; i++) await mock.inject({ url: `/pipelines/${i}`, headers })
    const kept = await mock.requests.list()
    t.ok(kept.length < 100, `${kept.length} requests`)
    t.equal(kept.at(-1)?.pipeline_id, '199')
    const { used, limit } = await memoryOf(mock)
    t.ok(Number(used.journals) <= limit / 4)
    t.equal(lines.length, 1)
    t.match(lines[0], /--memory-limit/)
  },
)

t.test('above the memory limit, the sandbox that has been idle for the longest time is evicted', async (t) => {
  const mock = await begin(t, { fixtures: { pipelines: [] }, listen: false })
  await mock.sandbox('first').clock.advance('1s')
  await fill(mock, 100_000, '/_sandbox/first')
  await fill(mock, 0, '/_sandbox/first')
  await fill(mock, 100_000, '/_sandbox/second')
  t.strictSame(
    (await mock.sandboxes.list()).map(({ name }) => name),
    ['second'],
  )
})

t.test(
  'bodies that are still arriving use the shared memory, and release this memory when their clients disconnect',
  async (t) => {
    const mock = await begin(t)
    const clients = Array.from({ length: 3 }, () => {
      const client = request(`${mock.url}/pipelines`, { method: 'POST', headers: JSON_TYPE })
      client.on('error', () => undefined)
      client.write(Buffer.alloc(2 * MIB, ' '))
      return client
    })
    await until('three bodies', async () => Number((await memoryOf(mock)).used.bodies) >= 6 * MIB)
    const late = request(`${mock.url}/pipelines`, { method: 'POST', headers: JSON_TYPE })
    late.end(Buffer.alloc(3 * MIB, ' '))
    const [response] = await once(late, 'response')
    t.equal(response.statusCode, 507)
    response.resume()
    for (const client of clients) client.destroy()
    await until('released memory', async () => (await memoryOf(mock)).used.bodies === 0)
  },
)

t.test('a copy of the data of a sandbox does not keep the original data in memory', async (t) => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const { home, memory } = await sharedState({ pipelines: [{ name: 'p' }] }, NOW)
  const reservation = new Reservation(memory, 'pipelines')
  const copyOfNew = () => {
    const original = new Overlay(reservation, home.loaded.seed, NOW, undefined)
    return { original: new WeakRef(original), copy: original.copy(reservation) }
  }
  const { original, copy } = copyOfNew()
  await until('the collection of the original', async () => {
    collectGarbage()
    return original.deref() === undefined
  })
  t.equal(copy.projects.length, 1)
})
