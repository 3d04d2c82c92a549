// The main module of a child process. The first argument is a key of ROLES. The child process sends its results to
// the parent process as messages.
import { subscribe } from 'node:diagnostics_channel'
import type { Server } from 'node:http'
import { send } from '../test/support/http.js'
import { openFilesOf, usedMemory } from '../test/support/resources.js'
import { startMock } from '../src/index.js'

export type Memory = Awaited<ReturnType<typeof usedMemory>>

export interface Usage extends Memory {
  /** The number of open files and sockets. */
  readonly files: number
}

export interface Cycles {
  readonly before: Usage
  readonly after: Usage
  readonly statuses: readonly number[]
  /** Types of the resources that keep the process running after all mocks are closed. */
  readonly resources: readonly string[]
}

const usage = async (): Promise<Usage> => ({ ...(await usedMemory()), files: openFilesOf(process.pid) ?? 0 })

const ROLES: Record<string, (value?: string) => Promise<void>> = {
  /** Runs a mock, and sends its URL and port. Replies to each message with the memory that the process uses. */
  async serve(maxSandboxes) {
    const mock = await startMock(maxSandboxes === undefined ? {} : { maxSandboxes: Number(maxSandboxes) })
    process.on('message', () => void usedMemory().then((memory) => process.send?.(memory)))
    process.send?.({ url: mock.url, port: mock.port })
  },

  /** Starts a mock, and sends the timeouts of its HTTP server. */
  async limits() {
    const used = new Promise<Server>((resolve) =>
      subscribe('http.server.request.start', (message) => resolve((message as { server: Server }).server)),
    )
    const mock = await startMock()
    await send(`${mock.url}/healthz`)
    const { headersTimeout, requestTimeout, keepAliveTimeout } = await used
    process.send?.({ headersTimeout, requestTimeout, keepAliveTimeout })
    await mock.close()
  },

  /**
   * Starts and closes 20 mocks as a warm-up, and then `count` mocks, one after another. Sends a `Cycles` object,
   * whose `before` and `after` are the resources that the process used before and after the `count` mocks.
   */
  async cycles(count) {
    const cycle = async () => {
      const mock = await startMock()
      const { status } = await send(`${mock.url}/healthz`)
      await mock.close()
      return status
    }
    for (let i = 0; i < 20; i++) await cycle()
    const [before, statuses] = [await usage(), [] as number[]]
    for (let i = 0; i < Number(count); i++) statuses.push(await cycle())
    const after = await usage()
    process.send?.({ before, after, statuses, resources: process.getActiveResourcesInfo() } satisfies Cycles)
  },
}

process.on('disconnect', () => process.exit())
const [role = '', value] = process.argv.slice(2)
await ROLES[role]?.(value)
