// The least that Node.js can do: a constant answer, from a file that is named by the first argument.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import process from 'node:process'

const body = readFileSync(process.argv[2], 'utf8')
const server = createServer((request, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(body)
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`))
