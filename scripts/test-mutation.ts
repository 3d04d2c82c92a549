// Checks that the tests detect changes to the code: `npm run test:mutation`. Makes many small changes to the compiled
// sources, one folder of src after another. For each changed version (mutant), runs the tests that cover the change.
// A full run takes hours. Options, after `--`:
//   --room <name>   the folder of src to change, or `entries` for the files directly in src; can be repeated;
//                   default: all folders and `entries`
//   --size <n>      the number of mutants in each folder, and in `entries`; default: 100
//   --seed <n>      a seed for the selection of the mutants; default: 1
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { MutantResult, PartialStrykerOptions } from '@stryker-mutator/api/core'
import { Stryker } from '@stryker-mutator/core'
import { ROOT } from '../test/support/paths.js'
import { Report, tally } from '../test/support/report.js'

/** The rooms (see docs/architecture.md): each folder of src, and `entries` for all files directly in src. */
const ROOMS = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .concat('entries')

/** The tests must detect at least this share of the mutants in each folder. */
const MIN_SCORE = 0.95

const { values } = parseArgs({
  options: {
    room: { type: 'string', multiple: true, default: ROOMS },
    size: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
  },
})

/** Tests of the sources, and of the examples in the documentation. They are not run for mutants. */
const NOT_RUN = ['build/test/layers.js', 'build/test/docs.js']

const testFiles = readdirSync(join(ROOT, 'build/test'), { recursive: true, encoding: 'utf8' })
  .map((file) => `build/test/${file}`)
  .filter((file) => file.endsWith('.js') && !file.startsWith('build/test/support/') && !NOT_RUN.includes(file))

/**
 * Returns the test files in the order in which they run: first the tests of the changed folder, then all others. In
 * both groups, small files come first. The first failing test ends the run for a mutant, so tests that are likely to
 * fail should come early.
 */
function likeliestFirst(room: string): string[] {
  const rank = (file: string) => (file.startsWith(`build/test/${room}/`) ? 0 : 1e9) + statSync(join(ROOT, file)).size
  return testFiles.toSorted((one, other) => rank(one) - rank(other))
}

const optionsOf = (room: string): PartialStrykerOptions => ({
  mutate: [room === 'entries' ? 'build/src/*.js' : `build/src/${room}/**/*.js`],
  testRunner: 'tap',
  tap: { testFiles: likeliestFirst(room), nodeArgs: [], forceBail: true },
  plugins: ['@stryker-mutator/tap-runner', join(ROOT, 'build/scripts/mutation-sample.js')],
  checkers: ['sample'],
  // The command runs in child processes. Stryker does not see what they cover, and would not run their tests.
  coverageAnalysis: room === 'cli' ? 'off' : 'perTest',
  concurrency: 2,
  timeoutMS: 15_000,
  dryRunTimeoutMinutes: 30,
  tempDirName: '.stryker',
  ignorePatterns: ['dist', '.tap', 'build/bench', 'build/torture', 'examples', 'torture', 'bench'],
  reporters: ['json'],
  jsonReporter: { fileName: `build/mutation/${room}.json` },
  logLevel: 'warn' as never,
  allowConsoleColors: false,
})

/** Describes an undetected mutant: its position, its status, and the code that replaces the original. */
const describe = ({ fileName, location: { start }, mutatorName, replacement, status }: MutantResult) =>
  `${fileName}:${start.line}:${start.column} ${status}, ${mutatorName}: ${JSON.stringify(replacement)}`

const DETECTED = ['Killed', 'Timeout', 'RuntimeError']

// Stryker passes these environment variables to the processes that run the plugin and the tests. Without TAP_TIMEOUT, a
// test fails after 30 seconds. On a busy machine, a slow test would then seem to detect every mutant.
Object.assign(process.env, {
  ...{ MUTATION_SEED: values.seed, MUTATION_SIZE: values.size },
  ...{ FC_RUNS: '10', TAP_TIMEOUT: '300' },
})
const report = new Report()
for (const room of values.room) {
  const results = await new Stryker(optionsOf(room)).runMutationTest()
  const sampled = results.filter(({ status }) => status !== 'CompileError' && status !== 'Ignored')
  const missed = sampled.filter(({ status }) => !DETECTED.includes(status))
  const score = 1 - missed.length / sampled.length
  const figures = `${(score * 100).toFixed(1)} % of ${sampled.length} mutants detected, sampled from ${results.length}`
  report.check(
    `${room}: ${figures} (${tally(sampled.map(({ status }) => status))})`,
    score < MIN_SCORE ? [`expected at least ${MIN_SCORE * 100} %`] : [],
  )
  for (const mutant of missed) report.note(describe(mutant))
}
process.exitCode = report.failed.length === 0 ? 0 : 1
