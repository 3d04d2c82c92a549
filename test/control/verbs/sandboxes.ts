import type { MockControl } from '../../../src/index.js'
import { testControl, refused, SANDBOX } from '../../support/control.js'

/** Returns the names of the sandboxes that the test itself created. */
const names = async (mock: MockControl) =>
  (await mock.sandboxes.list()).map(({ name }) => name).filter((name) => name !== SANDBOX)

/** Cancels a pipeline in the sandbox `one`. Returns, as `status`, the status of the pipeline in the sandbox `other`. */
async function open(mock: MockControl) {
  const [one, other] = [mock.sandbox('one'), mock.sandbox('other')]
  await fetch(`${one.url}/pipelines/fit/cancel`, { method: 'POST' })
  const read = await fetch(`${other.url}/pipelines/fit`)
  return { one, other, status: ((await read.json()) as { status: string }).status }
}

testControl('a change in one sandbox does not affect another sandbox', async (t, mock) => {
  const { one, status } = await open(mock)
  await one.expectCanceled('fit')
  t.equal(status, 'running')
})

testControl('`list` returns the named sandboxes', async (t, mock) => {
  await open(mock)
  t.strictSame(await names(mock), ['one', 'other'])
})

testControl('`list` counts the requests and faults of a sandbox', async (t, mock) => {
  await open(mock)
  const one = (await mock.sandboxes.list()).find(({ name }) => name === 'one')
  t.match(one, { in_flight: 0, requests: 1, faults: 0 })
})

testControl('`drop` deletes a sandbox', async (t, mock) => {
  await open(mock)
  await mock.sandboxes.drop('one')
  t.strictSame(await names(mock), ['other'])
})

testControl('a dropped sandbox starts again from the fixtures', async (t, mock) => {
  const { one } = await open(mock)
  await mock.sandboxes.drop('one')
  t.equal((await one.pipelines.get('fit')).status, 'running')
})

testControl('`drop` rejects an unknown name', async (t, mock) => {
  await t.rejects(mock.sandboxes.drop('nobody'), refused(404, 'sandbox_not_found'))
})

testControl('`drop` rejects the default sandbox', async (t, mock) => {
  await t.rejects(mock.sandboxes.drop('default'), refused(422, 'default_sandbox'))
})

testControl('`mock.sandbox` throws if the name is invalid', async (t, mock) => {
  for (const name of ['a b', '', '.', '..', 'a/b', 'x'.repeat(65)])
    t.throws(() => mock.sandbox(name), refused(400, 'invalid_sandbox_name'), JSON.stringify(name))
})
