// Stands in for a test file that uses the mock: starts the mock, sends one cancel, and prints a line when the
// response has arrived. Argument: the URL of the mock's module.
import type * as Package from '../../src/index.js'

const { startMock } = (await import(String(process.argv[2]))) as typeof Package
const mock = await startMock({ fixtures: { pipelines: [{ id: 'fit', name: 'fit', status: 'running' }] } })
await (await fetch(`${mock.url}/pipelines/fit/cancel`, { method: 'POST' })).text()
console.log('canceled')
await mock.close()
