// Tests of the package that do not depend on a test runner. The files in `jest`, `vitest` and `runners` run these
// tests.
const assert = require('node:assert')

const element = (name, status, more) => ({ name, status, job_config: { cell: { capacities: [5, 4.8] } }, ...more })
const fixtures = {
  pipelines: [
    {
      id: 'fit',
      name: 'fit',
      status: 'running',
      elements: [
        element('known', 'completed', { result: { parameter_values: { x: 1 }, trace: [{ cost: 0.1 }] } }),
        element('fit', 'running', { mock: { result: { nested: { deeply: [] } } } }),
        element('validate', 'pending'),
      ],
    },
  ],
}

const post = (url) => fetch(url, { method: 'POST' })
const statusesOf = async (handle) => (await handle.pipelines.elements('fit')).map(({ status }) => status).join(' ')

/**
 * Tests fixtures with nested objects, a cancel, a sandbox, a fault and the remote client. The argument has the
 * exports of the package. In a simulated browser, `inject` sends the requests, because `fetch` is missing or
 * restricted.
 */
exports.story = async ({ startMock, connect, FixtureError }) => {
  const mock = await startMock({ fixtures })
  const send =
    typeof window === 'undefined' ? post : (url) => mock.inject({ method: 'POST', url: url.slice(mock.url.length) })
  try {
    assert.equal((await mock.pipelines.get('fit')).status, 'running')
    assert.deepEqual((await mock.pipelines.elements('fit'))[0].job_config.cell.capacities.length, 2)

    const sandbox = mock.sandbox('retry')
    await sandbox.faults.add({ operation: 'cancel_pipeline', respond: { status: 503, body: { detail: ['later'] } } })
    for (let tries = 0; tries < 2; tries++) await send(`${sandbox.url}/pipelines/fit/cancel`)
    await sandbox.expectCanceled('fit')
    await sandbox.verify({ operation: 'cancel_pipeline', times: 2 })
    await sandbox.faults.assertConsumed()
    assert.equal(await statusesOf(sandbox), 'completed canceled canceled')
    assert.equal(await statusesOf(mock), 'completed running pending')

    await mock.seed(fixtures)
    await mock.pipelines.add({ pipelines: [{ id: 'other', name: 'other', elements: [element('e', 'pending')] }] })
    await mock.pipelines.set('other', { element: 1, result: { nested: { values: [1] } } })
    await assert.rejects(
      mock.seed({ pipelines: [{ name: 'a', status: 'runing' }] }),
      (error) => error instanceof FixtureError,
    )

    const remote = await connect(mock.url)
    await remote.sandbox('remote').seed(fixtures)
    assert.equal(await statusesOf(remote.sandbox('remote')), 'completed running pending')
  } finally {
    await mock.close()
  }
}

/** Tests that delays and waits pass in real time, and that `close` resolves, although the test fakes its timers. */
exports.withFakeTimers = async ({ startMock }) => {
  const mock = await startMock({ fixtures, grace: '50ms' })
  await mock.faults.add({ delay: '20ms' })
  assert.equal((await mock.inject('/pipelines/fit')).statusCode, 200)
  await assert.rejects(mock.requests.waitFor({ operation: 'cancel_pipeline' }, { timeout: '20ms' }))
  await mock.faults.add({ hang: true })
  const held = mock.inject('/pipelines/fit').then(
    () => 'a response',
    () => 'no response',
  )
  await mock.requests.waitFor({ operation: 'get_pipeline' })
  await mock.close()
  assert.equal(await held, 'no response')
}
