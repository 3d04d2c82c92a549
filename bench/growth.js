// What a cancel costs when there is more of something.
import { fixtureFile } from './fixture.js'
import { countOf, inProcess } from './library.js'
import { load, pathsFile } from './load.js'
import { rotated } from './measures.js'
import { cancelOf, FIT, idOf } from './paths.js'
import { stop } from './processes.js'
import { startOurs } from './subjects.js'

const section = 'growth'
const numbersTo = (count) => Array.from({ length: count }, (_, i) => i)

/** Asks for all paths at least once, so that later no request is the first of its path. */
async function walk(server, file, count) {
  for (let offset = 0; offset < count;) {
    const { requests } = await load(server, { file, connections: 16, seconds: 1, offset })
    offset += requests
  }
}

/** How often each server is measured: rarely, for one process differs from the next more than its runs do. */
const ROUNDS = 2

/** Measures servers in turn, each with its `loads`, which are files of paths by the name of their measure. */
async function measureServers({ measures, plan }, servers, against) {
  for (let round = 0; round < ROUNDS; round++)
    for (const { name, server, loads } of rotated(servers, round))
      for (const [measure, file] of Object.entries(loads)) {
        const { cpu, rps } = await load(server, { file, connections: 16, seconds: plan.seconds })
        // Where the system tells no processor time, time alone must do.
        measures.add({ section, measure, unit: 'µs', against }, name, cpu ?? 1e6 / rps)
      }
  for (const { server } of servers) await stop(server.child)
}

async function overPipelines(context) {
  const servers = []
  for (const pipelines of [10, 1000, 100_000]) {
    const server = await startOurs(['--fixtures', fixtureFile(pipelines, 5)])
    const all = pathsFile(numbersTo(pipelines).map((n) => cancelOf(idOf(n))))
    const one = pathsFile([cancelOf(idOf(pipelines >> 1))])
    await walk(server, all, pipelines)
    const loads = { [ONE_ID]: one, [ALL_IDS]: all }
    servers.push({ name: countOf(pipelines, 'pipeline'), server, loads })
  }
  await measureServers(context, servers, countOf(10, 'pipeline'))
}

async function overSandboxes(context) {
  const servers = []
  for (const sandboxes of [1, 100, 10_000]) {
    const server = await startOurs()
    const all = pathsFile(numbersTo(sandboxes).map((n) => `/_sandbox/s-${n}${cancelOf(FIT)}`))
    await walk(server, all, sandboxes)
    const loads = { 'CPU of a cancel, in all sandboxes in turn': all }
    servers.push({ name: countOf(sandboxes, 'sandbox').replace('sandboxs', 'sandboxes'), server, loads })
  }
  await measureServers(context, servers, '1 sandbox')
}

/** Cancels of pipelines that run, which only a reset makes possible again and again. */
async function firstCancels({ measures, plan }) {
  const cases = [
    ...[10, 1000, 100_000].map((pipelines) => ({
      ...{ pipelines, elements: 5, batch: 10, rounds: plan.cancels / 10 },
      ...{ measure: FIRST, subject: countOf(pipelines, 'pipeline'), against: countOf(10, 'pipeline') },
    })),
    ...[1, 10, 1000].map((elements) => ({
      ...{ pipelines: 100, elements, batch: 100, rounds: plan.cancels / (elements === 1000 ? 1000 : 100) },
      ...{ measure: 'CPU of a first cancel, in process', subject: countOf(elements, 'element'), against: '1 element' },
    })),
  ]
  for (let round = 0; round < plan.processes; round++)
    for (const { pipelines, elements, batch, rounds, measure, subject, against } of rotated(cases, round)) {
      const fixtures = fixtureFile(pipelines, elements)
      const us = await inProcess('cancels', { fixtures, pipelines, batch, rounds })
      measures.add({ section, measure, unit: 'µs', against }, subject, us)
    }
}

export const ONE_ID = 'CPU of a cancel, one id'
export const ALL_IDS = 'CPU of a cancel, all ids in turn'
export const FIRST = 'CPU of a first cancel, in process, of 10 pipelines'

export async function measureGrowth(context) {
  for (let i = 0; i < context.plan.processes; i++) await overPipelines(context)
  await firstCancels(context)
  for (let i = 0; i < context.plan.processes; i++) await overSandboxes(context)
}
