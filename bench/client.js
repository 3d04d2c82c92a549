// Load without wrk: connections that are kept alive, each with one request at a time, in a process of its own.
import { Buffer } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { setTimeout } from 'node:timers'

const [port, connections, seconds, file, offset] = process.argv.slice(2)
const requests = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((path) => Buffer.from(`POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`))
const latencies = []
let at = (Number(offset) * 7919) % requests.length
let failed = 0
let over = false

/** How long an answer is that begins the text, or undefined as long as its end is not there. */
function lengthOf(text) {
  const head = text.indexOf('\r\n\r\n')
  if (head < 0) return undefined
  const [, length] = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, head)) ?? []
  if (length !== undefined) return head + 4 + Number(length)
  const end = text.indexOf('\r\n0\r\n\r\n', head)
  return end < 0 ? undefined : end + 7
}

function open() {
  const socket = connect({ host: '127.0.0.1', port: Number(port), noDelay: true })
  let text = ''
  let sent = 0
  const send = () => {
    at = (at + 7919) % requests.length
    sent = performance.now()
    socket.write(requests[at])
  }
  socket.setEncoding('latin1').on('data', (part) => {
    text += part
    const length = lengthOf(text)
    if (length === undefined || text.length < length) return
    if (!text.startsWith('HTTP/1.1 200')) failed++
    latencies.push((performance.now() - sent) * 1000)
    text = text.slice(length)
    if (over) socket.destroy()
    else send()
  })
  socket.on('connect', send).on('error', () => failed++)
}

const began = performance.now()
for (let i = 0; i < Number(connections); i++) open()
setTimeout(
  () => {
    over = true
    const us = (performance.now() - began) * 1000
    latencies.sort((a, b) => a - b)
    const percentile = (part) => Math.round(latencies[Math.floor(latencies.length * part)] ?? 0)
    const result = { requests: latencies.length, us, p50: percentile(0.5), p99: percentile(0.99), failed }
    process.stdout.write(`RESULT ${JSON.stringify(result)}\n`, () => process.exit())
  },
  Number(seconds) * 1000,
)
