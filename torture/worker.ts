// Runs tests in a process of its own, at the same time as other processes. It needs no server, so that it starts quickly.
import { once } from 'node:events'
import { connect } from '../src/client.js'
import { meeting, testProgram } from './program-test.js'

const [url = '', ...numbers] = process.argv.slice(2)
const [worker = 0, count = 0] = numbers.map(Number)
const control = await connect(url)
const start = once(process, 'message')
process.send?.('ready')
await start
const meet = meeting(count)
const tests = Array.from({ length: count }, (_, i) =>
  testProgram(control, `worker-${worker}-${i}`, worker * count + i, meet),
)
process.send?.((await Promise.all(tests)).flat())
process.disconnect()
