import { connect } from 'node:net'
import { attempt, type RequestOptions, send } from '../test/support/http.js'
import { cancelPath, FIT } from '../test/support/lab.js'
import { inSeconds, type Report } from '../test/support/report.js'
import { until } from '../test/support/until.js'
import { PipelinedConnection, requestText, sendBytes } from '../test/support/wire.js'
import { type FaultPlan, type Mock, type MockControl, startMock } from '../src/index.js'
import { expectAll, expectEqual, issuesIf } from './issues.js'
import { startChild, startMockCommand } from './mock.js'
import { createBarrier, testProgram } from './program-test.js'
import type { Sizes } from './sizes.js'

/** Returns the state of the default sandbox. Tests in other sandboxes must not change this state. */
const defaultSandbox = async (control: MockControl) => [
  await control.state(),
  await control.requests.list(),
  await control.faults.list(),
  (await control.pipelines.get(FIT)).status,
]

/** Runs tests, each in its own sandbox, and checks that they affect neither each other nor the default sandbox. */
async function runTests(report: Report, what: string, count: number, run: (mock: Mock) => Promise<string[]>) {
  const mock = await startMock({ clock: 'frozen' })
  const before = await defaultSandbox(mock)
  const began = performance.now()
  const issues = await run(mock)
  const took = inSeconds(began)
  const sandboxes = await mock.sandboxes.list()
  const inFlight = sandboxes.filter(({ in_flight }) => in_flight > 0)
  report.check(`${what} affect neither each other nor the default sandbox (${took})`, [
    ...issues,
    ...expectEqual('the number of sandboxes', sandboxes.length, count),
    ...expectEqual('the sandboxes with requests in flight', inFlight, []),
    ...expectEqual('the default sandbox', await defaultSandbox(mock), before),
  ])
  await mock.close()
}

const inOneProcess = (report: Report, tests: number) =>
  runTests(report, `${tests} concurrent tests in one process`, tests, async (mock) => {
    const barrier = createBarrier(tests)
    return (await Promise.all(Array.from({ length: tests }, (_, i) => testProgram(mock, `t${i}`, i, barrier)))).flat()
  })

const inManyProcesses = (report: Report, count: number, testsEach: number) =>
  runTests(report, `${count} processes with ${testsEach} tests each`, count * testsEach, async ({ url }) => {
    const workers = Array.from({ length: count }, (_, i) => startChild('./worker.js', [url, i, testsEach]))
    await Promise.all(workers.map(({ receive }) => receive()))
    return (await Promise.all(workers.map(({ call }) => call<string[]>('start')))).flat()
  })

const MARKER = 'k3ep-th1s-s3cret'
const CREDENTIALS: RequestOptions['headers'][] = [
  { 'X-API-Key': MARKER },
  { Authorization: `Bearer ${MARKER}` },
  { 'Proxy-Authorization': `Basic ${MARKER}` },
  { Cookie: `session=${MARKER}` },
  { 'X-Mock-Token': MARKER },
  {},
]
/** The first five targets are operations in the default sandbox, so the journal lists their requests. */
const TARGETS = `
GET /pipelines/none
POST ${cancelPath(FIT)}
POST /pipelines
GET /pipelines
GET /healthz
GET /no/such/path
POST /healthz
GET /pipelines/
POST /_sandbox/in%20valid/pipelines
GET /_mock/nothing
PUT /_mock/clock
GET /_mock/info
`
  .trim()
  .split('\n')
  .map((line) => line.split(' '))
const SECRET_PARAMETERS = 'api_key API_KEY access_token client_secret password api%5Fkey x-mock-token'.split(' ')
const QUERIES = [
  '',
  ...SECRET_PARAMETERS.map((name) => `?project_id=p&${name}=${MARKER}`),
  `?api_key=a&api_key=${MARKER}`,
]

/** Checks that the journal, the state, the list of sandboxes and the log contain no credentials. */
async function checkRedaction(report: Report) {
  const mock = await startMockCommand('--log-level', 'trace')
  const began = performance.now()
  let sent = 0
  for (const [method = '', path = ''] of TARGETS)
    for (const credentials of CREDENTIALS)
      for (const query of QUERIES) {
        await attempt(mock.url + path + query, { method, headers: { 'x-test': 'kept', ...credentials } })
        sent++
      }
  const invalid = `GET /healthz?api_key=${MARKER} HTTP/1.1\r\nx-api-key: ${MARKER}\r\nbad header\r\n\r\n`
  await sendBytes(mock.port, invalid)

  const [requests = '', state = '', sandboxes = ''] = await Promise.all(
    ['requests', 'state', 'sandboxes'].map(async (path) => (await send(`${mock.url}/_mock/${path}`)).body),
  )
  const listed = JSON.parse(requests) as { headers: Record<string, string> }[]
  await mock.stop()
  const log = (await mock.ended).err
  const lines = log.trim().split('\n').length
  const leaks = Object.entries({ requests, state, sandboxes, log }).filter(([, text]) => text.includes(MARKER))
  const places = `the journal, the state, the list of sandboxes or ${lines} log lines`
  report.check(`after ${sent} requests, no credentials of these requests are in ${places} (${inSeconds(began)})`, [
    ...leaks.map(([where, text]) => `${where}: ${text.slice(Math.max(0, text.indexOf(MARKER) - 200)).slice(0, 250)}`),
    // Without these checks, an empty journal or log would pass.
    ...expectEqual('the number of requests in the journal', listed.length, 5 * CREDENTIALS.length * QUERIES.length),
    ...expectAll(
      'the x-test header of the requests in the journal',
      listed.map(({ headers }) => headers['x-test']),
      'kept',
    ),
    ...issuesIf(lines < sent, `the log has only ${lines} lines, expected at least ${sent}`),
    ...['"request completed"', 'invalid HTTP request'].flatMap((text) =>
      issuesIf(!log.includes(text), `${text} is not in the log`),
    ),
  ])
}

const HOLDS: readonly FaultPlan[] = [{ hold: 'before' }, { hold: 'after' }, { hang: true }, { delay: '1h' }]

/** Checks that a request that a fault keeps waiting ends when its client disconnects or its sandbox is reset. */
async function endHeld(report: Report, count: number) {
  const mock = await startMock()
  const began = performance.now()
  const sandboxes = Array.from({ length: count }, (_, i) => mock.sandbox(`held-${i}`))
  await Promise.all(
    sandboxes.map(({ faults }, i) => faults.add({ operation: 'get_pipeline', ...HOLDS[i % HOLDS.length] })),
  )
  // Of every eight clients, the first four disconnect and the others stay. HOLDS has four faults, so each fault
  // applies to clients of both kinds.
  const leaving = sandboxes.filter((_, i) => i % 8 < 4)
  const staying = sandboxes.filter((_, i) => i % 8 >= 4)
  const sockets = leaving.map(({ url }) => {
    const socket = connect(mock.port, '127.0.0.1').on('error', () => undefined)
    socket.write(requestText('GET', `${new URL(url).pathname}/pipelines/${FIT}`))
    return socket
  })
  const ends = staying.map(({ url }) => attempt(`${url}/pipelines/${FIT}`))
  const inFlight = async () => (await mock.sandboxes.list()).filter(({ in_flight }) => in_flight === 1).length
  const settled = async (wanted: number) => {
    await until(`${wanted} requests in flight`, async () => (await inFlight()) === wanted).catch(() => undefined)
    return inFlight()
  }
  const atFirst = await settled(count)
  for (const socket of sockets) socket.destroy()
  const afterLeaving = await settled(staying.length)
  await Promise.all(staying.map((sandbox) => sandbox.reset()))
  const afterReset = await settled(0)
  const statuses = (await Promise.all(ends)).map(({ status }) => status)
  const held = await Promise.all(leaving.map(async ({ faults }) => (await faults.list())[0]?.held))
  report.check(
    `${count} requests that faults keep waiting end when their clients disconnect or their sandboxes are reset ` +
      `(${inSeconds(began)})`,
    [
      ...expectEqual('requests in flight at first', atFirst, count),
      ...expectEqual('requests in flight after half of the clients have disconnected', afterLeaving, staying.length),
      ...expectEqual('requests in flight after the reset', afterReset, 0),
      ...expectAll('requests that a fault still holds', held, 0),
      ...expectAll('the error of a request in a reset sandbox', statuses, 'ECONNRESET'),
    ],
  )
  await mock.close()
}

/** Checks that a journal keeps the latest 1000 requests to its own sandbox, and that a reset empties the journal. */
async function checkJournal(report: Report, count: number) {
  const mock = await startMock()
  const connection = new PipelinedConnection(mock.port)
  const sendMany = async (count: number, path: string) => {
    for (let sent = 0; sent < count; sent += 500)
      await connection.send(Array.from({ length: Math.min(500, count - sent) }, () => requestText('GET', path)))
  }
  const remembered = async (sandbox: Pick<Mock, 'requests'>) => (await sandbox.requests.list()).length
  const began = performance.now()
  await sendMany(count, '/healthz')
  const latest = await remembered(mock)
  await sendMany(600, '/_sandbox/other/healthz')
  const afterOthers = await remembered(mock)
  await mock.reset()
  await sendMany(20, '/healthz')
  const title = `the journal keeps the latest 1000 of ${count} requests to its sandbox, and a reset empties the journal`
  report.check(`${title} (${inSeconds(began)})`, [
    ...expectEqual('the length after all requests', latest, 1000),
    ...expectEqual('the length after 600 requests to another sandbox', afterOthers, 1000),
    ...expectEqual('the length after a reset and 20 requests', await remembered(mock), 20),
    ...expectEqual('the length in the other sandbox', await remembered(mock.sandbox('other')), 600),
  ])
  connection.close()
  await mock.close()
}

/**
 * Checks that sandboxes are isolated, that credentials are redacted, that a disconnect or a reset ends the requests
 * that faults keep waiting, and that journals have a limit.
 */
export async function isolation(report: Report, { journalRequests }: Sizes): Promise<void> {
  await inOneProcess(report, 500)
  await inManyProcesses(report, 50, 10)
  await checkRedaction(report)
  await endHeld(report, 200)
  await checkJournal(report, journalRequests)
}
