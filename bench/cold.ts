// Measures how long a test file takes to start: the time from the start of its process until the response to its
// first cancel has arrived.
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ROOT } from '../test/support/paths.js'
import { endOf, start } from '../test/support/processes.js'
import { within } from '../test/support/until.js'
import type { Context } from './context.js'
import { rotated } from './measures.js'

const PROGRAMS: readonly (readonly [subject: string, args: readonly string[]])[] = [
  ['ours', ['build/bench/servers/cold-mock.js', pathToFileURL(join(ROOT, 'dist/index.js')).href]],
  ['fastify', ['build/bench/servers/cold-fastify.js']],
]

export async function measureCold({ measures, plan }: Context): Promise<void> {
  const common = { section: 'cold', unit: 'ms', against: 'fastify' } as const
  for (let round = 0; round < plan.starts; round++)
    for (const [subject, args] of rotated(PROGRAMS, round)) {
      const began = performance.now()
      const child = start(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
      const ended = endOf(child)
      await within(`the first cancel of ${subject}`, once(child.stdout as Readable, 'data'))
      measures.add({ ...common, measure: 'test file, spawn to first cancel' }, subject, performance.now() - began)
      await within(`the end of ${subject}`, ended)
    }
}
