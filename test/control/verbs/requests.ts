import t, { type Test } from 'tap'
import { connect, type Mock } from '../../../src/index.js'
import { NOW } from '../../support/serve.js'
import { until, within } from '../../support/until.js'
import { collectWarnings } from '../../support/warnings.js'
import { cancel, testControl, post, refused, start, unmet } from '../../support/control.js'

testControl('the journal is empty at first', async (t, mock) => {
  t.strictSame(await mock.requests.list(), [])
})

testControl('a journal entry has the request, the status of the response, and the transitions', async (t, mock) => {
  await post(mock, '/pipelines/fit/cancel?why=done&api_key=secret')
  t.match(await mock.requests.waitFor({ operation: 'cancel_pipeline', status: 200 }), {
    id: /^[0-9a-f-]{36}$/,
    at: NOW,
    operation: 'cancel_pipeline',
    pipeline_id: 'fit',
    method: 'POST',
    path: '/pipelines/fit/cancel',
    query: { why: 'done', api_key: '[redacted]' },
    headers: { 'content-length': '2' },
    body: '{}',
    status: 200,
    fault: null,
    transitions: [
      { kind: 'pipeline', id: 'fit', from: 'running', to: 'canceled', at: NOW },
      { kind: 'element', id: 'diffusivity', from: 'running', to: 'canceled', at: NOW },
      { kind: 'element', id: 'validate', from: 'pending', to: 'canceled', at: NOW },
    ],
  })
})

testControl('`waitFor` resolves with a request that arrives later', async (t, mock) => {
  const waiting = mock.requests.waitFor({ operation: 'cancel_pipeline', status: 200 })
  await cancel(mock, 'fit')
  const request = await waiting
  t.equal(request.pipeline_id, 'fit')
  t.strictSame(await mock.requests.list(), [request])
})

testControl('`waitFor` resolves with a request that arrived earlier', async (t, mock) => {
  await cancel(mock, 'nobody')
  t.equal((await mock.requests.waitFor({ status: 422 })).pipeline_id, 'nobody')
})

testControl('when `waitFor` times out, the error lists the received requests', async (t, mock) => {
  await cancel(mock, 'fit')
  await cancel(mock, 'nobody')
  await t.rejects(
    mock.requests.waitFor({ operation: 'get_pipeline', pipeline_id: 'fit' }, { timeout: '1ms' }),
    unmet('request_not_received', ...(await mock.requests.list({ status: 200 })), {
      path: '/pipelines/nobody/cancel',
      status: 422,
    }),
  )
})

testControl('`waitFor` rejects a timeout above five minutes', async (t, mock) => {
  await t.rejects(mock.requests.waitFor({}, { timeout: '6m' }), refused(422, 'wait_too_long'))
})

testControl('`list` returns the requests that match every key of the filter', async (t, mock) => {
  await cancel(mock, 'fit')
  await mock.clock.advance('1s')
  await cancel(mock, 'nobody')
  const count = async (filter: object) => (await mock.requests.list(filter)).length
  t.equal(await count({}), 2)
  t.equal(await count({ status: 200 }), 1)
  t.equal(await count({ pipeline_id: 'nobody', operation: 'cancel_pipeline', status: 422 }), 1)
  t.equal(await count({ since: '2026-10-01T14:00:01+02:00' }), 1)
})

testControl('`verify` resolves for the expected number of requests', async (t, mock) => {
  await mock.verify({ operation: 'cancel_pipeline', times: 0 })
  for (let i = 0; i < 25; i++) await cancel(mock, 'fit')
  await mock.verify({ operation: 'cancel_pipeline' })
  await mock.verify({ operation: 'cancel_pipeline', pipeline_id: 'fit', status: 200, times: 25 })
  t.equal((await mock.requests.list()).length, 25)
})

testControl('the error of `verify` lists every received request', async (t, mock) => {
  for (let i = 0; i < 25; i++) await cancel(mock, 'fit')
  const all = Array.from({ length: 25 }, () => ({ path: '/pipelines/fit/cancel', status: 200 }))
  for (const expected of [
    { operation: 'get_pipeline' },
    { times: 1 },
    { operation: 'cancel_pipeline', times: 0 },
  ] as const)
    await t.rejects(mock.verify(expected), unmet('request_count_mismatch', ...all))
})

testControl('`verify` ignores a key whose value is undefined', async (t, mock) => {
  await cancel(mock, 'nobody')
  await t.rejects(mock.verify({ times: 2, status: undefined } as object), unmet('request_count_mismatch', {}))
  await t.rejects(mock.verify({ times: 2 }), unmet('request_count_mismatch', { pipeline_id: 'nobody' }))
})

testControl('an ExpectationError also lists a request without a response', async (t, mock) => {
  await cancel(mock, 'nobody')
  const { id } = await mock.faults.add({ disconnect: 'before', times: null })
  const unknown = { method: 'POST', path: '/pipelines/nobody/cancel', status: 422, fault: null }
  await t.rejects(mock.faults.assertConsumed(), unmet('faults_not_consumed', unknown))
  await t.rejects(cancel(mock, 'fit'))
  await mock.faults.assertConsumed()
  const cutOff = { path: '/pipelines/fit/cancel', status: null, operation: 'cancel_pipeline', fault: id }
  await t.rejects(mock.verify({ times: 3 }), unmet('request_count_mismatch', unknown, cutOff))
})

testControl('the journal does not contain a request to a path without an operation', async (t, mock) => {
  await post(mock, '/nowhere')
  await post(mock, '/openapi.json')
  t.strictSame(await mock.requests.list(), [])
})

testControl('`expectCanceled` resolves for a canceled pipeline', async (t, mock) => {
  await cancel(mock, 'fit')
  await mock.expectCanceled('fit')
  t.equal((await mock.pipelines.get('fit')).status, 'canceled')
})

testControl('`expectCanceled` rejects a running pipeline', async (t, mock) => {
  await t.rejects(mock.expectCanceled('fit'), unmet('pipeline_not_canceled'))
})

testControl('`expectCanceled` rejects an unknown id', async (t, mock) => {
  await t.rejects(mock.expectCanceled('nobody'), refused(404, 'pipeline_not_found'))
})

/** Starts a mock with a sandbox. The returned `inFlight` resolves when `n` requests of the sandbox are in flight. */
async function begin(t: Test) {
  const mock = await start(t)
  const sandbox = mock.sandbox('a')
  const inFlight = (n: number) =>
    until(`${n} requests in flight`, async () => (await mock.sandboxes.list())[0]?.in_flight === n)
  return { mock, sandbox, inFlight }
}

t.test('a call of `waitFor` ends when its client disconnects', async (t) => {
  const { sandbox, inFlight } = await begin(t)
  const leaving = new AbortController()
  const url = `${sandbox.url}/_mock/requests/wait?timeout=5m`
  const response = fetch(url, { signal: leaving.signal }).catch(() => 'aborted')
  await inFlight(1)
  leaving.abort()
  t.equal(await response, 'aborted')
  await inFlight(0)
})

/**
 * Begins a wait in a sandbox, in process and through the remote client. Then runs `end`, and expects that each wait
 * rejects with `error`.
 */
async function endWaits(t: Test, end: (mock: Mock) => Promise<void>, error: ReturnType<typeof refused>) {
  const { mock, sandbox, inFlight } = await begin(t)
  const remote = await connect(sandbox.url)
  const ended = [sandbox, remote].map(({ requests }) => t.rejects(requests.waitFor({}, { timeout: '5m' }), error))
  await inFlight(ended.length)
  await end(mock)
  await within('the end of the waits', Promise.all(ended))
  return { mock, sandbox }
}

t.test('`waitFor` rejects when the mock closes', async (t) => {
  await endWaits(t, (mock) => mock.close(), refused(503, 'mock_closed'))
})

t.test('`waitFor` rejects when its sandbox is dropped', async (t) => {
  const { sandbox } = await endWaits(t, (mock) => mock.sandboxes.drop('a'), refused(410, 'sandbox_dropped'))
  const waiting = sandbox.requests.waitFor()
  await fetch(`${sandbox.url}/pipelines/fit`)
  t.match(await waiting, { pipeline_id: 'fit' }, 'a later wait waits in the new sandbox')
})

t.test('after the mock has closed, `waitFor` returns an earlier request, or rejects at once', async (t) => {
  const mock = await start(t)
  await cancel(mock, 'fit')
  await mock.close()
  t.match(await mock.requests.waitFor(), { pipeline_id: 'fit' })
  for (const { requests } of [mock, mock.sandbox('new')]) {
    const rejected = t.rejects(requests.waitFor({ status: 503 }, { timeout: '5m' }), refused(503, 'mock_closed'))
    await within('the end of the wait', rejected)
  }
})

t.test(
  'many calls of `waitFor` and many requests that a fault holds cause no warning about a memory leak',
  async (t) => {
    const warnings = collectWarnings(t)
    const mock = await start(t)
    const remote = await connect(mock.url)
    await mock.faults.add({ hold: 'before', times: null })
    const many = Array.from({ length: 40 }, (_, i) => `s${i}`)
    const held = many.map(() => t.rejects(cancel(mock, 'fit')))
    const ended = [mock, remote].flatMap((one) =>
      many.map((name) =>
        t.rejects(one.sandbox(name).requests.waitFor({}, { timeout: '5m' }), refused(503, 'mock_closed')),
      ),
    )
    await until('80 waits', async () => {
      const counts = (await mock.sandboxes.list()).map(({ in_flight }) => in_flight)
      return counts.reduce((sum, count) => sum + count, 0) === ended.length
    })
    await until('40 held requests', async () => (await mock.faults.list())[0]?.held === held.length)
    await mock.close()
    await within('the end of all waits and requests', Promise.all([...ended, ...held]))
    t.strictSame(warnings, [])
  },
)
