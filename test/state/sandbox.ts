import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { Fixture } from '../../src/index.js'
import { cancel } from '../../src/pipelines/cancel.js'
import { fixtureOf } from '../../src/fixtures/export.js'
import { Sandbox } from '../../src/state/sandbox.js'
import { fixture } from '../support/arbitraries.js'
import { runs } from '../support/runs.js'
import { sharedState } from '../support/sandbox.js'
import { inProcess, NOW, serve } from '../support/serve.js'

const readAll = (sandbox: Sandbox) =>
  sandbox.pipelines().map(({ pipeline, elements }) => ({
    pipeline,
    elements: elements.map(({ id }) => sandbox.element(id)),
    listed: sandbox.pipelines(pipeline.project_id).length,
  }))

t.test('a sandbox keeps its invariants after any sequence of cancels', async (t) => {
  const calls = fc.array(fc.nat(6), { maxLength: 8 })
  const holds = (title: string, property: (fixture: Fixture, sandbox: Sandbox, ids: string[]) => void) =>
    t.test(title, async (t) => {
      await fc.assert(
        fc.asyncProperty(fixture, calls, async (fixture, calls) => {
          const ids = calls.map((i) => fixture.pipelines[i]?.id ?? 'nobody')
          property(fixture, new Sandbox(await sharedState(fixture, NOW)), ids)
        }),
        runs(0.3),
      )
      t.pass(title)
    })

  await holds('a reset restores the initial records', (_, sandbox, ids) => {
    const fresh = readAll(sandbox)
    for (const id of ids) sandbox.apply(cancel, id)
    sandbox.reset()
    assert.deepEqual(readAll(sandbox), fresh)
  })
  await holds('a cancel leaves the other pipelines unchanged', (fixture, sandbox, ids) => {
    const before = sandbox.pipelines()
    for (const id of ids) sandbox.apply(cancel, id)
    for (const [i, { id }] of fixture.pipelines.entries())
      if (!ids.includes(String(id))) assert.deepEqual(sandbox.pipelines()[i], before[i])
  })
  await holds('a record in the list equals the record read by its id', (_, sandbox, ids) => {
    for (const id of ids) sandbox.apply(cancel, id)
    for (const state of sandbox.pipelines()) {
      assert.deepEqual(sandbox.pipeline(state.pipeline.id), state)
      for (const element of state.elements) assert.deepEqual(sandbox.element(element.id), element)
    }
  })
})

t.test('a cancel in one sandbox leaves another sandbox unchanged', async (t) => {
  const shared = await sharedState({ pipelines: [{ id: 'x', name: 'x', status: 'running' }] }, NOW)
  const [one, other] = [new Sandbox(shared), new Sandbox(shared)]
  one.apply(cancel, 'x')
  t.equal(one.pipeline('x')?.pipeline.status, 'canceled')
  t.equal(other.pipeline('x')?.pipeline.status, 'running')
  t.equal(one.apply(cancel, 'nobody'), undefined)
  t.equal(one.element('nobody'), undefined)
})

t.test('for any seed, a cancel succeeds, and a second cancel gets the same response', async (t) => {
  const { mock, inject } = await inProcess(t)
  await fc.assert(
    fc.asyncProperty(fixture, async (fixture) => {
      await mock.seed(fixture)
      for (const { id } of fixture.pipelines) {
        const response = await inject('POST', `/pipelines/${id}/cancel`)
        assert.equal(response.statusCode, 200)
        assert.deepEqual(await inject('POST', `/pipelines/${id}/cancel`).then(({ body }) => body), response.body)
        assert.equal((await inject('GET', `/pipelines/${id}/elements`)).statusCode, 200)
      }
    }),
    runs(),
  )
  t.pass()
})

t.test('200 concurrent cancels get responses with the same body and different correlation ids', async (t) => {
  let seconds = 0
  const { mock, ask } = await serve(t, { clock: () => new Date(Date.parse(NOW) + 1000 * seconds++) })
  const [running] = await mock.pipelines.list({ status: 'running' })
  const path = `/pipelines/${running?.id}/cancel`
  const responses = await Promise.all(Array.from({ length: 200 }, () => ask('POST', path)))
  t.equal(new Set(responses.map(({ body }) => body)).size, 1)
  t.equal(responses[0]?.json().status, 'canceled')
  t.equal(new Set(responses.map(({ headers }) => headers['x-correlation-id'])).size, 200)
})

t.test('the ids of 20,000 created pipelines in an exported state are not used for later pipelines', async (t) => {
  const original = new Sandbox(await sharedState({ pipelines: [] }, NOW))
  const create = (sandbox: Sandbox) => sandbox.create({ elements: [] })
  for (let i = 0; i < 20_000; i++) create(original)
  const restored = new Sandbox(await sharedState(fixtureOf(original.pipelines(), NOW, original.data), NOW))
  t.strictSame(create(restored), create(original))
})
