import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningCommand } from '../test/support/command.js'
import { send } from '../test/support/http.js'
import { cancelPath, CREATION, FIT } from '../test/support/lab.js'
import { nth } from '../test/support/random.js'
import { inSeconds, type Report, shown, tally } from '../test/support/report.js'
import { LIMIT_MS, until } from '../test/support/until.js'
import { exchange, requestText } from '../test/support/wire.js'
import { fuzz } from './fuzz.js'
import { about, expectAll, expectEqual, issuesIf } from './issues.js'
import { busySandboxes, cancelMany, checkStop, healthIssues, startChild, startMockCommand } from './mock.js'
import type { Sizes } from './sizes.js'
import { smuggle } from './smuggling.js'
import { CASES, CHUNKED, exchangeIssues, post, refused, statuses, statusesOf } from './wire-cases.js'

/** Sends the requests in CASES. Checks each response, and the health of the mock after each request. */
async function sendCases(report: Report, mock: RunningCommand) {
  const began = performance.now()
  const [issues, all]: [string[], (number | string)[]] = [[], []]
  for (const [title, bytes, issuesOf] of CASES) {
    const found = await exchange(mock.port, [bytes])
    issues.push(...about(title, [...issuesOf(found), ...exchangeIssues(found), ...(await healthIssues(mock))]))
    all.push(...(found.responses.length === 0 ? ['no response'] : statusesOf(found)))
  }
  const title = `${CASES.length} invalid and unusual requests get the expected responses`
  report.check(`${title}: ${tally(all)} (${inSeconds(began)})`, issues)
}

async function sendNoise(report: Report, mock: RunningCommand, count: number, seed: number) {
  const [issues, all]: [string[], number[]] = [[], []]
  for (let n = 0; n < count; n++) {
    const random = nth(seed, n)
    const bytes = Buffer.from(Array.from({ length: 1 + random.below(2000) }, () => random.below(256)))
    const found = await exchange(mock.port, [bytes], { quietMs: 10, limitMs: 200 })
    issues.push(...about(shown(bytes.toString('base64'), 3000), [...refused(found), ...exchangeIssues(found)]))
    all.push(...statusesOf(found))
  }
  report.check(`${count} requests of random bytes are rejected: ${tally(all)}`, [
    ...issues,
    ...(await healthIssues(mock)),
  ])
}

/** Checks that pipelined requests get their responses in order. */
async function sendPipelined(report: Report, mock: RunningCommand, count: number) {
  const nameOf = (i: number) => (i % 4 === 0 ? `made-${i}` : `unknown-${i}`)
  const requests = Array.from({ length: count }, (_, i) => {
    const path = '/_sandbox/line/pipelines'
    if (i % 4 === 0) return requestText('POST', path, CREATION.replace('"n"', `"${nameOf(i)}"`))
    if (i % 4 === 1) return requestText('POST', `${path}/${nameOf(i)}/cancel`, 'a body')
    return requestText('GET', `${path}/${nameOf(i)}`)
  })
  const found = await exchange(mock.port, [requests.join('')], { quietMs: 500, limitMs: LIMIT_MS })
  report.check(`${count} pipelined requests get their responses in order: ${tally(statusesOf(found))}`, [
    ...expectEqual('the number of responses', found.responses.length, count),
    ...found.responses.flatMap(({ body }, i) =>
      issuesIf(!body.includes(`"${nameOf(i)}"`), `response ${i} belongs to another request: ${body.slice(0, 200)}`),
    ),
    ...exchangeIssues(found),
    ...(await healthIssues(mock)),
  ])
}

/** Checks that requests that arrive one byte at a time block no other connection, and get responses. */
async function sendSlowly(report: Report, mock: RunningCommand, count: number) {
  const texts = [requestText('GET', '/healthz'), requestText('POST', '/_sandbox/slow/pipelines', CREATION)]
  const sockets = Array.from({ length: count }, () => connect(mock.port, '127.0.0.1').on('error', () => undefined))
  let at = 0
  const drip = setInterval(() => {
    for (const [i, socket] of sockets.entries()) {
      const text = texts[i % 2] as string
      socket.write(text.charAt(at % text.length))
    }
    at++
  }, 10)
  const { all, slowestMs } = await cancelMany(mock, 'quick', 50)
  clearInterval(drip)
  for (const socket of sockets) socket.destroy()
  report.check(
    `50 requests get responses while ${count} connections send a byte every 10 ms: ${tally(all)}; ` +
      `the slowest took ${slowestMs} ms`,
    [...expectAll('the responses', all, 200), ...(await healthIssues(mock))],
  )

  const slow = { betweenMs: 1, limitMs: LIMIT_MS }
  const found = await Promise.all(texts.map((text) => exchange(mock.port, [...text], slow)))
  const title = 'requests that arrive one byte at a time get responses'
  report.check(title, expectEqual('the statuses', found.map(statusesOf), [[200], [201]]))
}

/** Checks that the server has timeouts for headers, for whole requests and for idle connections. */
async function checkTimeouts(report: Report) {
  const { child, receive } = startChild('./child.js', ['limits'])
  const limits = await receive<Record<string, number>>()
  child.disconnect()
  const issues = Object.entries(limits).flatMap(([name, ms]) =>
    issuesIf(!(ms > 0 && ms < Infinity), `invalid ${name}: found ${ms}, expected a finite timeout above 0`),
  )
  report.check(`the server has timeouts: ${JSON.stringify(limits)}`, issues)
}

/** Checks that all responses arrive at a client that has already closed its side of the connection. */
async function closeHalf(report: Report, mock: RunningCommand) {
  const request = (method: string, path: string, body?: string) => requestText(method, `/_sandbox/half${path}`, body)
  const table: [title: string, text: string, wanted: number[]][] = [
    ['a GET', request('GET', `/pipelines/${FIT}`), [200]],
    ['a cancel', request('POST', cancelPath(FIT)), [200]],
    ['a creation', request('POST', '/pipelines', CREATION), [201]],
    ['a control request', request('GET', '/_mock/state'), [200]],
    ['a control request with a body', request('POST', '/_mock/clock/advance', '{"by":"1s"}'), [200]],
    ['three requests', request('POST', '/pipelines', CREATION).repeat(3), [201, 201, 201]],
  ]
  const issues: string[] = []
  for (const [title, text, wanted] of table) {
    const found = await exchange(mock.port, [text], { endAtOnce: true })
    issues.push(...about(title, [...statuses(...wanted)(found), ...(await healthIssues(mock))]))
  }
  const silent = await exchange(mock.port, [''], { endAtOnce: true })
  issues.push(...expectEqual('the responses to a client that sends nothing', statusesOf(silent), []))
  report.check(
    `${table.length} kinds of requests get responses after the client has closed its side of the connection`,
    issues,
  )
}

type Phase = readonly [title: string, text: string, afterMs: number]

const atReset = (path: string) => `/_sandbox/reset${path}`
const PHASES: readonly Phase[] = [
  ['before the first byte', '', 0],
  ['in the request line', 'GET /hea', 5],
  ['in the headers', 'GET /healthz HTTP/1.1\r\nhost: m', 5],
  ['in a body', post('content-length: 1000\r\n', '{"project_id"'), 5],
  ['in a body that the operation does not read', post('content-length: 1000\r\n', 'a', atReset(cancelPath(FIT))), 5],
  ['in a chunk', post(CHUNKED, 'ff\r\nabc'), 5],
  ['in the body of a control request', post('content-length: 1000\r\n', '{', atReset('/_mock/seed')), 5],
  ['after a request', requestText('GET', atReset('/_mock/state')), 0],
  ['during the response', requestText('GET', atReset('/_mock/state')), 15],
  ['in pipelined requests', requestText('GET', atReset(`/pipelines/${FIT}`)).repeat(200), 2],
  ['while the control API waits', requestText('GET', atReset('/_mock/requests/wait?status=599&timeout=1m')), 10],
]

/**
 * Resets connections in each phase of a request. Checks that the mock stays healthy and no request stays in flight.
 */
async function resetConnections(report: Report, mock: RunningCommand, countEach: number) {
  const creation = { project_id: 'p', name: 'n', description: 'd'.repeat(4_000_000), elements: {} }
  const url = mock.url + atReset('/pipelines')
  const headers = { 'content-type': 'application/json' }
  const { status } = await send(url, { method: 'POST', headers, body: JSON.stringify(creation) })
  const issues = expectEqual('the status of the request that creates a large pipeline', status, 201)
  for (const [title, text, afterMs] of PHASES) {
    const reset = async () => {
      const socket = connect(mock.port, '127.0.0.1').on('error', () => undefined)
      await once(socket, 'connect')
      if (text) socket.write(text)
      if (afterMs > 0) await sleep(afterMs)
      socket.resetAndDestroy()
    }
    await Promise.all(Array.from({ length: countEach }, reset))
    issues.push(...about(title, await healthIssues(mock)))
  }
  await until('no request in flight', async () => (await busySandboxes(mock)).length === 0).catch(() => undefined)
  issues.push(...expectEqual('the sandboxes with requests in flight', await busySandboxes(mock), []))
  await send(`${mock.url}/_mock/sandboxes/reset`, { method: 'DELETE' })
  report.check(
    `the mock stays healthy, and no request stays in flight, after ${countEach} connections are reset in each of ` +
      `${PHASES.length} phases`,
    issues,
  )
}

/**
 * Sends invalid, unusual, slow and interrupted HTTP. Checks that the mock responds correctly and in JSON, executes no
 * smuggled request, and stays healthy. Then checks that the mock stops.
 */
export async function wire(report: Report, sizes: Sizes, seed: number): Promise<void> {
  const mock = await startMockCommand()
  await sendCases(report, mock)
  await sendNoise(report, mock, 100, seed)
  await sendPipelined(report, mock, sizes.pipelined)
  await smuggle(report, mock)
  await sendSlowly(report, mock, sizes.slowConnections)
  await checkTimeouts(report)
  await closeHalf(report, mock)
  await resetConnections(report, mock, 20)
  await fuzz(report, mock, sizes.fuzzed, seed)
  await checkStop(report, mock)
}
