// The tests in this file share one mock. Each test uses its own sandbox, so concurrent tests are isolated.
import { startMock } from 'ionworks-mock'
import { afterAll, beforeAll, expect, test } from 'vitest'

const fixtures = {
  pipelines: [
    {
      id: 'fit',
      name: 'LG M50 diffusivity fit',
      mock: { takes: '10s' },
      elements: [
        { name: 'known parameters' },
        { name: 'volume fraction', element_type: 'Calculation' },
        { name: 'fit diffusivity', element_type: 'Data Fit' },
        { name: 'validate', element_type: 'Validation' },
      ],
    },
  ],
}

/** Stands in for the program under test. Cancels a pipeline. Retries a 503 up to 4 times. */
async function cancel({ IONWORKS_API_URL }, id) {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(`${IONWORKS_API_URL}/pipelines/${id}/cancel`, { method: 'POST' })
    if (response.status !== 503 || attempt === 5) return response.json()
  }
}

let mock
beforeAll(async () => {
  mock = await startMock({ clock: 'frozen@2026-10-01T12:00:00Z', fixtures })
})
afterAll(() => mock.close())

test.concurrent('a cancel keeps completed elements', async () => {
  const sandbox = mock.sandbox('keeps-completed')
  await sandbox.clock.advance('25s')
  await fetch(`${sandbox.url}/pipelines/fit/cancel`, { method: 'POST' })

  await sandbox.expectCanceled('fit')
  const statuses = (await sandbox.pipelines.elements('fit')).map(({ status }) => status)
  expect(statuses).toEqual(['completed', 'completed', 'canceled', 'canceled'])
})

test.concurrent('a cancel is retried while the service is unavailable', async () => {
  const sandbox = mock.sandbox('is-retried')
  await sandbox.faults.add({ operation: 'cancel_pipeline', times: 2, respond: { status: 503 } })

  expect((await cancel(sandbox.env, 'fit')).status).toBe('canceled')
  await sandbox.verify({ operation: 'cancel_pipeline', times: 3 })
  await sandbox.faults.assertConsumed()
})

test.concurrent('a cancel does not change a failed pipeline', async () => {
  const sandbox = mock.sandbox('failed')
  await sandbox.pipelines.set('fit', { element: 'known parameters', status: 'failed' })

  expect((await cancel(sandbox.env, 'fit')).status).toBe('failed')
})
