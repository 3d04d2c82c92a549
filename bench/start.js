// How long a process takes to its first answer, and how much memory it has.
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { load, pathsFile, rssOf } from './load.js'
import { rotated } from './measures.js'
import { CANCEL } from './paths.js'
import { stop } from './processes.js'
import { ask } from './subjects.js'

const own = (subjects) => subjects.filter(({ first }) => first)

async function startAndAsk({ name, start, first: [method, path] }) {
  const server = await start()
  const { status } = await ask(server.port, method, path)
  if (status !== 200) throw new Error(`${name} answered ${status} to ${method} ${path}`)
  return server
}

export async function measureStart({ measures, plan, subjects }) {
  const what = { section: 'start', measure: 'process start to first answer', unit: 'ms', against: 'bare' }
  for (const subject of own(subjects)) await stop((await startAndAsk(subject)).child)
  for (let round = 0; round < plan.starts; round++)
    for (const subject of rotated(own(subjects), round)) {
      const began = performance.now()
      const { child } = await startAndAsk(subject)
      measures.add(what, subject.name, performance.now() - began)
      await stop(child)
    }
}

export async function measureMemory({ measures, plan, subjects }) {
  const what = { section: 'memory', unit: 'MB', against: 'bare' }
  const file = pathsFile([CANCEL])
  for (let round = 0; round < plan.processes; round++)
    for (const subject of rotated(own(subjects), round)) {
      const server = await startAndAsk(subject)
      await sleep(500)
      measures.add({ ...what, measure: 'resident memory at rest' }, subject.name, rssOf(server.child.pid))
      await load(server, { file, connections: 16, seconds: plan.seconds })
      measures.add({ ...what, measure: 'resident memory after load' }, subject.name, rssOf(server.child.pid))
      await stop(server.child)
    }
}
