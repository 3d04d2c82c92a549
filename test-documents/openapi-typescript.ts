// Uses the types that openapi-typescript generates, with the client openapi-fetch.
import assert from 'node:assert/strict'
import createClient from 'openapi-fetch'
import type { paths as ApiPaths } from './generated/openapi-typescript/api'
import type { paths as ControlPaths } from './generated/openapi-typescript/control'

const baseUrl = `${process.env.MOCK_URL}/_sandbox/openapi-typescript`
const api = createClient<ApiPaths>({ baseUrl })
const control = createClient<ControlPaths>({ baseUrl })

async function main(): Promise<void> {
  await control.PUT('/_mock/clock', { body: { mode: 'frozen', now: '2026-10-01T12:00:00Z' } })
  const advanced = await control.POST('/_mock/clock/advance', { body: { by: 'PT30S' } })
  assert.deepEqual(advanced.data, { mode: 'frozen', now: '2026-10-01T12:00:30Z' })

  const rejected = await control.POST('/_mock/clock/advance', { body: { by: 'soon' } })
  assert.equal(rejected.error?.code, 'invalid_request')
  assert.deepEqual(rejected.error?.errors?.[0]?.path, ['by'])

  await control.POST('/_mock/faults', { body: { operation: 'cancel_pipeline', respond: { status: 503 } } })
  // @ts-expect-error: a plan without an action
  await control.POST('/_mock/faults', { body: { operation: 'cancel_pipeline' } })

  const cancel = () => api.POST('/pipelines/{pipeline_id}/cancel', { params: { path: { pipeline_id: 'fit' } } })
  assert.equal((await cancel()).response.status, 503)
  const { data } = await cancel()
  assert.equal(data?.status, 'canceled')
  assert.equal(data?.updated_at, '2026-10-01T12:00:30Z')

  const requests = await control.GET('/_mock/requests', { params: { query: { operation: 'cancel_pipeline' } } })
  assert.deepEqual(
    requests.data?.map(({ status, fault, transitions }) => [status, fault, transitions.length]),
    [
      [503, 'fault-1', 0],
      [200, null, 3],
    ],
  )
}

void main()
