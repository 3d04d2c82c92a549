// A test file that uses Fastify with one route: prints a line when its first cancel has a response.
import Fastify from 'fastify'

const app = Fastify()
app.post('/pipelines/:id/cancel', async () => ({ id: 'fit', status: 'canceled' }))
const url = await app.listen({ host: '127.0.0.1', port: 0 })
await (await fetch(`${url}/pipelines/fit/cancel`, { method: 'POST' })).text()
console.log('canceled')
await app.close()
