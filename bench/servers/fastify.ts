// The least that Fastify can do: its one route sends the body in the file that is the first argument.
import { readFileSync } from 'node:fs'
import { fastify } from 'fastify'

const body = readFileSync(process.argv[2] as string, 'utf8')
const app = fastify({ logger: false })
app.post('/pipelines/:pipeline_id/cancel', (_request, reply) => reply.type('application/json').send(body))
const url = await app.listen({ host: '127.0.0.1', port: 0 })
console.log(JSON.stringify({ url, pid: process.pid }))
