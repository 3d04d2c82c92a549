import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { cancelPath, FIT } from '../test/support/lab.js'
import { inSeconds, type Report, tally } from '../test/support/report.js'
import { fileLimit, openFilesOf } from '../test/support/resources.js'
import { LIMIT_MS, until } from '../test/support/until.js'
import { readResponses, requestText } from '../test/support/wire.js'
import { expectAll, issuesIf } from './issues.js'
import { cancelMany, checkStop, healthIssues, startMockCommand } from './mock.js'
import type { Sizes } from './sizes.js'

/** The number of files that this process or the mock may have open besides the connections. */
const SPARE_FILES = 100

/** Opens a connection. Resolves to its socket, or to an error code if the connection fails. */
async function open(port: number): Promise<Socket | string> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  try {
    await once(socket, 'connect')
    return socket.on('error', () => undefined)
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  }
}

/** Sends a request. Resolves to the status of the complete response, or to a description of the failure. */
function sendOn(socket: Socket, text: string): Promise<number | string> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0)
    const end = (status: number | string) => {
      socket.off('data', read).off('close', lost)
      clearTimeout(timer)
      resolve(status)
    }
    const read = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      const [response] = readResponses(bytes).responses
      if (response) end(response.status)
    }
    const lost = () => end('connection lost')
    const timer = setTimeout(() => end(`no response in ${LIMIT_MS} ms`), LIMIT_MS)
    socket.on('data', read).on('close', lost)
    socket.write(text)
  })
}

/**
 * Checks that requests on many simultaneous connections all get responses. Also checks that the mock closes each
 * connection that the client has closed.
 */
export async function crowd(report: Report, { connections }: Sizes): Promise<void> {
  const limit = fileLimit()
  const count = Math.min(connections, limit - SPARE_FILES)
  if (count < connections) report.note(`only ${count} connections, because ulimit -n is ${limit}`)
  const mock = await startMockCommand()
  await healthIssues(mock)
  const before = openFilesOf(mock.pid)

  const began = performance.now()
  const sockets = await Promise.all(Array.from({ length: count }, () => open(mock.port)))
  const opened = sockets.filter((socket) => typeof socket !== 'string')
  const results = sockets.map((socket) => (typeof socket === 'string' ? socket : 'opened'))
  report.check(
    `${count} connections are open at the same time (${inSeconds(began)})`,
    expectAll('results', results, 'opened'),
  )

  const cancelOnEach = async (which: string) => {
    const since = performance.now()
    const path = (i: number) => `/_sandbox/crowd-${i % 500}${cancelPath(FIT)}`
    const statuses = await Promise.all(opened.map((socket, i) => sendOn(socket, requestText('POST', path(i)))))
    const issues = [...expectAll('the responses', statuses, 200), ...(await healthIssues(mock))]
    report.check(
      `the ${which} cancels, sent at the same time on all connections, get responses: ${tally(statuses)} ` +
        `(${inSeconds(since)})`,
      issues,
    )
  }
  await cancelOnEach('first')
  const { all, slowestMs } = await cancelMany(mock, 'busy', 200)
  const summary = `${tally(all)}; the slowest took ${slowestMs} ms`
  report.check(
    `200 requests get responses while the other connections are idle: ${summary}`,
    expectAll('the responses', all, 200),
  )
  await cancelOnEach('second')

  for (const [i, socket] of opened.entries())
    if (i % 2) socket.destroy()
    else socket.resetAndDestroy()
  if (before === undefined) report.note('open files are not checked, because this system does not list open files')
  else {
    const openFiles = () => openFilesOf(mock.pid) ?? Infinity
    await until('the connections to close', () => openFiles() <= before).catch(() => undefined)
    const after = openFiles()
    const issues = issuesIf(after > before, 'some connections are not closed')
    report.check(`the mock closes all connections: it had ${before} open files before, and has ${after} now`, issues)
  }
  await checkStop(report, mock)
}
