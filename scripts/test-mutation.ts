// Plants faults in each room of the compiled sources and runs the tests that reach them: `npm run test:mutation`, with
// `-- --room api`, `--size 100` (faults a room) and `--seed 1`. It takes hours for all rooms.
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

/** The least share of faults that the tests of a room have to find. */
const LEAST = 0.95

const { values } = parseArgs({
  options: {
    room: { type: 'string', multiple: true, default: ROOMS },
    size: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
  },
})

/** Tests that look at the sources or at files of the project, not at what the code does. */
const NOT_RUN = ['build/test/layers.js', 'build/test/readme.js']

const testFiles = readdirSync(join(ROOT, 'build/test'), { recursive: true, encoding: 'utf8' })
  .map((file) => `build/test/${file}`)
  .filter((file) => file.endsWith('.js') && !file.startsWith('build/test/support/') && !NOT_RUN.includes(file))

/** Tests of the room itself, then small files, which are quick: a fault is looked for no further once it is found. */
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

/** Describes a fault that no test found: where it is, and what replaced the original code. */
const describe = ({ fileName, location: { start }, mutatorName, replacement, status }: MutantResult) =>
  `${fileName}:${start.line}:${start.column} ${status}, ${mutatorName}: ${JSON.stringify(replacement)}`

const FOUND = ['Killed', 'Timeout', 'RuntimeError']

// Stryker hands its environment to the processes of the checker and the tests.
Object.assign(process.env, { MUTATION_SEED: values.seed, MUTATION_SIZE: values.size, FC_RUNS: '10' })
const report = new Report()
for (const room of values.room) {
  const results = await new Stryker(optionsOf(room)).runMutationTest()
  const sampled = results.filter(({ status }) => status !== 'CompileError' && status !== 'Ignored')
  const missed = sampled.filter(({ status }) => !FOUND.includes(status))
  const score = 1 - missed.length / sampled.length
  const figures = `${(score * 100).toFixed(1)} % of ${sampled.length} of ${results.length} faults found`
  report.check(
    `${room}: ${figures} (${tally(sampled.map(({ status }) => status))})`,
    score < LEAST ? ['below 95 %'] : [],
  )
  for (const mutant of missed) report.note(describe(mutant))
}
process.exitCode = report.failed.length === 0 ? 0 : 1
