import { once } from 'node:events'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import type { MockSandbox } from '../../src/index.js'
import { until, within } from '../support/until.js'
import { start } from '../support/control.js'
import { collectWarnings } from '../support/warnings.js'
import { readResponses } from '../support/wire.js'

const GET = 'GET /_sandbox/a/pipelines/fit HTTP/1.1\r\nhost: x\r\n\r\n'

/** Starts a mock, and opens a connection for requests to one of its sandboxes. */
async function open(t: Test) {
  const mock = await start(t)
  const sandbox: MockSandbox = mock.sandbox('a')
  const socket = connect(mock.port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.on('error', () => undefined)
  const count = async () => (await mock.sandboxes.list())[0]?.in_flight
  return {
    mock,
    sandbox,
    socket,
    count,
    inFlight: (n: number) => until(`${n} requests in flight`, async () => (await count()) === n),
    responses: (n: number) =>
      until(`${n} responses`, () => readResponses(Buffer.concat(chunks)).responses.length === n),
    leave: async () => {
      const closed = once(socket, 'close')
      socket.destroy()
      await within('the end of the connection', closed)
    },
  }
}

t.test('when a client closes its connection, its requests are no longer in flight', async (t) => {
  for (const [times, sent] of [
    [1, 2],
    [2, 3],
  ] as const) {
    const { sandbox, socket, inFlight, leave } = await open(t)
    await sandbox.faults.add({ operation: 'get_pipeline', times, hang: true })
    socket.write(GET.repeat(sent))
    await inFlight(sent)
    await leave()
    await inFlight(0)
    t.equal((await sandbox.faults.list())[0]?.held, 0, `${sent} requests`)
    t.strictSame(
      (await sandbox.requests.list()).map(({ status }) => status),
      Array.from({ length: sent }, () => null),
    )
  }
})

t.test('`in_flight` does not fall below zero when a connection closes after its responses', async (t) => {
  const { sandbox, socket, count, inFlight, responses, leave } = await open(t)
  socket.write(GET.repeat(5))
  await responses(5)
  await inFlight(0)
  await leave()
  // If `in_flight` were below zero now, one held request on another connection would not raise `in_flight` to 1.
  const { id } = await sandbox.faults.add({ hold: 'before' })
  const held = fetch(`${sandbox.url}/pipelines/fit`)
  await until('a held request', async () => (await sandbox.faults.list())[0]?.held === 1)
  t.equal(await count(), 1)
  await sandbox.faults.release(id)
  t.equal((await held).status, 200)
  await inFlight(0)
})

t.test(
  'many requests on one connection cause no warning about a memory leak, and leave no request in flight',
  async (t) => {
    const warnings = collectWarnings(t)
    const { sandbox, socket, inFlight, responses, leave } = await open(t)
    for (let i = 0; i < 40; i++) {
      socket.write(GET)
      await responses(i + 1)
    }
    await inFlight(0)
    const { id } = await sandbox.faults.add({ hold: 'before' })
    socket.write(GET.repeat(40))
    await inFlight(40)
    await sandbox.faults.release(id)
    await responses(80)
    await inFlight(0)
    await leave()
    await inFlight(0)
    t.strictSame(warnings, [])
  },
)

t.test('the journal has the status of a response that is still being sent when the mock closes', async (t) => {
  const mock = await start(t, { grace: '1h' })
  const text = 'x'.repeat(16 * 1024 * 1024)
  await mock.faults.add({ respond: { status: 200, body: text } })
  const socket = connect(mock.port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  socket.write('GET /pipelines/fit HTTP/1.1\r\nhost: x\r\n\r\n')
  await within('the start of the response', once(socket, 'readable'))
  const closed = mock.close()
  let length = 0
  socket.on('data', (chunk: Buffer) => (length += chunk.length))
  await within('the end of the response', once(socket, 'end'))
  await within('the mock to close', closed)
  t.ok(length > text.length, 'the whole response has arrived')
  t.match(await mock.requests.list(), [{ status: 200 }])
})
