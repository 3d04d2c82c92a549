import { once } from 'node:events'
import { connect } from 'node:net'
import { performance } from 'node:perf_hooks'
import { Buffer, setTimeout } from './globals.js'
import { FIT, ask, illnesses, startChild, startCommand, until } from './mock.js'
import { nth } from './random.js'
import { readAnswers, textOf } from './raw.js'
import { inMB, inSeconds, tally } from './report.js'

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Killed without warning, in the middle of work, a mock comes up again on the same port. */
async function killAndRestart(report, rounds) {
  const began = performance.now()
  const faults = []
  let mock = await startCommand()
  const { port } = mock
  for (let round = 1; round <= rounds; round++) {
    const asked = Array.from({ length: 20 }, () => ask(`${mock.url}/pipelines/${FIT}/cancel`, 'POST'))
    await pause(round % 10)
    const code = await mock.stop('SIGKILL')
    await Promise.all(asked)
    if (code !== 'SIGKILL') faults.push(`round ${round}: it ended with ${code}`)
    mock = await startCommand('--port', String(port))
    if (mock.port !== port) faults.push(`round ${round}: it listens on another port`)
    faults.push(...(await illnesses(mock)).map((fault) => `round ${round}: ${fault}`))
  }
  await mock.stop()
  report.check(`killed and started again on the same port, ${rounds} times (${inSeconds(began)})`, faults)
}

/** A client that cancels again and again on one connection; it tells how its connection ended. */
function cancelForEver(port, name, atOnce) {
  const client = { atOnce, saysClose: false, asked: 0, answered: 0, how: 'open', partial: 0, told: [] }
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const text = textOf('POST', `/_sandbox/${name}/pipelines/${FIT}/cancel`)
  let rest = Buffer.alloc(0)
  const next = () => {
    client.asked += atOnce
    socket.write(text.repeat(atOnce))
  }
  client.ended = new Promise((resolve) => {
    socket.on('connect', next)
    socket.on('error', ({ code }) => (client.how = code))
    socket.on('end', () => (client.how = 'closed'))
    socket.on('data', (chunk) => {
      const read = readAnswers(Buffer.concat([rest, chunk]))
      rest = read.rest
      client.answered += read.answers.length
      client.told.push(...read.answers.filter(({ status }) => status !== 200).map(({ status }) => status))
      client.saysClose ||= read.answers.some(({ headers }) => headers.connection === 'close')
      if (client.answered === client.asked && !client.saysClose) next()
    })
    socket.on('close', () => {
      client.partial = rest.length
      resolve(client)
    })
  })
  return client
}

/** A creation of which half was received before the stop; the rest comes a while after it. */
function delayed({ port }, name) {
  const body = JSON.stringify({ project_id: 'p', name: 'n', elements: {} })
  const text = textOf('POST', `/_sandbox/${name}/pipelines`, body)
  const late = { goOn: () => socket.write(text.slice(-20)) }
  const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => socket.write(text.slice(0, -20)))
  const chunks = []
  late.status = new Promise((resolve) => {
    socket.on('error', ({ code }) => resolve(code))
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('close', () => resolve(readAnswers(Buffer.concat(chunks)).answers[0]?.status ?? 'no answer'))
  })
  return late
}

const inFlight = async (mock) =>
  (await ask(`${mock.url}/_mock/sandboxes`)).json.filter(
    ({ name, in_flight }) => name.startsWith('late') && in_flight > 0,
  )

/** Stopped under load, a mock cuts no answer, and leaves out none that it owes. */
async function stopUnderLoad(report, rounds, seed) {
  const began = performance.now()
  const [faults, ends] = [[], []]
  let [answered, unread] = [0, 0]
  for (let round = 1; round <= rounds; round++) {
    const random = nth(seed, round)
    const mock = await startCommand('--log-level', 'info')
    const clients = Array.from({ length: 40 }, (_, i) => cancelForEver(mock.port, `c${i}`, i % 4 === 0 ? 10 : 1))
    await pause(50 + random.below(100))
    const late = Array.from({ length: 10 }, (_, i) => delayed(mock, `late-${i}`))
    let looks = 0
    const others = () => looks + late.length
    const areHalfReceived = async () => {
      looks++
      return (await inFlight(mock)).length === late.length
    }
    if (!(await until(areHalfReceived, 1000))) report.note(`round ${round}: slow`)
    const stopped = mock.stop()
    await pause(200)
    for (const one of late) one.goOn()
    const code = await Promise.race([stopped, pause(15_000)])
    if (code !== 0) faults.push(`round ${round}: it ended with ${code} ${mock.said()}`)
    const statuses = await Promise.all(late.map(({ status }) => status))
    if (statuses.some((status) => status !== 201))
      faults.push(`round ${round}: those half received before: ${tally(statuses)}`)
    let got = 0
    for (const one of await Promise.all(clients.map(({ ended }) => ended))) {
      answered += one.answered
      got += one.answered
      if (one.asked > one.answered) unread++
      const ofLast = one.answered % one.atOnce
      if (ofLast > 0 && !one.saysClose)
        faults.push(`round ${round}: ${ofLast} of ${one.atOnce} in one write are answered`)
      ends.push(one.how)
      if (one.partial > 0) faults.push(`round ${round}: an answer breaks off after ${one.partial} bytes`)
      if (one.told.length > 0) faults.push(`round ${round}: answered ${tally(one.told)}`)
    }
    // What has come by now of the log; beside the cancels are those half received, and looks at the sandboxes.
    await pause(50)
    const lost = mock.done() - others() - got
    if (mock.done() < got) faults.push(`round ${round}: ${got} answers, of which ${mock.done()} were logged`)
    if (lost > 0) faults.push(`round ${round}: ${lost} cancels were done, and their answers lost`)
  }
  const told = `${answered} cancels answered, connections ${tally(ends)}, ${unread} of them with a request not begun`
  report.check(`stopped under load ${rounds} times: ${told} (${inSeconds(began)})`, faults)
}

/** Mocks in one process that were closed leave nothing behind. */
async function startAndClose(report, count) {
  const began = performance.now()
  const child = startChild('./child.js', ['cycles', count], ['--expose-gc'])
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text) => void (said += text))
  const [message] = await Promise.race([once(child, 'message'), once(child, 'exit')])
  if (typeof message !== 'object')
    return report.check(`${count} mocks in one process`, [`it ended with ${message}: ${said}`])
  const { before, after, faults, left } = message
  child.disconnect()
  const servers = left.filter((what) => /TCP/.test(what))
  const grown = after.heapUsed - before.heapUsed
  report.check(
    `${count} mocks started and closed in one process: files ${before.files} → ${after.files}, heap ${inMB(before.heapUsed)} → ${inMB(after.heapUsed)} (${inSeconds(began)})`,
    [
      ...faults,
      ...(after.files > before.files ? ['files stay open'] : []),
      ...(servers.length > 0 ? [`left open: ${tally(servers)}`] : []),
      ...(grown > 2 ** 20 + count * 500 ? [`the heap grew by ${Math.round(grown / count)} bytes each time`] : []),
    ],
  )
}

/** However a mock ends, and however often: it comes up again, owes nobody an answer, and leaves nothing behind. */
export async function life(report, { kills, stops, cycles }, seed) {
  await killAndRestart(report, kills)
  await stopUnderLoad(report, stops, seed)
  await startAndClose(report, cycles)
}
