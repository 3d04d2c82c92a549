import type { ErrorCode, FaultPlan } from '../../../src/index.js'
import { cancel, testControl, refused, unmet } from '../../support/control.js'

/** Returns an array that contains arrays, `depth` levels deep. */
const nested = (depth: number): unknown => {
  let value: unknown = []
  for (let i = 1; i < depth; i++) value = [value]
  return value
}

const UNAVAILABLE = { operation: 'cancel_pipeline', times: 2, respond: { status: 503 } } as const
const HELD = { operation: 'cancel_pipeline', hold: 'before' } as const

testControl('`add` returns the new fault', async (t, mock) => {
  const fault = await mock.faults.add(UNAVAILABLE)
  t.match(fault, { id: 'fault-1', times: 2, matched: 0, fired: 0, held: 0, consumed: false })
})

testControl('a fault applies to the planned number of requests', async (t, mock) => {
  await mock.faults.add(UNAVAILABLE)
  const responses = [await cancel(mock, 'fit'), await cancel(mock, 'fit'), await cancel(mock, 'fit')]
  t.strictSame(
    responses.map(({ status }) => status),
    [503, 503, 200],
  )
  await mock.expectCanceled('fit')
})

testControl('`list` shows to how many requests each fault has applied', async (t, mock) => {
  await mock.faults.add(UNAVAILABLE)
  for (let i = 0; i < 3; i++) await cancel(mock, 'fit')
  await mock.faults.add(HELD)
  t.match(await mock.faults.list(), [
    { id: 'fault-1', fired: 2, matched: 2, consumed: true },
    { id: 'fault-2', fired: 0, consumed: false },
  ])
})

testControl('the journal has the id of the fault that applied to a request', async (t, mock) => {
  await mock.faults.add(UNAVAILABLE)
  for (let i = 0; i < 3; i++) await cancel(mock, 'fit')
  t.match(await mock.requests.list(), [{ fault: 'fault-1', status: 503 }, { fault: 'fault-1' }, { fault: null }])
})

testControl('`assertConsumed` resolves if all faults are consumed', async (t, mock) => {
  await mock.faults.add(UNAVAILABLE)
  for (let i = 0; i < 3; i++) await cancel(mock, 'fit')
  await mock.faults.assertConsumed()
  t.match(await mock.faults.list(), [{ consumed: true }])
})

testControl('the error of `assertConsumed` lists the received requests', async (t, mock) => {
  await mock.faults.add(UNAVAILABLE)
  await t.rejects(mock.faults.assertConsumed(), unmet('faults_not_consumed'))
  for (let i = 0; i < 3; i++) await cancel(mock, 'fit')
  await mock.faults.add(HELD)
  await t.rejects(mock.faults.assertConsumed(), unmet('faults_not_consumed', {}, {}, { status: 200 }))
})

testControl(
  '`release` lets the requests that the fault holds proceed, and returns the number of these requests',
  async (t, mock) => {
    const { id } = await mock.faults.add(HELD)
    const held = cancel(mock, 'timed')
    await mock.requests.waitFor({ pipeline_id: 'timed' })
    t.equal(await mock.faults.release(id), 1)
    t.equal((await held).status, 200)
  },
)

testControl('`release` rejects a fault that holds no request', async (t, mock) => {
  const { id } = await mock.faults.add(HELD)
  await t.rejects(mock.faults.release(id), refused(409, 'nothing_held'))
})

testControl('`release` rejects a fault without `hold` in its plan', async (t, mock) => {
  const { id } = await mock.faults.add(UNAVAILABLE)
  await t.rejects(mock.faults.release(id), refused(422, 'fault_without_hold'))
})

testControl('`release` rejects a removed fault', async (t, mock) => {
  const { id } = await mock.faults.add(HELD)
  await mock.faults.remove(id)
  await t.rejects(mock.faults.release(id), refused(404, 'fault_not_found'))
})

testControl('`remove` deletes one fault', async (t, mock) => {
  const { id } = await mock.faults.add(UNAVAILABLE)
  const other = await mock.faults.add(HELD)
  await mock.faults.remove(id)
  t.strictSame(await mock.faults.list(), [other])
  await t.rejects(mock.faults.remove(id), refused(404, 'fault_not_found'))
})

testControl('`add` rejects a plan with no action, two actions or an incomplete action', async (t, mock) => {
  const corrected: [plan: object, code: ErrorCode, corrected: FaultPlan][] = [
    [{}, 'fault_action_required', { hang: true }],
    [{ hang: true, delay: '1s' }, 'fault_action_required', { delay: '1s' }],
    [{ respond: { status: 200 } }, 'response_body_required', { respond: { status: 200, body: null } }],
    [{ respond: { status: 299 } }, 'response_body_required', { respond: { status: 300 } }],
    [{ respond: { status: 206 } }, 'response_body_required', { respond: { status: 205 } }],
  ]
  for (const [plan, code, valid] of corrected) {
    await t.rejects(mock.faults.add(plan), refused(422, code))
    await mock.faults.remove((await mock.faults.add(valid)).id)
  }
})

testControl('`add` rejects an invalid plan with the path of the invalid value', async (t, mock) => {
  const retryAfter = ['respond', 'headers', 'retry-after']
  const wrong: [plan: object, code: ErrorCode, ...path: string[]][] = [
    [{ operation: 'cancel_pipelin', hang: true }, 'invalid_value', 'operation'],
    [{ respond: { status: 99 } }, 'invalid_value', 'respond', 'status'],
    [{ respond: { status: 503, header: {} } }, 'unknown_key', 'respond', 'header'],
    [{ respond: { status: 503, headers: { 'retry-after': 5 } } }, 'invalid_value', ...retryAfter],
    [{ respond: { status: 503, headers: { a: [] } } }, 'invalid_value', 'respond', 'headers', 'a'],
    [{ respond: { status: 503, headers: { a: ['x', 1] } } }, 'invalid_value', 'respond', 'headers', 'a'],
    [{ delay: 5 }, 'invalid_value', 'delay'],
    [{ respond: { status: 503, body: nested(2500) } }, 'too_deep', 'respond'],
    [{ times: 0, hang: true }, 'invalid_value', 'times'],
    [{ after: -1, hang: true }, 'invalid_value', 'after'],
    [{ hang: false }, 'invalid_value', 'hang'],
    [{ hold: true }, 'invalid_value', 'hold'],
  ]
  for (const [plan, ...issue] of wrong) await t.rejects(mock.faults.add(plan), refused(400, 'invalid_request', issue))
  t.strictSame(await mock.faults.list(), [])
})

testControl('a later change to the object passed to `add` does not affect the fault', async (t, mock) => {
  const plan = { operation: 'healthz' as const, respond: { status: 503 } }
  await mock.faults.add(plan)
  plan.respond.status = 418
  t.match(await mock.faults.list(), [{ respond: { status: 503 } }])
})
