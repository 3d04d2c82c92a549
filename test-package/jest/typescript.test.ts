import { expect, test } from '@jest/globals'
import { type Mock, startMock } from 'ionworks-mock'

test('the package works in ts-jest', async () => {
  const mock: Mock = await startMock({
    fixtures: { pipelines: [{ id: 'a', name: 'a', elements: [{ name: 'e', job_config: { a: [1] } }] }] },
  })
  expect((await mock.inject({ method: 'POST', url: '/pipelines/a/cancel' })).json().status).toBe('canceled')
  await mock.close()
})
