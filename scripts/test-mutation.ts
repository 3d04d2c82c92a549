// Checks that the tests detect changes to the code: `npm run test:mutation`. Makes many small changes to the compiled
// sources. For each changed version (mutant), runs the tests that cover the change. A room is a folder of src. The
// files directly in src form one more room, `entries`. Testing all rooms takes hours. Options, after `--`:
//   --room <name>   the room to change; can be repeated; default: all rooms
//   --size <n>      the number of mutants per room; default: 100
//   --seed <n>      a seed for the selection of the mutants; default: 1
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { MutantResult, PartialStrykerOptions } from '@stryker-mutator/api/core'
import { Stryker } from '@stryker-mutator/core'
import { ROOT } from '../test/support/paths.js'
import { Report, tally } from '../test/support/report.js'

const ROOMS = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .concat('entries')

/** The minimum share of the mutants of a room that the tests must detect. */
const MIN_SCORE = 0.95

const { values } = parseArgs({
  options: {
    room: { type: 'string', multiple: true, default: ROOMS },
    size: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
  },
})

/** Tests that read the sources or the documentation. They are not run for mutants. */
const NOT_RUN = ['build/test/layers.js', 'build/test/docs.js', 'build/test/docs-tables.js']

const testFiles = readdirSync(join(ROOT, 'build/test'), { recursive: true, encoding: 'utf8' })
  .map((file) => `build/test/${file}`)
  .filter((file) => file.endsWith('.js') && !file.startsWith('build/test/support/') && !NOT_RUN.includes(file))

/**
 * Returns the test files in the order in which they run: first the files for the room, then all others, and in both
 * groups small files first. The first test that fails ends the run of a mutant, so likely failures should come early.
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
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 15_000,
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

// Stryker passes these environment variables to the processes of the plugin and of the tests.
Object.assign(process.env, { MUTATION_SEED: values.seed, MUTATION_SIZE: values.size, FC_RUNS: '10' })
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
