// Uses the clients that @hey-api/openapi-ts generates.
import assert from 'node:assert/strict'
import { cancelPipelinePipelinesPipelineIdCancelPost as cancelPipeline } from './generated/hey-api/api'
import { createClient as createApiClient } from './generated/hey-api/api/client'
import { addFault, advanceClock, getElements, setClock, setPipeline } from './generated/hey-api/control'
import { createClient as createControlClient } from './generated/hey-api/control/client'

const baseUrl = `${process.env.MOCK_URL}/_sandbox/hey-api`
const api = createApiClient({ baseUrl })
const control = createControlClient({ baseUrl })

async function main(): Promise<void> {
  await setClock({ client: control, body: { mode: 'frozen', now: '2026-10-01T12:00:00Z' } })
  const advanced = await advanceClock({ client: control, body: { by: '30s' } })
  assert.deepEqual(advanced.data, { mode: 'frozen', now: '2026-10-01T12:00:30Z' })

  const rejected = await advanceClock({ client: control, body: { by: 'soon' } })
  assert.equal(rejected.error?.code, 'invalid_request')

  await addFault({ client: control, body: { delay: '1ms' } })
  // @ts-expect-error: a plan without an action
  await addFault({ client: control, body: { times: 2 } })

  const path = { id: 'fit' }
  const { data: changed } = await setPipeline({ client: control, path, body: { element: 2, status: 'completed' } })
  assert.equal(changed?.status, 'running')

  const { data } = await cancelPipeline({ client: api, path: { pipeline_id: 'fit' } })
  assert.equal(data?.status, 'canceled')
  const { data: elements } = await getElements({ client: control, path })
  assert.deepEqual(
    elements?.map(({ status }) => status),
    ['completed', 'completed', 'canceled'],
  )
}

void main()
