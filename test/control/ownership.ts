import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type FixtureError, startMock } from '../../src/index.js'
import { cancel, start, testControl } from '../support/control.js'

/** Tries to change every part of a value, as a caller could by mistake. Frozen parts stay as they are. */
function vandalize(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const inner of Object.values(value)) vandalize(inner)
  for (const key of Object.keys(value)) Reflect.set(value, key, 'vandalized')
  Reflect.set(value, Array.isArray(value) ? value.length : 'added', 'vandalized')
}

testControl('a caller that changes a returned value does not change the mock', async (t, mock) => {
  const { id } = await mock.faults.add({
    respond: { status: 503, body: { a: [1] }, headers: { 'set-cookie': ['a', 'b'] } },
    operation: 'healthz',
  })
  await cancel(mock, 'fit')
  await mock.sandbox('other').reset()
  const config = { deep: [{ value: 1 }] }
  await mock.pipelines.add({ pipelines: [{ id: 'new', name: 'new', elements: [{ name: 'e', job_config: config }] }] })
  const calls: Record<string, () => Promise<unknown>> = {
    'pipelines.get': () => mock.pipelines.get('fit'),
    'pipelines.list': () => mock.pipelines.list(),
    'pipelines.elements': () => mock.pipelines.elements('new'),
    'pipelines.set': () => mock.pipelines.set('fit', {}),
    'requests.list': () => mock.requests.list(),
    'requests.waitFor': () => mock.requests.waitFor(),
    'requests.verify': () =>
      mock.verify({ times: 9 }).catch((error: unknown) => (error as { received: unknown }).received),
    'faults.list': () => mock.faults.list(),
    'faults.remove': () => mock.faults.remove('x').catch((error: unknown) => (error as { issues: unknown }).issues),
    'sandboxes.list': () => mock.sandboxes.list(),
    state: () => mock.state(),
    env: async () => mock.env,
    'env of a sandbox': async () => mock.sandbox('other').env,
  }
  t.match(await mock.faults.list(), [{ id }])
  for (const [name, call] of Object.entries(calls)) {
    const before = JSON.stringify(await call())
    t.ok(before.length > 1, name)
    vandalize(await call())
    t.equal(JSON.stringify(await call()), before, name)
  }
})

t.test('a caller that changes `seeded` does not change the mock', async (t) => {
  const mock = await start(t, { fixtures: { pipelines: [{ name: 'p', status: 'running', error: 'e' }] } })
  const info = async () => (await mock.inject('/_mock/info')).body
  const [before, seeded] = [await info(), JSON.stringify(mock.seeded)]
  t.equal(mock.seeded.warnings.length, 1)
  vandalize(mock.seeded)
  t.strictSame([await info(), JSON.stringify(mock.seeded)], [before, seeded])
})

t.test('a caller that changes the issues of a FixtureError does not change later errors', async (t) => {
  const path = join(t.testdir(), 'broken.yaml')
  writeFileSync(path, 'pipelines: [')
  const issues = () => startMock({ fixtures: path }).catch((error: unknown) => (error as FixtureError).issues)
  const before = JSON.stringify(await issues())
  t.match(before, 'invalid_yaml')
  vandalize(await issues())
  t.equal(JSON.stringify(await issues()), before)
})
