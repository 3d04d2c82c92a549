// Baseline: a Fastify server with one route that always sends the same body. The first argument is the path of a file
// with this body.
import { readFileSync } from 'node:fs'
import { fastify } from 'fastify'

const body = readFileSync(process.argv[2] as string, 'utf8')
const app = fastify({ logger: false })
app.post('/pipelines/:pipeline_id/cancel', (_request, reply) => reply.type('application/json').send(body))
const url = await app.listen({ host: '127.0.0.1', port: 0 })
console.log(JSON.stringify({ url, pid: process.pid }))
