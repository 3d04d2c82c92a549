// What a test suite waits for: starts, resets, sandboxes and seeding, each in fresh processes.
import process from 'node:process'
import { fileURLToPath, URL } from 'node:url'
import { fixtureFile } from './fixture.js'
import { median, rotated } from './measures.js'
import { run } from './processes.js'

const SCRIPT = fileURLToPath(new URL('in-process.js', import.meta.url))

/** Runs a part of in-process.js in a process of its own. */
export async function inProcess(what, parameters) {
  return JSON.parse(await run(process.execPath, ['--expose-gc', SCRIPT, what, JSON.stringify(parameters)]))
}

export const countOf = (number, what) => `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`

export async function measureStartMock({ measures, plan }) {
  const what = { section: 'startMock', unit: 'ms' }
  for (let round = 0; round < plan.processes; round++) {
    const { start, startAndClose } = await inProcess('warmStart', { warmups: 10, times: 40 })
    for (const ms of start) measures.add({ ...what, measure: 'startMock(), warm' }, 'ours', ms)
    for (const ms of startAndClose) measures.add({ ...what, measure: 'startMock() and close(), warm' }, 'ours', ms)
  }
}

export async function measureReset({ measures, plan }) {
  const SIZES = [10, 1000, 100_000]
  const what = { section: 'reset', measure: 'reset after 1,000 cancels', unit: 'ms', against: countOf(10, 'pipeline') }
  for (let round = 0; round < plan.processes; round++)
    for (const pipelines of rotated(SIZES, round)) {
      const fixtures = fixtureFile(pipelines, 5)
      const resets = await inProcess('reset', { fixtures, pipelines, touched: 1000, times: plan.resets })
      measures.add(what, countOf(pipelines, 'pipeline'), median(resets))
    }
}

export async function measureSandboxes({ measures, plan }) {
  const what = { section: 'sandboxes' }
  for (let round = 0; round < plan.processes; round++) {
    const { us, bytes } = await inProcess('sandboxes', { count: 10_000 })
    measures.add({ ...what, measure: 'making one of 10,000 sandboxes', unit: 'µs' }, 'ours', us)
    measures.add({ ...what, measure: 'heap of an untouched sandbox', unit: 'bytes' }, 'ours', bytes)
  }
}

/** A start from a fixture file, and JSON.parse of the same text, each the first in its process. */
export async function measureSeeding({ measures, plan }) {
  const sizeOf = (pipelines) => ({ measure: `${countOf(pipelines, 'pipeline')} of 5 elements`, pipelines })
  const inFull = { measure: '100,000 pipelines of 5 elements, every key written', pipelines: 100_000, short: false }
  const cases = [...[10, 1000, 10_000, 100_000].map(sizeOf), inFull]
  const ways = [
    ['startMock()', 'seed'],
    ['JSON.parse', 'parse'],
  ]
  for (let round = 0; round < plan.processes; round++)
    for (const { measure, pipelines, short } of rotated(cases, round)) {
      const what = { section: 'seeding', measure, unit: 'ms', against: 'JSON.parse' }
      const fixtures = fixtureFile(pipelines, 5, { short })
      for (const [subject, way] of rotated(ways, round)) measures.add(what, subject, await inProcess(way, { fixtures }))
    }
}
