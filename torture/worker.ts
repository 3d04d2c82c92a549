// Runs tests in a child process, in parallel with other workers. Imports only the client, so that it starts quickly.
import { once } from 'node:events'
import { connect } from '../src/client.js'
import { createBarrier, testProgram } from './program-test.js'

const [url = '', ...numbers] = process.argv.slice(2)
const [worker = 0, count = 0] = numbers.map(Number)
const control = await connect(url)
const start = once(process, 'message')
process.send?.('ready')
await start
const barrier = createBarrier(count)
const tests = Array.from({ length: count }, (_, i) =>
  testProgram(control, `worker-${worker}-${i}`, worker * count + i, barrier),
)
process.send?.((await Promise.all(tests)).flat())
process.disconnect()
