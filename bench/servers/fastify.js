// The least that Fastify can do: one route with a constant answer, from a file that is named by the first argument.
import { readFileSync } from 'node:fs'
import process from 'node:process'
import fastify from 'fastify'

const body = readFileSync(process.argv[2], 'utf8')
const app = fastify({ logger: false })
app.post('/pipelines/:pipeline_id/cancel', (request, reply) => reply.type('application/json').send(body))
await app.listen({ host: '127.0.0.1', port: 0 })
process.stdout.write(`${JSON.stringify({ port: app.server.address().port })}\n`)
