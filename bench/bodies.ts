// Measures how long the largest request bodies block the mock, and how much memory they take. Also measures
// `JSON.parse` of the same bodies. Each measurement is made in a new process.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { send } from '../test/support/http.js'
import { killOnExit, stop } from '../test/support/processes.js'
import { within } from '../test/support/until.js'
import type { Context } from './context.js'
import { inProcess } from './library.js'
import type { Measured } from './servers/bodies.js'
import { type Body, BODY_LIMIT, SHAPES } from './shapes.js'

const SCRIPT = join(import.meta.dirname, 'servers/bodies.js')

/**
 * Options of Node.js for a small heap. With a small heap, V8 collects garbage soon. With the default heap, garbage
 * accumulates, and the memory depends on when V8 collects the garbage.
 */
const SMALL_HEAP = ['--max-old-space-size=192', '--max-semi-space-size=1']

/** Time limit for a response. On a busy machine, a body takes many seconds. */
const LIMIT_MS = 300_000

async function measureBody(title: string, body: Body, nodeOptions: readonly string[]): Promise<Measured> {
  const { text, encode, method = 'POST', path = '/pipelines', headers } = body
  const child = killOnExit(fork(SCRIPT, { execArgv: ['--expose-gc', ...nodeOptions] }))
  const next = async <T>(): Promise<T> => (await within(`a message about ${title}`, once(child, 'message')))[0]
  const { url } = await next<{ url: string }>()
  const request = { method, path, headers: { 'content-type': 'application/json', ...headers }, limitMs: LIMIT_MS }
  await send(url, { ...request, body: '{}' })
  const begun = next()
  child.send('begin')
  await begun
  const { status } = await send(url, { ...request, body: encode ? encode(text) : text })
  if (status >= 500) throw new Error(`${title}: unexpected status ${status}`)
  const measured = next<Measured>()
  child.send('end')
  const result = await measured
  await stop(child)
  return result
}

/** The names of the measured values, which are the subjects of this section. */
export const [BLOCKED, PARSED] = ['blocked loop', 'JSON.parse'] as const
export const [MEMORY, SMALL_MEMORY] = ['memory', 'memory, small heap'] as const

export async function measureBodies({ measures, plan }: Context): Promise<void> {
  for (let round = 0; round < plan.processes; round++)
    for (const [measure, make] of Object.entries(SHAPES)) {
      const { blocked, memory } = await measureBody(measure, make(), [])
      const { memory: smallMemory } = await measureBody(measure, make(), SMALL_HEAP)
      const parsed = await inProcess('parseBody', { shape: measure })
      measures.add({ section: 'bodies', measure, unit: 'ms' }, BLOCKED, blocked)
      measures.add({ section: 'bodies', measure, unit: 'ms' }, PARSED, parsed)
      measures.add({ section: 'bodies', measure, unit: '× 16 MiB' }, MEMORY, memory / BODY_LIMIT)
      measures.add({ section: 'bodies', measure, unit: '× 16 MiB' }, SMALL_MEMORY, smallMemory / BODY_LIMIT)
    }
}
