// Measures the operations of the library that test suites use: starts, resets, new sandboxes and the loading of
// fixtures. Also measures the memory that a sandbox takes. Each task of in-process.ts runs in a new process.
import { join } from 'node:path'
import { run } from '../test/support/processes.js'
import type { Context } from './context.js'
import { fixtureFile } from './fixture.js'
import type { Tasks } from './in-process.js'
import { median, rotated } from './measures.js'

const SCRIPT = join(import.meta.dirname, 'in-process.js')

/** Runs a task of in-process.ts in a new process, and returns the result of the task. */
export async function inProcess<T extends keyof Tasks>(
  task: T,
  parameters: Parameters<Tasks[T]>[0],
): Promise<Awaited<ReturnType<Tasks[T]>>> {
  return JSON.parse(await run(process.execPath, ['--expose-gc', SCRIPT, task, JSON.stringify(parameters)]))
}

export const countOf = (count: number, singular: string, plural = `${singular}s`) =>
  `${count.toLocaleString('en')} ${count === 1 ? singular : plural}`

export async function measureStartMock({ measures, plan }: Context): Promise<void> {
  const common = { section: 'startMock', unit: 'ms' } as const
  for (let round = 0; round < plan.processes; round++) {
    const { start, startAndClose } = await inProcess('warmStart', { warmups: 10, times: 40 })
    for (const ms of start) measures.add({ ...common, measure: 'startMock(), warm' }, 'ours', ms)
    for (const ms of startAndClose) measures.add({ ...common, measure: 'startMock() and close(), warm' }, 'ours', ms)
  }
}

export async function measureReset({ measures, plan }: Context): Promise<void> {
  const measure = 'reset after 1,000 cancels'
  for (let round = 0; round < plan.processes; round++)
    for (const pipelines of rotated([10, 1000, 100_000], round)) {
      const fixtures = fixtureFile(pipelines, 5)
      const ms = median(await inProcess('reset', { fixtures, pipelines, touched: 1000, times: plan.resets }))
      measures.add(
        { section: 'reset', measure, unit: 'ms', against: '10 pipelines' },
        countOf(pipelines, 'pipeline'),
        ms,
      )
    }
}

export async function measureSandboxes({ measures, plan }: Context): Promise<void> {
  const section = 'sandboxes'
  for (let round = 0; round < plan.processes; round++) {
    const { us, bytes } = await inProcess('sandboxes', { count: 10_000 })
    measures.add({ section, measure: 'creating one of 10,000 sandboxes', unit: 'µs' }, 'ours', us)
    measures.add({ section, measure: 'heap of an untouched sandbox', unit: 'bytes' }, 'ours', bytes)
  }
}

/** Measures `startMock()` with a fixture file, and `JSON.parse` of the same file, each in a new process. */
export async function measureSeeding({ measures, plan }: Context): Promise<void> {
  const briefCases = [10, 1000, 10_000, 100_000].map((pipelines) => ({ pipelines, isFull: false }))
  const cases = [...briefCases, { pipelines: 100_000, isFull: true }]
  const tasks = Object.entries({ 'startMock()': 'seed', 'JSON.parse': 'parse' } as const)
  for (let round = 0; round < plan.processes; round++)
    for (const { pipelines, isFull } of rotated(cases, round)) {
      const measure = `${countOf(pipelines, 'pipeline')} of 5 elements${isFull ? ', with every key' : ''}`
      const fixtures = fixtureFile(pipelines, 5, isFull)
      for (const [subject, task] of rotated(tasks, round)) {
        const ms = await inProcess(task, { fixtures })
        measures.add({ section: 'seeding', measure, unit: 'ms', against: 'JSON.parse' }, subject, ms)
      }
    }
}
