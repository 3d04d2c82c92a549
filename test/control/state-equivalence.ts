import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { type Fixture, type Mock, type PipelineChange, startMock } from '../../src/index.js'
import { activePipeline, ELEMENT_STATUSES, fixture, PIPELINE_STATUSES } from '../support/arbitraries.js'
import { runs } from '../support/runs.js'
import { NOW } from '../support/serve.js'

const inject = async (mock: Mock, method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object) =>
  mock.inject({ method, url, ...(payload && { payload, headers: { 'content-type': 'application/json' } }) })

const created = { project_id: 'new', elements: { a: { element_type: 'entry' }, b: { element_type: 'validation' } } }

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
const anyAction: fc.Arbitrary<Action> = fc.oneof(
  always((mock, id) => inject(mock, 'POST', `/pipelines/${id}/cancel`)),
  always((mock, id) => inject(mock, 'PATCH', `/pipelines/${id}`, { name: 'renamed' })),
  always((mock, id) => inject(mock, 'DELETE', `/pipelines/${id}`)),
  always((mock, id) => inject(mock, 'GET', `/pipelines/${id}/elements`)),
  always((mock) => inject(mock, 'POST', '/pipelines', created)),
  change.map((change) => (mock: Mock, id: string) => mock.pipelines.set(id, change)),
  fc.constantFrom(...PIPELINE_STATUSES).map((status) => (mock: Mock, id: string) => mock.pipelines.set(id, { status })),
  fc.nat(9000).map((ms) => (mock: Mock) => mock.clock.advance(`${ms}ms`)),
  always((mock) => mock.clock.freeze('2026-01-01T00:00:00.000123Z')),
  always((mock) => mock.faults.add({ respond: { status: 503 } })),
  activePipeline.map((pipeline) => (mock: Mock) => mock.pipelines.add({ pipelines: [pipeline] })),
  activePipeline.map((pipeline) => (mock: Mock) => mock.seed({ pipelines: [pipeline] })),
  always(async (mock, id) => {
    const [pipeline] = (await mock.state()).pipelines.filter((one) => one.id === id)
    await inject(mock, 'DELETE', `/pipelines/${id}`)
    if (pipeline) await mock.pipelines.add({ pipelines: [pipeline] })
  }),
  always(async (mock) => mock.seed(await mock.state())),
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

t.test('reads do not change what happens later', async (t) => {
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
  const property = fc.asyncProperty(
    anyFixture,
    fc.array(anyAction, { maxLength: 8 }),
    fc.array(fc.nat(5000), { maxLength: 3 }),
    async (fixtures, actions, steps) => {
      const [mock, other] = [
        await startMock({ fixtures, ...options }),
        await startMock({ ...options, progress: 'manual' }),
      ]
      await perform(
        mock,
        actions,
        fixtures.pipelines.map(({ id }) => String(id)),
      )
      await mock.reset('faults')
      await other.clock.freeze(await mock.clock.now())
      await other.seed(JSON.parse(JSON.stringify(await mock.state())))
      const observe = async (one: Mock) => (await readAll(one)).filter((line) => !line.startsWith('/_mock/snapshots'))
      assert.deepEqual(await observe(other), await observe(mock))
      for (const ms of steps) {
        await Promise.all([mock, other].map((one) => one.clock.advance(`${ms}ms`)))
        assert.deepEqual(await observe(other), await observe(mock))
      }
      await Promise.all([mock.close(), other.close()])
    },
  )
  await fc.assert(property, runs(1 / 4))
  t.pass()
})
