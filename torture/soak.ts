import { attempt } from '../test/support/http.js'
import { cancelPath, CREATION, FIT } from '../test/support/lab.js'
import { Random } from '../test/support/random.js'
import { inMB, inSeconds, type Report } from '../test/support/report.js'
import { until } from '../test/support/until.js'
import { PipelinedConnection, requestText } from '../test/support/wire.js'
import { connect, type FaultPlan, type MockControl } from '../src/index.js'
import type { Memory } from './child.js'
import { expectEqual, issuesIf } from './issues.js'
import { healthIssues, startChild } from './mock.js'
import { testProgram } from './program-test.js'
import type { Sizes } from './sizes.js'

const [SAMPLES, CONNECTIONS, AT_ONCE, BUSY_SANDBOXES] = [20, 8, 50, 200]
/** The number of calls of `cutOff` before each sample. With fewer calls, a leak could stay within the bounds. */
const CUT_OFFS = 4
const DEFAULT_MAX_SANDBOXES = 10_000
const EXPECTED = new Set(['200', '201', '204', '400', '404', '405', '422', '503'])

type Request = readonly [share: number, method: string, path: string, body?: string]

/** Typical requests of tests and some invalid requests, each with its share in percent. */
const MIX: readonly Request[] = [
  [30, 'POST', cancelPath(FIT)],
  [20, 'GET', `/pipelines/${FIT}`],
  [15, 'GET', `/pipelines/${FIT}/elements`],
  [5, 'GET', '/pipelines?project_id=p&limit=5'],
  [5, 'POST', '/pipelines', CREATION],
  [3, 'PATCH', `/pipelines/${FIT}`, '{"name":"other"}'],
  [2, 'GET', `/pipelines/${FIT}/result`],
  [2, 'POST', '/pipelines', '{"broken'],
  [2, 'DELETE', '/pipelines/unknown'],
  [2, 'PUT', '/pipelines'],
  [2, 'GET', '/nothing'],
  [2, 'POST', '/_mock/faults', '{"respond":{"status":503}}'],
  [1, 'POST', '/_mock/faults', '{"respond":{"status":200,"body":""},"after":1}'],
  [2, 'POST', '/_mock/clock/advance', '{"by":"1s"}'],
  [2, 'PUT', '/_mock/snapshots/'],
  [1, 'POST', '/_mock/seed', '{"pipelines":[{"name":1}]}'],
  [4, 'POST', '/_mock/reset'],
]
const BY_PERCENT = MIX.flatMap((request) => Array.from({ length: request[0] }, () => request))

/** Returns a random request. Half of the requests go to a few busy sandboxes, and the other half to any sandbox. */
function anyRequest(random: Random, sandboxes: number): string {
  const sandbox = random.below(random.next() < 0.5 ? BUSY_SANDBOXES : sandboxes)
  const [, method, path, body] = random.pick(BY_PERCENT)
  const name = path.endsWith('/snapshots/') ? String(random.below(3)) : ''
  return requestText(method, `/_sandbox/s${sandbox}${path}${name}`, body)
}

const CUTS: readonly FaultPlan[] = [
  { disconnect: 'before' },
  { disconnect: 'after' },
  { truncate: 9 },
  { hang: true },
  { hold: 'after' },
  { delay: '1ms' },
]

/** For each fault in CUTS, sends requests that the fault cuts off, holds or delays. */
async function cutOff(control: MockControl, random: Random, sandboxes: number) {
  for (const cut of CUTS) {
    const sandbox = control.sandbox(`s${random.below(sandboxes)}`)
    await sandbox.reset()
    await sandbox.faults.add({ ...cut, times: null })
    const requests = Array.from({ length: 50 }, () => attempt(`${sandbox.url}/pipelines/${FIT}`))
    if (cut.hang || cut.hold) {
      await until('all requests to be held', async () => (await sandbox.faults.list())[0]?.held === requests.length)
      await sandbox.reset()
    }
    await Promise.all(requests)
    await sandbox.reset()
  }
}

const mean = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length

/** Compares the means of the last two quarters of the samples. Returns the growth as a fraction, such as 0.05. */
const growth = (samples: readonly number[]) =>
  mean(samples.slice(-SAMPLES / 4)) / mean(samples.slice(SAMPLES / 2, -SAMPLES / 4)) - 1

/**
 * Checks that the memory of the mock does not grow by more than the bounds. The bounds leave a margin: in runs
 * without a leak, the heap grew by up to 1 %, and resident memory by up to 5 %.
 */
function checkMemory(report: Report, samples: readonly Memory[]) {
  const bounds = { heapUsed: 0.05, rss: 0.15 } satisfies Record<keyof Memory, number>
  for (const [name, bound] of Object.entries(bounds)) {
    const sizes = samples.map((sample) => sample[name as keyof Memory])
    const range = `${inMB(sizes[SAMPLES / 2] ?? 0)} at half time, ${inMB(sizes.at(-1) ?? 0)} at the end`
    const title = `${name} changes by ${(growth(sizes) * 100).toFixed(1)} % between the last two quarters: ${range}`
    report.check(
      title,
      issuesIf(growth(sizes) > bound, `expected at most ${bound * 100} %, samples: ${sizes.map(inMB).join(', ')}`),
    )
  }
}

/** Checks that the mock keeps `kept` of `of` sandboxes, and that tests pass in used and in new sandboxes. */
async function checkSandboxes(report: Report, control: MockControl, kept: number, of: number) {
  const sandboxes = await control.sandboxes.list()
  const inFlight = sandboxes.filter(({ in_flight }) => in_flight > 0)
  report.check(`${sandboxes.length} of ${of} sandboxes are kept, and none has a request in flight`, [
    ...expectEqual('the number of sandboxes', sandboxes.length, kept),
    ...expectEqual('the sandboxes with requests in flight', inFlight, []),
  ])
  const busiest = sandboxes.toSorted((a, b) => b.requests - a.requests)[0]
  const issues: string[] = []
  for (const name of [busiest?.name, sandboxes[0]?.name, 'unused']) {
    await control.sandbox(String(name)).reset()
    issues.push(...(await testProgram(control, String(name), 3, async () => undefined)))
  }
  report.check('tests in used and new sandboxes still see only their own effects', issues)
}

/**
 * Sends many requests on pipelined connections. Checks that each of them gets a response, and that the memory of the
 * mock and the number of sandboxes stay within their bounds.
 */
export async function soak(report: Report, { requests, sandboxes }: Sizes, seed: number): Promise<void> {
  // A full run uses five times as many sandboxes as the default limit. A quick run lowers the limit accordingly.
  const kept = Math.min(DEFAULT_MAX_SANDBOXES, sandboxes / 5)
  const limits = kept < DEFAULT_MAX_SANDBOXES ? [kept] : []
  const { child, receive, call } = startChild('./child.js', ['serve', ...limits], ['--expose-gc'])
  const { url, port } = await receive<{ url: string; port: number }>()
  const control = await connect(url)
  const connections = Array.from({ length: CONNECTIONS }, () => new PipelinedConnection(port))
  const random = new Random(seed)
  const began = performance.now()
  let busyMs = 0
  const work = async (batches: number) => {
    let left = batches
    const since = performance.now()
    const sendOn = async (connection: PipelinedConnection) => {
      while (left-- > 0) await connection.send(Array.from({ length: AT_ONCE }, () => anyRequest(random, sandboxes)))
    }
    await Promise.all(connections.map(sendOn))
    busyMs += performance.now() - since
  }
  // A quick run begins with requests that are not measured. They fill the journals and other lists that have a limit.
  const [batches, before] = [requests / SAMPLES / AT_ONCE, Math.max(0, 150_000 - requests) / AT_ONCE]
  await work(before)
  const samples: Memory[] = []
  for (let sample = 0; sample < SAMPLES; sample++) {
    await work(batches)
    for (let i = 0; i < CUT_OFFS; i++) await cutOff(control, random, sandboxes)
    samples.push(await call<Memory>('sample'))
  }
  const counts = new Map<string, number>()
  for (const { statuses } of connections)
    for (const [status, count] of statuses) counts.set(status, (counts.get(status) ?? 0) + count)
  const sent = (batches * SAMPLES + before) * AT_ONCE
  const received = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const unexpected = [...counts.keys()].filter((status) => !EXPECTED.has(status))
  const summary = [...counts]
    .sort()
    .map(([status, count]) => `${count} × ${status}`)
    .join(', ')
  const rate = Math.round(sent / (busyMs / 1000))
  report.check(`${sent} requests get expected responses, ${rate} per second: ${summary} (${inSeconds(began)})`, [
    ...expectEqual('the number of responses', received, sent),
    ...expectEqual('unexpected statuses', unexpected, []),
    ...(await healthIssues({ url })),
  ])
  for (const connection of connections) connection.close()
  checkMemory(report, samples)
  await checkSandboxes(report, control, kept, sandboxes)
  child.disconnect()
}
