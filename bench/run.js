// Measures the mock, and other servers beside it: `npm run bench`. Nothing here fails because something is slow.
//   --quick             few and short runs, to try it out
//   --only <section>    load, start, memory, startMock, reset, sandboxes, seeding or growth
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { fileURLToPath, URL } from 'node:url'
import { parseArgs } from 'node:util'
import { budgetsOf } from './budgets.js'
import { measureGrowth } from './growth.js'
import { measureReset, measureSandboxes, measureSeeding, measureStartMock } from './library.js'
import { GENERATOR, GENERATOR_HINT } from './load.js'
import { Measures } from './measures.js'
import { reportOf } from './report.js'
import { measureMemory, measureStart } from './start.js'
import { subjectsFor, takeBytes } from './subjects.js'
import { measureThroughput } from './throughput.js'

const RESULTS = fileURLToPath(new URL('results.json', import.meta.url))

const SECTIONS = {
  load: measureThroughput,
  start: measureStart,
  memory: measureMemory,
  startMock: measureStartMock,
  reset: measureReset,
  sandboxes: measureSandboxes,
  seeding: measureSeeding,
  growth: measureGrowth,
}

const FULL = { rounds: 5, seconds: 2, warmup: 3, starts: 15, processes: 3, resets: 15, cancels: 10_000 }
const QUICK = { rounds: 2, seconds: 1, warmup: 1, starts: 4, processes: 1, resets: 5, cancels: 2000 }

function readOptions() {
  try {
    const { values } = parseArgs({ options: { quick: { type: 'boolean' }, only: { type: 'string' } } })
    if (values.only === undefined || Object.hasOwn(SECTIONS, values.only)) return values
    throw new Error(`--only: found ${values.only}, expected one of ${Object.keys(SECTIONS).join(', ')}`)
  } catch (error) {
    process.stderr.write(`${error.message}\n`)
    return process.exit(2)
  }
}

const { quick = false, only } = readOptions()
const names = only === undefined ? Object.keys(SECTIONS) : [only]
const began = performance.now()
const bytes = await takeBytes()
const subjects = subjectsFor(bytes)
const notes = [...(GENERATOR_HINT ? [GENERATOR_HINT] : []), ...(quick ? ['Few and short runs (`--quick`).'] : [])]
const measures = new Measures()
const context = { measures, plan: quick ? QUICK : FULL, subjects, bytes, notes }
for (const name of names) {
  process.stderr.write(`${name}, after ${Math.round((performance.now() - began) / 1000)} s\n`)
  await SECTIONS[name](context)
}
const about = {
  date: new Date().toISOString(),
  quick,
  node: process.versions.node,
  versions: Object.fromEntries(subjects.map(({ name, version }) => [name, version])),
  generator: GENERATOR,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
}
const budgets = budgetsOf(measures)
// A part, or a short look, does not take the place of the whole.
if (!quick && only === undefined)
  writeFileSync(RESULTS, `${JSON.stringify({ ...about, notes, budgets, measures: measures.list }, null, 2)}\n`)
process.stdout.write(`${reportOf({ about, measures, budgets, notes })}\n`)
