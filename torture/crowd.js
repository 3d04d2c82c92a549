import { once } from 'node:events'
import { connect } from 'node:net'
import { performance } from 'node:perf_hooks'
import { FIT, ask, fileLimit, illnesses, openFilesOf, startCommand, until } from './mock.js'
import { readAnswers, textOf } from './raw.js'
import { inSeconds, tally } from './report.js'
import { Buffer, setTimeout } from './globals.js'

/** What this process and the mock need beside the connections. */
const SPARE_FILES = 100

/** A connection, or the code of the error that there is instead. */
async function open(port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  try {
    await once(socket, 'connect')
    socket.on('error', () => undefined)
    return socket
  } catch (error) {
    return error.code
  }
}

/** Sends a text, and resolves to the status of the answer when all of it is there. */
function askOn(socket, text, limitMs = 20_000) {
  return new Promise((resolve) => {
    const chunks = []
    const end = (status) => {
      socket.off('data', read).off('close', lost)
      timer.unref()
      resolve(status)
    }
    const read = (chunk) => {
      chunks.push(chunk)
      const { answers } = readAnswers(Buffer.concat(chunks))
      if (answers.length > 0) end(answers[0].status)
    }
    const lost = () => end('connection lost')
    const timer = setTimeout(() => end('no answer in time'), limitMs)
    socket.on('data', read).on('close', lost)
    socket.write(text)
  })
}

const unlike = (values, wanted, what) => {
  const others = values.filter((value) => value !== wanted)
  return others.length === 0 ? [] : [`${what}: ${tally(others)}`]
}

/** Many connections at once: each is answered, and none is left over when they have gone. */
export async function crowd(report, { connections }) {
  const most = fileLimit() - SPARE_FILES
  const count = Math.min(connections, most)
  if (count < connections) report.note(`only ${count} connections: ulimit -n is ${most + SPARE_FILES}`)
  const mock = await startCommand()
  await illnesses(mock)
  const before = openFilesOf(mock.child.pid)
  if (before === undefined) report.note('this system does not tell which files are open: not looked at')

  const began = performance.now()
  const sockets = await Promise.all(Array.from({ length: count }, () => open(mock.port)))
  const opened = sockets.filter((socket) => typeof socket !== 'string')
  report.check(
    `${count} connections opened at once (${inSeconds(began)})`,
    unlike(
      sockets.map((socket) => (typeof socket === 'string' ? socket : 'opened')),
      'opened',
      'not opened',
    ),
  )

  const since = performance.now()
  const cancel = (i) => textOf('POST', `/_sandbox/crowd-${i % 500}/pipelines/${FIT}/cancel`)
  const statuses = await Promise.all(opened.map((socket, i) => askOn(socket, cancel(i))))
  const all = [...unlike(statuses, 200, 'answers'), ...(await illnesses(mock))]
  report.check(`each of them cancels at once: ${tally(statuses)} (${inSeconds(since)})`, all)

  const times = []
  for (let i = 0; i < 200; i++) {
    const at = performance.now()
    const { status } = await ask(`${mock.url}/_sandbox/busy/pipelines/${FIT}/cancel`, 'POST')
    times.push(status === 200 ? performance.now() - at : Infinity)
  }
  const slowest = Math.max(...times)
  report.check(
    `beside them, idle now, 200 others are answered, each within ${Math.round(slowest)} ms`,
    slowest < 1000 ? [] : ['expected within a second'],
  )

  const again = await Promise.all(opened.map((socket, i) => askOn(socket, cancel(i))))
  report.check(`each of them cancels once more: ${tally(again)}`, unlike(again, 200, 'answers'))

  for (const [i, socket] of opened.entries()) i % 2 ? socket.destroy() : socket.resetAndDestroy()
  await until(() => openFilesOf(mock.child.pid) <= before)
  const after = openFilesOf(mock.child.pid)
  report.check(
    `the mock has ${after} files open when they have gone, ${before} before`,
    after <= before ? [] : ['they are not closed'],
  )
  const code = await mock.stop()
  report.check(`it stops with ${code}`, code === 0 ? [] : [mock.said()])
}
