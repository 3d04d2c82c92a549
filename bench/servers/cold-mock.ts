// A test file that uses the mock: prints a line when its first cancel has a response. Argument: the module of the mock.
import type * as Package from '../../src/index.js'

const { startMock } = (await import(String(process.argv[2]))) as typeof Package
const mock = await startMock({ fixtures: { pipelines: [{ id: 'fit', name: 'fit', status: 'running' }] } })
await (await fetch(`${mock.url}/pipelines/fit/cancel`, { method: 'POST' })).text()
console.log('canceled')
await mock.close()
