// What runs in a process of its own: it begins by the name of its role, and speaks by messages.
import { subscribe } from 'node:diagnostics_channel'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { startMock } from '../dist/index.js'
import { process } from './globals.js'
import { openFilesOf } from './mock.js'

const [role, ...rest] = process.argv.slice(2)

/** What is in use when all that can be collected is. */
async function used() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc()
    await sleep(20)
  }
  const { heapUsed, rss } = process.memoryUsage()
  return { heapUsed, rss, files: openFilesOf(process.pid) ?? 0 }
}

const statusOf = (url, method = 'GET') =>
  new Promise((resolve, reject) => {
    const asked = request(url, { method }, (answer) => answer.resume().on('end', () => resolve(answer.statusCode)))
    asked.on('error', reject).end()
  })

const ROLES = {
  /** A mock that tells how much memory it uses when it is asked. */
  async serve() {
    const mock = await startMock()
    process.on('message', async () => process.send(await used()))
    process.send({ url: mock.url, port: mock.port })
  },

  /** The limits that Node's server has in a mock. */
  async limits() {
    let server
    subscribe('http.server.request.start', (message) => (server = message.server))
    const mock = await startMock()
    await statusOf(`${mock.url}/healthz`)
    const { headersTimeout, requestTimeout, keepAliveTimeout } = server
    process.send({ headersTimeout, requestTimeout, keepAliveTimeout })
    await mock.close()
  },

  /** Mocks that are started and closed, one after another. */
  async cycles(count) {
    const cycle = async () => {
      const mock = await startMock()
      const status = await statusOf(`${mock.url}/healthz`)
      await mock.close()
      return status
    }
    const faults = []
    for (let i = 0; i < 20; i++) await cycle()
    const before = await used()
    for (let i = 0; i < count; i++) {
      const status = await cycle()
      if (status !== 200) faults.push(`cycle ${i} answers ${status}`)
    }
    process.send({ before, after: await used(), faults, left: process.getActiveResourcesInfo() })
  },
}

process.on('disconnect', () => process.exit())
await ROLES[role](...rest.map(Number))
