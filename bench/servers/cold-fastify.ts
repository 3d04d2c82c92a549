// Stands in for a test file that uses a Fastify server: starts a server with one route, sends one cancel, and prints
// a line when the response has arrived.
import Fastify from 'fastify'

const app = Fastify()
app.post('/pipelines/:id/cancel', async () => ({ id: 'fit', status: 'canceled' }))
const url = await app.listen({ host: '127.0.0.1', port: 0 })
await (await fetch(`${url}/pipelines/fit/cancel`, { method: 'POST' })).text()
console.log('canceled')
await app.close()
