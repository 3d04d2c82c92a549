import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { type Fixture, type Mock, type PipelineChange, startMock } from '../../src/index.js'
import { coursed, ELEMENT_STATUSES, fixture, PIPELINE_STATUSES } from '../support/arbitraries.js'
import { runs } from '../support/runs.js'
import { NOW } from '../support/serve.js'

const inject = async (mock: Mock, method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object) =>
  mock.inject({ method, url, ...(payload && { payload, headers: { 'content-type': 'application/json' } }) })

const created = { project_id: 'new', elements: { a: { element_type: 'entry' }, b: { element_type: 'validation' } } }

/** Anything that a test may do, to the pipeline of an id. */
type Deed = (mock: Mock, id: string) => Promise<unknown>

const always = (deed: Deed) => fc.constant(deed)
const change = fc.record<PipelineChange>(
  {
    element: fc.integer({ min: 1, max: 4 }),
    status: fc.constantFrom(...ELEMENT_STATUSES),
    error: fc.constant('why'),
  },
  { requiredKeys: [] },
)
const deed: fc.Arbitrary<Deed> = fc.oneof(
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
  coursed.map((pipeline) => (mock: Mock) => mock.pipelines.add({ pipelines: [pipeline] })),
  coursed.map((pipeline) => (mock: Mock) => mock.seed({ pipelines: [pipeline] })),
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

/** Does them one after another. Some are rejected, and change nothing. */
async function doAll(mock: Mock, deeds: readonly Deed[], ids: readonly string[]) {
  for (const [i, deed] of deeds.entries()) await deed(mock, ids[i % ids.length] ?? '').catch(() => undefined)
}

/** The responses to every request that reads, as bytes. */
async function seeAll(mock: Mock): Promise<string[]> {
  const urls = ['/_mock/clock', '/_mock/state', '/_mock/faults', '/_mock/snapshots', '/pipelines?project_id=new']
  for (const { id, project_id } of await mock.pipelines.list()) {
    for (const what of ['', '/elements', '/result']) urls.push(`/pipelines/${encodeURIComponent(id)}${what}`)
    urls.push(`/pipelines?project_id=${encodeURIComponent(project_id)}&limit=100`)
  }
  const bodies: string[] = []
  for (const url of urls) bodies.push(`${url} ${(await inject(mock, 'GET', url)).body}`)
  return bodies
}

const worlds = fc.oneof(
  fixture,
  fc.array(coursed, { minLength: 1, maxLength: 3 }).map((pipelines) => ({
    pipelines: pipelines.map((pipeline, i) => ({ ...pipeline, id: `p${i}` })),
  })),
) as fc.Arbitrary<Fixture>

const options = { listen: false, clock: `frozen@${NOW}`, progress: 'after=3s' } as const

t.test('a reset mock behaves like a new mock', async (t) => {
  const property = fc.asyncProperty(worlds, fc.array(deed, { maxLength: 10 }), async (fixtures, deeds) => {
    const [mock, fresh] = [await startMock({ fixtures, ...options }), await startMock({ fixtures, ...options })]
    const ids = fixtures.pipelines.map(({ id }) => String(id))
    await doAll(mock, deeds, ids)
    await mock.reset()
    const later = async (one: Mock) => {
      const seen = await seeAll(one)
      const { body } = await inject(one, 'POST', '/pipelines', created)
      await one.clock.advance('4s')
      for (const id of ids) await inject(one, 'POST', `/pipelines/${encodeURIComponent(id)}/cancel`)
      const journal = (await one.requests.list()).map(({ id: _, ...rest }) => rest)
      return [...seen, body, ...(await seeAll(one)), JSON.stringify(journal)]
    }
    assert.deepEqual(await later(mock), await later(fresh))
    await Promise.all([mock.close(), fresh.close()])
  })
  await fc.assert(property, runs(1 / 4))
  t.pass()
})

t.test('an exported state seeds the same pipelines, now and later', async (t) => {
  const property = fc.asyncProperty(
    worlds,
    fc.array(deed, { maxLength: 8 }),
    fc.array(fc.nat(5000), { maxLength: 3 }),
    async (fixtures, deeds, steps) => {
      const [mock, other] = [
        await startMock({ fixtures, ...options }),
        await startMock({ ...options, progress: 'manual' }),
      ]
      await doAll(
        mock,
        deeds,
        fixtures.pipelines.map(({ id }) => String(id)),
      )
      await mock.reset('faults')
      await other.clock.freeze(await mock.clock.now())
      await other.seed(JSON.parse(JSON.stringify(await mock.state())))
      const see = async (one: Mock) => (await seeAll(one)).filter((line) => !line.startsWith('/_mock/snapshots'))
      assert.deepEqual(await see(other), await see(mock))
      for (const ms of steps) {
        await Promise.all([mock, other].map((one) => one.clock.advance(`${ms}ms`)))
        assert.deepEqual(await see(other), await see(mock))
      }
      await Promise.all([mock.close(), other.close()])
    },
  )
  await fc.assert(property, runs(1 / 4))
  t.pass()
})
