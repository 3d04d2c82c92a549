// Tries to break a mock in every way that we know: `npm run torture`, with `-- --quick`, `--only <part>`, `--seed <n>`.
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { bodies } from './bodies.js'
import { crowd } from './crowd.js'
import { fixtures } from './fixtures.js'
import { console, process } from './globals.js'
import { life } from './life.js'
import { Report, inSeconds } from './report.js'
import { soak } from './soak.js'
import { wire } from './wire.js'

const PARTS = { wire, crowd, bodies, fixtures, life, soak }

/** How often things are tried: all in all, and in a minute or two. */
const FULL = {
  fuzzed: 20_000,
  slow: 200,
  pipelined: 1000,
  connections: 5000,
  bigBodies: true,
  mutations: 100_000,
  kills: 50,
  stops: 20,
  cycles: 1000,
  requests: 5_000_000,
}
const QUICK = {
  ...FULL,
  fuzzed: 1000,
  slow: 50,
  connections: 1000,
  bigBodies: false,
  mutations: 2000,
  kills: 5,
  stops: 3,
  cycles: 50,
  requests: 50_000,
}

/** Runs a part, and takes what it throws for a fault of it. */
async function runPart(name, sizes, report, seed) {
  const began = performance.now()
  report.begin(name)
  try {
    await PARTS[name](report, sizes, seed)
  } catch (error) {
    report.check(`${name} ran to its end`, [error.stack])
  }
  report.note(`${name} took ${inSeconds(began)}`)
}

function usage(message) {
  console.error(`${message}\nnode torture/run.js [--quick] [--only ${Object.keys(PARTS).join('|')}]… [--seed <n>]`)
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
    return usage(error.message)
  }
}

const { quick, only, seed } = settings()
const unknown = only.filter((name) => !Object.hasOwn(PARTS, name))
if (unknown.length > 0) usage(`there is no part ${unknown.join(', ')}`)
if (!/^\d+$/.test(seed)) usage('a seed is a whole number')

const began = performance.now()
const report = new Report()
console.log(`seed ${seed}${quick ? ', quick' : ''}`)
for (const name of only) await runPart(name, quick ? QUICK : FULL, report, Number(seed))
const { checks, failed } = report
for (const what of failed) console.log(`not ok: ${what}`)
const result = failed.length === 0 ? 'all as it should be' : `${failed.length} not as they should be`
console.log(`${checks} checks, ${result}, seed ${seed}: ${inSeconds(began)}`)
// Not later, for what hangs would keep it running.
process.exit(failed.length === 0 ? 0 : 1)
