import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningCommand } from '../test/support/command.js'
import { attempt } from '../test/support/http.js'
import { cancelPath, FIT } from '../test/support/lab.js'
import { nth } from '../test/support/random.js'
import { inMB, inSeconds, type Report, tally } from '../test/support/report.js'
import { until } from '../test/support/until.js'
import { type RawResponse, readResponses, requestText } from '../test/support/wire.js'
import type { Cycles } from './child.js'
import { about, expectAll, expectEqual, issuesIf } from './issues.js'
import { busySandboxes, healthIssues, startChild, startMockCommand } from './mock.js'
import type { Sizes } from './sizes.js'

/** Kills a mock under load, and checks that the next mock starts on the same port and is healthy. */
async function killAndRestart(report: Report, rounds: number) {
  const began = performance.now()
  const issues: string[] = []
  let mock = await startMockCommand()
  const { port } = mock
  for (let round = 1; round <= rounds; round++) {
    const requests = Array.from({ length: 20 }, () => attempt(mock.url + cancelPath(FIT), { method: 'POST' }))
    await sleep(round % 10)
    const end = await mock.stop('SIGKILL')
    await Promise.all(requests)
    mock = await startMockCommand('--port', String(port))
    const found = [
      ...expectEqual('the signal that ended the mock', end, 'SIGKILL'),
      ...expectEqual('the port of the next mock', mock.port, port),
    ]
    issues.push(...about(`round ${round}`, [...found, ...(await healthIssues(mock))]))
  }
  await mock.stop()
  report.check(
    `after a mock is killed, the next mock works on the same port, in ${rounds} rounds (${inSeconds(began)})`,
    issues,
  )
}

/** Sends batches of cancels on one connection, until the server closes the connection. */
class CancelingClient {
  readonly ended: Promise<void>
  sent = 0
  /** `open` while the connection is open. Then `closed`, or the error code if the connection failed. */
  end = 'open'
  readonly statuses: number[] = []
  /** The length of the incomplete response at the end of the connection, in bytes. */
  partial = 0
  /** Whether a response had the header `connection: close`. */
  isClosing = false

  constructor(
    port: number,
    sandbox: string,
    readonly atOnce: number,
  ) {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const text = requestText('POST', `/_sandbox/${sandbox}${cancelPath(FIT)}`).repeat(atOnce)
    let rest = Buffer.alloc(0)
    const next = () => {
      this.sent += atOnce
      socket.write(text)
    }
    socket.on('connect', next)
    socket.on('error', ({ code }: NodeJS.ErrnoException) => (this.end = String(code)))
    socket.on('end', () => (this.end = 'closed'))
    socket.on('data', (chunk) => {
      const read = readResponses(Buffer.concat([rest, chunk]))
      rest = Buffer.from(read.rest)
      this.statuses.push(...read.responses.map(({ status }) => status))
      this.isClosing ||= read.responses.some(({ headers }) => headers.connection === 'close')
      if (this.statuses.length === this.sent && !this.isClosing) next()
    })
    this.ended = new Promise((resolve) => {
      socket.on('close', () => {
        this.partial = rest.length
        resolve()
      })
    })
  }

  issues(): string[] {
    const { atOnce, statuses, partial } = this
    const ofLast = statuses.length % atOnce
    return [
      ...issuesIf(ofLast > 0 && !this.isClosing, `only ${ofLast} of ${atOnce} requests in one write got a response`),
      ...issuesIf(partial > 0, `a response is cut off after ${partial} bytes`),
      ...expectAll('the responses', statuses, 200),
    ]
  }
}

/**
 * Sends a request that creates a pipeline, except its last 20 bytes. Returns a promise of the response status, and a
 * function that sends the last 20 bytes.
 */
function sendHalf({ port }: RunningCommand, sandbox: string) {
  const body = JSON.stringify({ project_id: 'p', name: 'n', elements: {} })
  const text = requestText('POST', `/_sandbox/${sandbox}/pipelines`, body)
  const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => socket.write(text.slice(0, -20)))
  const chunks: Buffer[] = []
  const status = new Promise<number | string>((resolve) => {
    socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(String(code)))
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('close', () => {
      const [response] = readResponses(Buffer.concat(chunks)).responses as [RawResponse?]
      resolve(response?.status ?? 'no response')
    })
  })
  return { status, sendRest: () => socket.write(text.slice(-20)) }
}

/** Stops a mock under load, and checks that no response is cut off or lost. */
async function stopUnderLoad(report: Report, rounds: number, seed: number) {
  const began = performance.now()
  const [issues, ends]: [string[], string[]] = [[], []]
  let [responses, unanswered] = [0, 0]
  for (let round = 1; round <= rounds; round++) {
    const mock = await startMockCommand('--log-level', 'info')
    const clients = Array.from({ length: 40 }, (_, i) => new CancelingClient(mock.port, `c${i}`, i % 4 === 0 ? 10 : 1))
    await sleep(50 + nth(seed, round).below(100))
    const halves = Array.from({ length: 10 }, (_, i) => sendHalf(mock, `half-${i}`))
    let polls = 0
    await until('all incomplete creations to arrive', async () => {
      polls++
      const half = (await busySandboxes(mock)).filter(({ name }) => name.startsWith('half-'))
      return half.length === halves.length
    })
    const stopped = mock.stop()
    await sleep(200)
    for (const { sendRest } of halves) sendRest()
    const end = await stopped
    const statuses = await Promise.all(halves.map(({ status }) => status))
    await Promise.all(clients.map(({ ended }) => ended))
    const received = clients.reduce((sum, client) => sum + client.statuses.length, 0)
    const log = (await mock.ended).err
    const logged = log.split('"request completed"').length - 1
    const lost = logged - polls - halves.length - received
    const found = [
      ...issuesIf(end !== 0, `the mock ended with ${end}, expected 0: ${log.slice(-4000)}`),
      ...expectAll('the statuses of the creations that were incomplete at the stop', statuses, 201),
      ...clients.flatMap((client) => client.issues()),
      ...issuesIf(logged < received, `${received} responses were received, but only ${logged} are logged`),
      ...issuesIf(lost > 0, `${lost} cancels were executed, but their responses are lost`),
    ]
    issues.push(...about(`round ${round}`, found))
    responses += received
    unanswered += clients.filter((client) => client.sent > client.statuses.length).length
    ends.push(...clients.map((client) => client.end))
  }
  const connections = `${tally(ends)}; ${unanswered} had cancels that were not executed`
  const summary = `${responses} responses to cancels; connections: ${connections}`
  report.check(
    `a mock stopped under load loses no response, in ${rounds} rounds: ${summary} (${inSeconds(began)})`,
    issues,
  )
}

/** Starts and closes mocks in one process, and checks that files are closed, servers end and memory is freed. */
async function startAndClose(report: Report, count: number) {
  const began = performance.now()
  const { child, receive } = startChild('./child.js', ['cycles', count], ['--expose-gc'])
  const { before, after, statuses, resources } = await receive<Cycles>()
  child.disconnect()
  const servers = resources.filter((type) => type.includes('TCP'))
  const grown = after.heapUsed - before.heapUsed
  const files = `files ${before.files} → ${after.files}`
  const heap = `heap ${inMB(before.heapUsed)} → ${inMB(after.heapUsed)}`
  const title = `${count} mocks that are started and closed in one process leave no open files, servers or memory behind`
  report.check(`${title}: ${files}, ${heap} (${inSeconds(began)})`, [
    ...expectAll('the statuses of the health checks', statuses, 200),
    ...issuesIf(after.files > before.files, 'some files stay open'),
    ...issuesIf(servers.length > 0, `some TCP resources stay open: ${tally(servers)}`),
    ...issuesIf(grown > 2 ** 20 + count * 500, `the heap grew by ${Math.round(grown / count)} bytes per mock`),
  ])
}

/**
 * Checks that a mock starts on the port of a mock that was killed, that stopped mocks lose no response, and that closed
 * mocks leave no open files, servers or memory behind.
 */
export async function life(report: Report, { kills, stops, cycles }: Sizes, seed: number): Promise<void> {
  await killAndRestart(report, kills)
  await stopUnderLoad(report, stops, seed)
  await startAndClose(report, cycles)
}
