// Measures how the processor time of a cancel grows with the number of pipelines, elements and sandboxes.
import { cancelPath, FIT } from '../test/support/lab.js'
import type { Context } from './context.js'
import { fixtureFile } from './fixture.js'
import { countOf, inProcess } from './library.js'
import { load, pathsFile } from './load.js'
import { rotated } from './measures.js'
import { idOf } from './pipelines.js'
import { type Server, startOurs } from './subjects.js'

export const ONE_ID = 'CPU of a cancel, one id'
export const ALL_IDS = 'CPU of a cancel, all ids in turn'
export const FIRST = 'CPU of a first cancel, 5 elements'
const ALL_SANDBOXES = 'CPU of a cancel, all sandboxes in turn'

/**
 * How often each measure is taken in one server process. Twice is enough, because results differ more from process to
 * process than within a process.
 */
const ROUNDS = 2

interface Target {
  readonly name: string
  readonly server: Server
  /** The file with the request paths of each measure, by the name of the measure. */
  readonly files: Record<string, string>
}

/**
 * Writes request paths to a file. Sends at least one POST request to each path, because the first request to a path
 * takes longer and must not be measured. Returns the name of the file.
 */
async function visitAll(server: Server, count: number, pathOf: (n: number) => string): Promise<string> {
  const file = pathsFile(Array.from({ length: count }, (_, n) => pathOf(n)))
  for (let offset = 0; offset < count;)
    offset += (await load(server, { file, connections: 16, seconds: 1, offset })).requests
  return file
}

async function measureTargets({ measures, plan }: Context, targets: readonly Target[], against: string) {
  for (let round = 0; round < ROUNDS; round++)
    for (const { name, server, files } of rotated(targets, round))
      for (const [measure, file] of Object.entries(files)) {
        const { cpu, rps } = await load(server, { file, connections: 16, seconds: plan.seconds })
        // On systems that do not report processor time, the elapsed time divided by the number of requests is
        // recorded instead.
        measures.add({ section: 'growth', measure, unit: 'µs', against }, name, cpu ?? 1e6 / rps)
      }
  for (const { server } of targets) await server.stop()
}

async function growPipelines(context: Context): Promise<void> {
  const targets: Target[] = []
  for (const count of [10, 1000, 100_000]) {
    const server = await startOurs(['--fixtures', fixtureFile(count, 5)])
    const all = await visitAll(server, count, (n) => cancelPath(idOf(n)))
    const files = { [ONE_ID]: pathsFile([cancelPath(idOf(count >> 1))]), [ALL_IDS]: all }
    targets.push({ name: countOf(count, 'pipeline'), server, files })
  }
  await measureTargets(context, targets, '10 pipelines')
}

async function growSandboxes(context: Context): Promise<void> {
  const targets: Target[] = []
  for (const count of [1, 100, 10_000]) {
    const server = await startOurs()
    const all = await visitAll(server, count, (n) => `/_sandbox/s-${n}${cancelPath(FIT)}`)
    targets.push({ name: countOf(count, 'sandbox', 'sandboxes'), server, files: { [ALL_SANDBOXES]: all } })
  }
  await measureTargets(context, targets, '1 sandbox')
}

/**
 * Measures the first cancel of a pipeline. Later cancels of the same pipeline change nothing, so the mock is reset
 * after each batch of cancels.
 */
async function measureFirstCancels({ measures, plan }: Context): Promise<void> {
  const cases = [
    ...[10, 1000, 100_000].map((pipelines) => ({
      ...{ pipelines, elements: 5, batch: 10, rounds: plan.cancels / 10 },
      ...{ measure: FIRST, subject: countOf(pipelines, 'pipeline'), against: '10 pipelines' },
    })),
    ...[1, 10, 1000].map((elements) => ({
      ...{ pipelines: 100, elements, batch: 100, rounds: plan.cancels / (elements === 1000 ? 1000 : 100) },
      ...{
        measure: 'CPU of a first cancel, 100 pipelines',
        subject: countOf(elements, 'element'),
        against: '1 element',
      },
    })),
  ]
  for (let round = 0; round < plan.processes; round++)
    for (const { pipelines, elements, batch, rounds, measure, subject, against } of rotated(cases, round)) {
      const fixtures = fixtureFile(pipelines, elements)
      const us = await inProcess('cancels', { fixtures, pipelines, batch, rounds })
      measures.add({ section: 'growth', measure, unit: 'µs', against }, subject, us)
    }
}

export async function measureGrowth(context: Context): Promise<void> {
  for (let i = 0; i < context.plan.processes; i++) await growPipelines(context)
  await measureFirstCancels(context)
  for (let i = 0; i < context.plan.processes; i++) await growSandboxes(context)
}
