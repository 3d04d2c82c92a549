// Runs the stress tests: `npm run torture`. Options, after `--`:
//   --quick        runs shorter tests
//   --only <part>  runs one part: wire, crowd, bodies, fixtures, life, isolation, memory or soak; can be repeated
//   --seed <n>     a seed for the random inputs; default: a number derived from the current time
import { parseArgs } from 'node:util'
import { exitOnSignals } from '../test/support/processes.js'
import { inSeconds, Report } from '../test/support/report.js'
import { bodies } from './bodies.js'
import { crowd } from './crowd.js'
import { fixtures } from './fixtures.js'
import { isolation } from './isolation.js'
import { life } from './life.js'
import { memory } from './memory.js'
import { FULL, QUICK, type Sizes } from './sizes.js'
import { soak } from './soak.js'
import { wire } from './wire.js'

type Part = (report: Report, sizes: Sizes, seed: number) => Promise<void>

const PARTS: Record<string, Part> = { wire, crowd, bodies, fixtures, life, isolation, memory, soak }
const USAGE = `usage: node build/torture/run.js [--quick] [--only ${Object.keys(PARTS).join('|')}]… [--seed <n>]`

function usage(message: string): never {
  console.error(`${message}\n${USAGE}`)
  process.exit(2)
}

function settings() {
  try {
    return parseArgs({
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: Object.keys(PARTS) },
        seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
      },
    }).values
  } catch (error) {
    return usage((error as Error).message)
  }
}

exitOnSignals()
const { quick, only, seed } = settings()
if (!/^\d+$/.test(seed)) usage(`invalid seed "${seed}": expected a non-negative integer`)
const parts = only.map((name) => ({
  name,
  part: PARTS[name] ?? usage(`invalid part "${name}": expected one of ${Object.keys(PARTS).join(', ')}`),
}))

const began = performance.now()
const report = new Report()
console.log(`seed ${seed}${quick ? ', quick' : ''}`)
for (const { name, part } of parts) {
  const partBegan = performance.now()
  report.begin(name)
  try {
    await part(report, quick ? QUICK : FULL, Number(seed))
  } catch (error) {
    report.check(`${name} completes`, [(error as Error).stack ?? String(error)])
  }
  report.note(`${name} took ${inSeconds(partBegan)}`)
}
const { checks, failed } = report
for (const what of failed) console.log(`not ok: ${what}`)
const result = failed.length === 0 ? 'all passed' : `${failed.length} failed`
console.log(`${checks} checks, ${result}, seed ${seed}: ${inSeconds(began)}`)
// Exits explicitly, because a leaked resource would keep the process running.
process.exit(failed.length === 0 ? 0 : 1)
