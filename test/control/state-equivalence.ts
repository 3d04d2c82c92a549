import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { type Mock, startMock } from '../../src/index.js'
import {
  anyAction,
  anyFixture,
  commonAction,
  created,
  inject,
  jobUrls,
  nestedText,
  options,
  perform,
} from '../support/actions.js'
import { runs } from '../support/runs.js'

/** Returns the observable state of a mock: one string for each URL, with the body of the response to a GET. */
async function readAll(mock: Mock): Promise<string[]> {
  const urls = ['/_mock/clock', '/_mock/state', '/_mock/faults', '/_mock/snapshots', '/pipelines?project_id=new']
  for (const { id, project_id } of await mock.pipelines.list()) {
    for (const suffix of ['', '/elements', '/result']) urls.push(`/pipelines/${encodeURIComponent(id)}${suffix}`)
    urls.push(...(await jobUrls(mock, id)))
    urls.push(`/pipelines?project_id=${encodeURIComponent(project_id)}&limit=100`)
  }
  const bodies: string[] = []
  for (const url of urls) bodies.push(`${url} ${(await inject(mock, 'GET', url)).body}`)
  return bodies
}

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
