// Cancels a pipeline while the third element runs. The test moves the clock of the mock instead of waiting.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startMock } from 'ionworks-mock'

const values = (diffusivity) => ({ parameter_values: { 'Negative particle diffusivity [m2.s-1]': diffusivity } })

const fixtures = {
  pipelines: [
    {
      id: 'fit',
      name: 'LG M50 diffusivity fit',
      elements: [
        { name: 'known parameters', mock: { takes: '1s', result: values(3.3e-14) } },
        { name: 'volume fraction', element_type: 'Calculation', mock: { takes: '5s', result: values(3.3e-14) } },
        { name: 'fit diffusivity', element_type: 'Data Fit', mock: { takes: '10m', result: values(3.9e-14) } },
        { name: 'validate', element_type: 'Validation', mock: { takes: '30s' } },
      ],
    },
  ],
}

test('a cancel keeps completed elements and cancels the others', async (t) => {
  const mock = await startMock({ fixtures, clock: 'frozen@2026-10-01T12:00:00Z' })
  t.after(() => mock.close())
  const elements = async () => (await fetch(`${mock.url}/pipelines/fit/elements`)).json()
  const statuses = async () => (await elements()).map(({ status }) => status)

  assert.deepEqual(await statuses(), ['running', 'pending', 'pending', 'pending'])
  await mock.clock.advance('5m')
  assert.deepEqual(await statuses(), ['completed', 'completed', 'running', 'pending'])

  await fetch(`${mock.url}/pipelines/fit/cancel`, { method: 'POST' })

  const [known, fraction, fit, validate] = await elements()
  assert.deepEqual([known.status, known.updated_at], ['completed', '2026-10-01T12:00:01Z'])
  assert.deepEqual(fraction.result, values(3.3e-14))
  assert.deepEqual([fit.status, fit.updated_at], ['canceled', '2026-10-01T12:05:00Z'])
  assert.deepEqual([validate.status, validate.job_id], ['canceled', null])

  await mock.clock.advance('1h')
  assert.deepEqual(await statuses(), ['completed', 'completed', 'canceled', 'canceled'])
})
