// The load generator of the benchmark if wrk is not installed. It keeps connections open, and sends one request at a
// time on each connection. It uses the paths in the same order as wrk.lua. A comment there explains the number 7919.
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import type { Output } from './load.js'

const [url, connections, seconds, file, offset] = process.argv.slice(2) as [string, string, string, string, string]
const { host, hostname, port } = new URL(url)
const requests = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((path) => Buffer.from(`POST ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`))
const latencies: number[] = []
let index = (Number(offset) * 7919) % requests.length
let failed = 0
let isOver = false

/**
 * Returns the length of the response at the start of `text`. Returns undefined while the length is unknown: until the
 * head has arrived or, for a chunked response, until the whole body has arrived.
 */
function lengthOf(text: string): number | undefined {
  const head = text.indexOf('\r\n\r\n')
  if (head < 0) return undefined
  const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, head))?.[1]
  if (length !== undefined) return head + 4 + Number(length)
  const end = text.indexOf('\r\n0\r\n\r\n', head)
  return end < 0 ? undefined : end + 7
}

function open(): void {
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  let text = ''
  let sent = 0
  const send = () => {
    index = (index + 7919) % requests.length
    sent = performance.now()
    socket.write(requests[index] as Buffer)
  }
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part
    const length = lengthOf(text)
    if (length === undefined || text.length < length) return
    if (!text.startsWith('HTTP/1.1 200')) failed++
    latencies.push((performance.now() - sent) * 1000)
    text = text.slice(length)
    if (isOver) socket.destroy()
    else send()
  })
  socket.on('connect', send).on('error', () => failed++)
}

function finish(): void {
  isOver = true
  const us = (performance.now() - began) * 1000
  latencies.sort((a, b) => a - b)
  const percentile = (share: number) => Math.round(latencies[Math.floor(latencies.length * share)] ?? 0)
  const output: Output = { requests: latencies.length, us, p50: percentile(0.5), p99: percentile(0.99), failed }
  process.stdout.write(`${JSON.stringify(output)}\n`, () => process.exit())
}

const began = performance.now()
for (let i = 0; i < Number(connections); i++) open()
setTimeout(finish, Number(seconds) * 1000)
