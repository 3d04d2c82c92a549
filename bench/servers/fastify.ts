// A Fastify server to compare the mock with. It has one route, whose response is the contents of a file. The argument
// is the path of this file.
import { readFileSync } from 'node:fs'
import { fastify } from 'fastify'

const body = readFileSync(process.argv[2] as string, 'utf8')
const app = fastify({ logger: false })
app.post('/pipelines/:pipeline_id/cancel', (_request, reply) => reply.type('application/json').send(body))
const url = await app.listen({ host: '127.0.0.1', port: 0 })
console.log(JSON.stringify({ url, pid: process.pid }))
