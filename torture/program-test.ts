import { cancelPath, FIT } from '../test/support/lab.js'
import type { MockControl } from '../src/client.js'
import { about, expectEqual } from './issues.js'

/**
 * A function that keeps a group of concurrent tests in step. Each test calls the function at the end of a step. The
 * returned promises resolve when all tests of the group have called the function.
 */
export type Barrier = () => Promise<void>

export function createBarrier(size: number): Barrier {
  let waiting: (() => void)[] = []
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      if (waiting.length < size) return
      for (const proceed of waiting) proceed()
      waiting = []
    })
}

/**
 * Runs a typical test in the sandbox `name`, which no other test uses. Returns an issue for each result that differs
 * from the result of the test in a mock without other tests. The index `i` determines the time of the clock, and how
 * many requests the test sends.
 */
export async function testProgram(control: MockControl, name: string, i: number, barrier: Barrier): Promise<string[]> {
  const headers = { 'x-test': name }
  const sandbox = control.sandbox(name)
  const send = async (method: string, path: string) => {
    const response = await fetch(sandbox.url + path, { method, headers })
    return { status: response.status, record: JSON.parse(await response.text()) }
  }
  await sandbox.clock.freeze('2026-10-01T12:00:00Z')
  await sandbox.clock.advance(`${i + 1}ms`)
  await sandbox.faults.add({ operation: 'cancel_pipeline', respond: { status: 503 } })
  await barrier()

  const now = new Date(Date.UTC(2026, 9, 1, 12) + i + 1).toISOString().replace('Z', '000Z')
  const issues = expectEqual('the clock', await sandbox.clock.now(), now)
  issues.push(
    ...expectEqual('the status of the response under the fault', (await send('POST', cancelPath(FIT))).status, 503),
  )
  const running = await send('GET', `/pipelines/${FIT}`)
  issues.push(...expectEqual('the status of the pipeline before the cancel', running.record.status, 'running'))
  await barrier()

  const { status, record } = await send('POST', cancelPath(FIT))
  issues.push(
    ...expectEqual('the response to the cancel', [status, record.status, record.updated_at], [200, 'canceled', now]),
  )
  const reads = i % 4
  for (let read = 0; read < reads; read++) await send('GET', `/pipelines/${FIT}/elements`)
  await barrier()

  const elements = await sandbox.pipelines.elements(FIT)
  const states = elements.map(({ status, updated_at }) => (updated_at === now ? `${status} now` : status))
  const received = await sandbox.requests.list()
  const checks = await Promise.allSettled([
    sandbox.expectCanceled(FIT),
    sandbox.faults.assertConsumed(),
    sandbox.verify({ operation: 'cancel_pipeline', pipeline_id: FIT, times: 2 }),
    sandbox.verify({ operation: 'cancel_pipeline', status: 503, times: 1 }),
    sandbox.verify({ operation: 'get_pipeline_elements', since: now, times: reads }),
  ])
  issues.push(
    ...expectEqual('the elements', states, ['completed', 'completed', 'canceled now', 'canceled now']),
    ...expectEqual('the number of requests', received.length, 3 + reads),
    ...received.flatMap((request) =>
      expectEqual('the x-test header of a received request', request.headers['x-test'], name),
    ),
    ...checks.flatMap((check) => (check.status === 'rejected' ? [String(check.reason)] : [])),
  )
  return about(name, issues)
}
