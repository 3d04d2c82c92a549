// Measures how long each server takes to start, and how much memory its process uses. A start ends when the response
// to the first request has arrived.
import { setTimeout as sleep } from 'node:timers/promises'
import { rssOf } from '../test/support/resources.js'
import type { Context } from './context.js'
import { load, pathsFile } from './load.js'
import { rotated } from './measures.js'
import { CANCEL } from './pipelines.js'
import { sendOk, type Server, type Subject } from './subjects.js'

const withFirst = (subjects: readonly Subject[]) => subjects.filter(({ first }) => first !== undefined)

async function startAndSend(subject: Subject): Promise<Server> {
  const server = await subject.start()
  await sendOk(server, subject.first)
  return server
}

export async function measureStart({ measures, plan, subjects }: Context): Promise<void> {
  const measure = 'process start to first response'
  for (const subject of withFirst(subjects)) await (await startAndSend(subject)).stop()
  for (let round = 0; round < plan.starts; round++)
    for (const subject of rotated(withFirst(subjects), round)) {
      const began = performance.now()
      const server = await startAndSend(subject)
      const ms = performance.now() - began
      measures.add({ section: 'start', measure, unit: 'ms', against: 'bare' }, subject.name, ms)
      await server.stop()
    }
}

export async function measureMemory({ measures, plan, subjects }: Context): Promise<void> {
  const common = { section: 'memory', unit: 'MB', against: 'bare' } as const
  const file = pathsFile([CANCEL.path])
  for (let round = 0; round < plan.processes; round++)
    for (const subject of rotated(withFirst(subjects), round)) {
      const server = await startAndSend(subject)
      await sleep(500)
      measures.add({ ...common, measure: 'resident memory at rest' }, subject.name, rssOf(server.pid))
      await load(server, { file, connections: 16, seconds: plan.seconds })
      measures.add({ ...common, measure: 'resident memory after load' }, subject.name, rssOf(server.pid))
      await server.stop()
    }
}
