// Reads fixture files one after another. Runs in a child process, because a file may make the process crash or hang.
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { formatIssue, type Issue } from '../src/diagnostics/issue.js'
import { FixtureError } from '../src/fixtures/error.js'
import { loadSeed } from '../src/fixtures/load.js'
import { startMock } from '../src/index.js'
import { machineTime } from '../src/time/clock.js'
import { fixtureFiles } from './inputs.js'
import { issuesIf } from './issues.js'

export type Outcome = 'accepted' | 'rejected' | 'crashed'

/** A message to the parent process: an issue with file `n`. The last message is a summary of all files instead. */
export type Finding =
  | { readonly n: number; readonly issue: string }
  | { readonly outcomes: [Outcome, number][]; readonly slowest: { readonly ms: number; readonly n: number } }

/** Every tenth accepted file with random changes is also served. All accepted hostile files are served. */
const SERVE_EVERY = 10

const isPositive = (value: number | undefined) => Number.isInteger(value) && Number(value) >= 1

/** Checks that each issue that the mock reports for a file has a message, and a position inside the file. */
function positionIssues(issues: readonly Issue[], file: string, bytes: Buffer): string[] {
  const text = bytes.toString('utf8')
  const lines = text.split(/\r\n|\r|\n/)
  // The YAML parser does not treat a CR without LF as the end of a line, but this function does. So columns are not
  // checked in files with such a CR.
  const isUnclear = /\r(?!\n)/.test(text)
  return issues.flatMap((issue) => {
    const { position, message } = issue
    const line = lines[(position?.line ?? 0) - 1]
    if (issue.file !== file || line === undefined || !isPositive(position?.line) || !isPositive(position?.column))
      return [`an issue without a position in the file: ${formatIssue(issue)}`]
    if (!message) return ['an issue without a message']
    const isInLine = isUnclear || Number(position?.column) <= line.length + 1
    return issuesIf(!isInLine, `an issue after the end of its line: ${formatIssue(issue)}`)
  })
}

async function read(file: string, bytes: Buffer): Promise<{ outcome: Outcome; issues: string[] }> {
  try {
    const { warnings } = await loadSeed([file], machineTime())
    return { outcome: 'accepted', issues: positionIssues(warnings, file, bytes) }
  } catch (error) {
    if (!(error instanceof FixtureError))
      return { outcome: 'crashed', issues: [`reading the file throws ${(error as Error).stack}`] }
    const unexplained = issuesIf(error.issues.length === 0, 'rejected without an issue')
    return { outcome: 'rejected', issues: [...unexplained, ...positionIssues(error.issues, file, bytes)] }
  }
}

/** Serves a file, and checks that its first 20 pipelines can be read and canceled. */
async function serve(file: string): Promise<string[]> {
  const mock = await startMock({ fixtures: file, listen: false, progress: 'after=1s' })
  const issues: string[] = []
  const send = async (method: 'GET' | 'POST', url: string) => {
    const { statusCode, body } = await mock.inject({ method, url })
    issues.push(...issuesIf(statusCode !== 200, `${method} ${url}: response ${statusCode}: ${body.slice(0, 300)}`))
  }
  for (const { id } of (await mock.pipelines.list()).slice(0, 20)) {
    const url = `/pipelines/${encodeURIComponent(id)}`
    for (const path of [url, `${url}/elements`, `${url}/result`]) await send('GET', path)
    await send('POST', `${url}/cancel`)
  }
  await send('GET', '/_mock/state')
  await mock.close()
  return issues
}

const [folder = '', ...numbers] = process.argv.slice(2)
const [seed = 0, from = 0, to = 0] = numbers.map(Number)
const files = fixtureFiles(seed)
const progress = openSync(join(folder, 'progress'), 'r+')
const outcomes = new Map<Outcome, number>()
const sendFinding = (finding: Finding, done?: () => void) => process.send?.(finding, undefined, undefined, done)
let slowest = { ms: 0, n: from }
let accepted = 0
for (let n = from; n < to; n++) {
  const { extension, bytes } = files.file(n)
  const file = join(folder, `input${extension}`)
  writeFileSync(file, bytes)
  writeSync(progress, String(n), 0)
  const began = performance.now()
  const { outcome, issues } = await read(file, bytes)
  const ms = performance.now() - began
  if (outcome === 'accepted' && (n < files.hostile || accepted++ % SERVE_EVERY === 0))
    issues.push(...(await serve(file)))
  issues.push(...issuesIf(Object.keys(Object.prototype).length > 0, 'Object.prototype has changed'))
  if (ms > slowest.ms) slowest = { ms, n }
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  for (const issue of issues.slice(0, 2)) sendFinding({ n, issue })
}
closeSync(progress)
sendFinding({ outcomes: [...outcomes], slowest }, () => process.disconnect())
