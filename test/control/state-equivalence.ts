import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { type Fixture, type Mock, type PipelineChange, startMock } from '../../src/index.js'
import { activePipeline, ELEMENT_STATUSES, fixture, PIPELINE_STATUSES } from '../support/arbitraries.js'
import { runs } from '../support/runs.js'
import { NOW } from '../support/serve.js'

const inject = async (mock: Mock, method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object) =>
  mock.inject({ method, url, ...(payload && { payload, headers: { 'content-type': 'application/json' } }) })

/** Returns the text of a JSON object that is nested `depth` levels deep. */
const nestedText = (depth: number) => `${'{"a":'.repeat(depth)}{}${'}'.repeat(depth)}`
const nested = (depth: number) => JSON.parse(nestedText(depth)) as Record<string, unknown>

/** Returns the body of a request that creates a pipeline. The configuration of an element is `depth` levels deep. */
const newPipeline = (depth = 0) => ({
  project_id: 'new',
  elements: { a: { element_type: 'entry', x: nested(depth) }, b: { element_type: 'validation' } },
})
const created = newPipeline()

/** An action on a mock. Some actions use the pipeline with the given id. */
type Action = (mock: Mock, id: string) => Promise<unknown>

const always = (action: Action) => fc.constant(action)
const change = fc.record<PipelineChange>(
  {
    element: fc.integer({ min: 1, max: 4 }),
    status: fc.constantFrom(...ELEMENT_STATUSES),
    error: fc.constant('why'),
  },
  { requiredKeys: [] },
)
const jsonObject = fc.constantFrom(0, 101, 900).map(nested)
const anyPipeline = activePipeline.chain((pipeline) =>
  jsonObject.map((job_config) => ({
    ...pipeline,
    elements: pipeline.elements?.map((element) => ({ ...element, job_config })) ?? [],
  })),
)

/** Actions that have the same effect on two mocks with the same state, even if the options of the mocks differ. */
const commonAction: fc.Arbitrary<Action> = fc.oneof(
  always((mock, id) => inject(mock, 'POST', `/pipelines/${id}/cancel`)),
  always((mock, id) => inject(mock, 'PATCH', `/pipelines/${id}`, { name: 'renamed' })),
  always((mock, id) => inject(mock, 'DELETE', `/pipelines/${id}`)),
  always((mock, id) => inject(mock, 'GET', `/pipelines/${id}/elements`)),
  change.map((change) => (mock: Mock, id: string) => mock.pipelines.set(id, change)),
  fc.constantFrom(...PIPELINE_STATUSES).map((status) => (mock: Mock, id: string) => mock.pipelines.set(id, { status })),
  fc.nat(9000).map((ms) => (mock: Mock) => mock.clock.advance(`${ms}ms`)),
  always((mock) => mock.clock.freeze('2026-01-01T00:00:00.000123Z')),
  always(async (mock, id) => {
    const [pipeline] = (await mock.state()).pipelines.filter((one) => one.id === id)
    await inject(mock, 'DELETE', `/pipelines/${id}`)
    if (pipeline) await mock.pipelines.add({ pipelines: [pipeline] })
  }),
  always(async (mock) => mock.seed(await mock.state())),
  fc.constantFrom(0, 101, 890).map((depth) => (mock: Mock) => inject(mock, 'POST', '/pipelines', newPipeline(depth))),
  always(async (mock) => {
    const { id } = JSON.parse((await inject(mock, 'POST', '/pipelines', created)).body)
    await inject(mock, 'DELETE', `/pipelines/${id}`)
  }),
  anyPipeline.map((pipeline) => (mock: Mock) => mock.pipelines.add({ pipelines: [pipeline] })),
)

const anyAction: fc.Arbitrary<Action> = fc.oneof(
  { weight: 12, arbitrary: commonAction },
  anyPipeline.map((pipeline) => (mock: Mock) => mock.seed({ pipelines: [pipeline] })),
  always((mock) => mock.faults.add({ respond: { status: 503 } })),
  always((mock) => mock.snapshot('s')),
  always((mock) => mock.restore('s')),
  fc.constantFrom('data', 'clock', 'faults', 'journal').map((part) => (mock: Mock) => mock.reset(part)),
)

/** Performs the actions one after another, and ignores errors. */
async function perform(mock: Mock, actions: readonly Action[], ids: readonly string[]) {
  for (const [i, action] of actions.entries()) await action(mock, ids[i % ids.length] ?? '').catch(() => undefined)
}

/** Returns the observable state of a mock: one string for each URL, with the body of the response to a GET. */
async function readAll(mock: Mock): Promise<string[]> {
  const urls = ['/_mock/clock', '/_mock/state', '/_mock/faults', '/_mock/snapshots', '/pipelines?project_id=new']
  for (const { id, project_id } of await mock.pipelines.list()) {
    for (const suffix of ['', '/elements', '/result']) urls.push(`/pipelines/${encodeURIComponent(id)}${suffix}`)
    urls.push(`/pipelines?project_id=${encodeURIComponent(project_id)}&limit=100`)
  }
  const bodies: string[] = []
  for (const url of urls) bodies.push(`${url} ${(await inject(mock, 'GET', url)).body}`)
  return bodies
}

const anyFixture = fc.oneof(
  fixture,
  fc.array(activePipeline, { minLength: 1, maxLength: 3 }).map((pipelines) => ({
    pipelines: pipelines.map((pipeline, i) => ({ ...pipeline, id: `p${i}` })),
  })),
) as fc.Arbitrary<Fixture>

const options = { listen: false, clock: `frozen@${NOW}`, progress: 'after=3s' } as const

t.test('a reset mock behaves like a new mock', async (t) => {
  const property = fc.asyncProperty(anyFixture, fc.array(anyAction, { maxLength: 10 }), async (fixtures, actions) => {
    const [mock, fresh] = [await startMock({ fixtures, ...options }), await startMock({ fixtures, ...options })]
    const ids = fixtures.pipelines.map(({ id }) => String(id))
    await perform(mock, actions, ids)
    await mock.reset()
    const observe = async (one: Mock) => {
      const before = await readAll(one)
      const { body } = await inject(one, 'POST', '/pipelines', created)
      await one.clock.advance('4s')
      for (const id of ids) await inject(one, 'POST', `/pipelines/${encodeURIComponent(id)}/cancel`)
      const journal = (await one.requests.list()).map(({ id: _, ...rest }) => rest)
      return [...before, body, ...(await readAll(one)), JSON.stringify(journal)]
    }
    assert.deepEqual(await observe(mock), await observe(fresh))
    await Promise.all([mock.close(), fresh.close()])
  })
  await fc.assert(property, runs(1 / 4))
  t.pass()
})

t.test('requests that only read do not affect later responses', async (t) => {
  const property = fc.asyncProperty(anyFixture, fc.array(anyAction, { maxLength: 10 }), async (fixtures, actions) => {
    const [mock, unread] = [await startMock({ fixtures, ...options }), await startMock({ fixtures, ...options })]
    const ids = fixtures.pipelines.map(({ id }) => String(id))
    for (const [i, action] of actions.entries())
      for (const one of [mock, unread]) {
        await perform(one, [action], ids.slice(i % ids.length))
        await one.reset('faults') // A fault would apply to a read instead of an action.
        if (one === mock) await readAll(one)
      }
    assert.deepEqual(await readAll(mock), await readAll(unread))
    await Promise.all([mock.close(), unread.close()])
  })
  await fc.assert(property, runs(1 / 4))
  t.pass()
})

t.test('a mock seeded with an exported state behaves like the original', async (t) => {
  const progress = fc.constantFrom('manual', 'after=3s')
  const property = fc.asyncProperty(
    fc.record({ fixtures: anyFixture, progress, otherProgress: progress }),
    fc.array(anyAction, { maxLength: 8 }),
    fc.array(commonAction, { maxLength: 5 }),
    async ({ fixtures, progress, otherProgress }, past, future) => {
      const mock = await startMock({ ...options, fixtures, progress })
      const other = await startMock({ ...options, progress: otherProgress })
      const ids = fixtures.pipelines.map(({ id }) => String(id))
      await perform(mock, past, ids)
      await mock.reset('faults')
      await other.clock.freeze(await mock.clock.now())
      await other.seed(JSON.parse(JSON.stringify(await mock.state())))
      const observe = async (one: Mock) => (await readAll(one)).filter((line) => !line.startsWith('/_mock/snapshots'))
      assert.deepEqual(await observe(other), await observe(mock))
      for (const [i, action] of future.entries()) {
        const id = ids[i % ids.length] ?? ''
        for (const one of [mock, other]) await action(one, id).catch(() => undefined)
        assert.deepEqual(await observe(other), await observe(mock))
      }
      await Promise.all([mock.close(), other.close()])
    },
  )
  await fc.assert(property, runs(1 / 4))
  t.pass()
})

t.test('every configuration that the API accepts can be exported and seeded', async (t) => {
  const mock = await startMock({ ...options, fixtures: { pipelines: [] } })
  t.teardown(() => mock.close())
  const create = async (value: string) => {
    const payload = `{"project_id":"new","elements":{"a":{"element_type":"entry","x":${value}}}}`
    const headers = { 'content-type': 'application/json' }
    return (await mock.inject({ method: 'POST', url: '/pipelines', payload, headers })).statusCode === 201
  }
  let [deepest, tooDeep] = [0, 20_000]
  while (tooDeep - deepest > 1) {
    const depth = (deepest + tooDeep) >> 1
    if (await create(nestedText(depth))) deepest = depth
    else tooDeep = depth
  }
  t.ok(deepest > 800)
  t.ok(await create('[1e999,-1e999]'))
  const before = await readAll(mock)
  await mock.seed(await mock.state())
  t.strictSame(await readAll(mock), before)
})
