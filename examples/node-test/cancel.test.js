// One mock for the file, and a sandbox for each test: a test sees nothing of the others, which run at the same time.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startMock } from 'ionworks-mock'

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

/** Stands for the program under test: it cancels a pipeline, and tries again while the service is away. */
async function cancel({ IONWORKS_API_URL }, id) {
  for (let tries = 1; ; tries++) {
    const answer = await fetch(`${IONWORKS_API_URL}/pipelines/${id}/cancel`, { method: 'POST' })
    if (answer.status !== 503 || tries === 5) return answer.json()
  }
}

describe('cancel', { concurrency: true }, () => {
  let mock
  before(async () => {
    mock = await startMock({ clock: 'frozen@2026-10-01T12:00:00Z', fixtures })
  })
  after(() => mock.close())

  test('keeps what is done', async () => {
    const sandbox = mock.sandbox('keeps-what-is-done')
    await sandbox.clock.advance('25s')
    await fetch(`${sandbox.url}/pipelines/fit/cancel`, { method: 'POST' })

    await sandbox.expectCanceled('fit')
    const statuses = (await sandbox.pipelines.elements('fit')).map(({ status }) => status)
    assert.deepEqual(statuses, ['completed', 'completed', 'canceled', 'canceled'])
  })

  test('is tried again while the service is away', async () => {
    const sandbox = mock.sandbox('is-tried-again')
    await sandbox.faults.add({ operation: 'cancel_pipeline', times: 2, respond: { status: 503 } })

    assert.equal((await cancel(sandbox.env, 'fit')).status, 'canceled')
    await sandbox.verify({ operation: 'cancel_pipeline', times: 3 })
    await sandbox.faults.assertConsumed()
  })

  test('comes too late for what has failed', async () => {
    const sandbox = mock.sandbox('comes-too-late')
    await sandbox.pipelines.set('fit', { element: 'known parameters', status: 'failed' })

    assert.equal((await cancel(sandbox.env, 'fit')).status, 'failed')
  })
})
