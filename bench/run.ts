// The command `npm run bench`: measures the mock and other servers. A missed budget of time does not change the exit
// code, because times depend on the other programs that run. A missed budget of memory for a request body with a
// small heap does.
// Options, after `--`:
//   --quick           makes fewer and shorter measurements
//   --only <section>  measures one section: load, start, cold, memory, startMock, reset, sandboxes, seeding, growth or
//                     bodies
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ROOT } from '../test/support/paths.js'
import { exitOnSignals } from '../test/support/processes.js'
import { inSeconds } from '../test/support/report.js'
import { measureBodies } from './bodies.js'
import { verdictsOn } from './budgets.js'
import { measureCold } from './cold.js'
import { type Context, FULL, QUICK } from './context.js'
import { measureGrowth } from './growth.js'
import { measureReset, measureSandboxes, measureSeeding, measureStartMock } from './library.js'
import { GENERATOR_NOTES } from './load.js'
import { Measures } from './measures.js'
import { circumstances, reportOf, type Section } from './report.js'
import { measureMemory, measureStart } from './start.js'
import { recordBody, subjectsFor } from './subjects.js'
import { measureThroughput } from './throughput.js'

const RESULTS = join(ROOT, 'build/bench-results.json')

const SECTIONS: Record<Section, (context: Context) => Promise<void>> = {
  load: measureThroughput,
  start: measureStart,
  cold: measureCold,
  memory: measureMemory,
  startMock: measureStartMock,
  reset: measureReset,
  sandboxes: measureSandboxes,
  seeding: measureSeeding,
  growth: measureGrowth,
  bodies: measureBodies,
}

function readOptions() {
  try {
    const options = { quick: { type: 'boolean', default: false }, only: { type: 'string' } } as const
    const { quick, only } = parseArgs({ options }).values
    const sections = Object.entries(SECTIONS).filter(([name]) => only === undefined || name === only)
    if (sections.length > 0) return { quick, sections, isWhole: !quick && only === undefined }
    throw new Error(`invalid --only "${only}": expected one of ${Object.keys(SECTIONS).join(', ')}`)
  } catch (error) {
    console.error((error as Error).message)
    return process.exit(2)
  }
}

exitOnSignals()
const { quick, sections, isWhole } = readOptions()
const began = performance.now()
const body = await recordBody()
const subjects = subjectsFor(body)
const notes = [
  ...GENERATOR_NOTES,
  ...(quick ? ['This run used `--quick`: it made fewer and shorter measurements.'] : []),
]
const measures = new Measures()
for (const [name, measure] of sections) {
  console.error(`measuring ${name} (${inSeconds(began)} since the start)`)
  await measure({ measures, plan: quick ? QUICK : FULL, subjects, body, notes })
}
const about = circumstances(quick, subjects)
const budgets = verdictsOn(measures)
console.log(reportOf(about, measures, budgets, notes))
// A run with --quick or --only must not overwrite the results of a full run.
if (isWhole) {
  writeFileSync(RESULTS, `${JSON.stringify({ ...about, notes, budgets, measures: measures.list }, null, 2)}\n`)
  console.error(`All samples are in ${RESULTS}.`)
}
process.exitCode = budgets.some(({ isRequired, met }) => isRequired && !met) ? 1 : 0
