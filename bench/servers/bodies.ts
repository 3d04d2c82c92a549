// A mock that measures how long a request blocks its event loop, and how much memory the request takes. Sends its URL
// to the parent process when it is ready. Measures from the message `begin` to the message `end`, and then sends the
// result.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type * as Package from '../../src/index.js'
import { ROOT } from '../../test/support/paths.js'
import { threadTime, usedMemory } from '../../test/support/resources.js'

export interface Measured {
  /** The processor time of the longest turn of the event loop, in ms. */
  readonly blocked: number
  /** The highest resident memory minus the resident memory before the request, in bytes. */
  readonly memory: number
}

const { startMock } = (await import(pathToFileURL(join(ROOT, 'dist/index.js')).href)) as typeof Package
const mock = await startMock()
let before = 0
let began = 0
let blocked = 0

/** Measures each turn of the event loop. */
function measureTurn(): void {
  endTurn()
  setImmediate(measureTurn)
}

function endTurn(): void {
  const now = threadTime()
  blocked = Math.max(blocked, now - began)
  began = now
}

process.once('message', () => void begin())
process.send?.({ url: mock.url })

async function begin(): Promise<void> {
  before = (await usedMemory()).rss
  began = threadTime()
  measureTurn()
  process.once('message', end)
  process.send?.('begun')
}

function end(): void {
  // This message may arrive before the turn that has sent the response is measured.
  endTurn()
  const memory = process.resourceUsage().maxRSS * 1024 - before
  process.send?.({ blocked, memory } satisfies Measured)
}
