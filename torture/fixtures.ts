import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../test/support/processes.js'
import { inSeconds, type Report, shown } from '../test/support/report.js'
import { LIMIT_MS } from '../test/support/until.js'
import { fixtureFiles } from './inputs.js'
import { startChild } from './mock.js'
import type { Finding, Outcome } from './read-inputs.js'
import type { Sizes } from './sizes.js'

/**
 * Reads the files with the numbers `from` (inclusive) to `to` (exclusive) in a child process, and calls `find` for
 * each message from the process. Kills the process if a file takes longer than the time limit. Resolves when the
 * process has ended. The returned `at` is the number of the last file that the process began to read.
 */
async function readFrom(from: number, to: number, seed: number, folder: string, find: (finding: Finding) => void) {
  const progress = join(folder, 'progress')
  writeFileSync(progress, String(from))
  const { child, ended, errors } = startChild(
    './read-inputs.js',
    [folder, seed, from, to],
    ['--max-old-space-size=1024'],
  )
  child.on('message', (message) => find(message as Finding))
  let [isHanging, last, since] = [false, '', performance.now()]
  const watch = setInterval(() => {
    const now = readFileSync(progress, 'utf8')
    if (now !== last) [last, since] = [now, performance.now()]
    if (performance.now() - since < LIMIT_MS) return
    isHanging = true
    child.kill('SIGKILL')
  }, 250)
  const end = await ended
  clearInterval(watch)
  const reason = isHanging
    ? `reading the file takes more than ${LIMIT_MS} ms`
    : `the process ended with ${end}: ${errors().slice(0, 300)}`
  return { at: Number(readFileSync(progress, 'utf8')), end, reason }
}

/** Groups similar issues. For each group, keeps the number of issues, and the first issue with its file number. */
class Kinds {
  readonly #kinds = new Map<string, { issue: string; n: number; count: number }>()

  add(issue: string, n: number) {
    const kind = issue.replace(/"[^"]*"|\d+|\[.*?\]|&.*?:/g, '').slice(0, 60)
    const known = this.#kinds.get(kind)
    if (known) known.count++
    else this.#kinds.set(kind, { issue, n, count: 1 })
  }

  list = () => [...this.#kinds.values()]
}

/**
 * Reads hostile and randomly changed fixture files. Checks that each file is either accepted or rejected, and that
 * each issue has a position in the file. Also serves some of the accepted files.
 */
export async function fixtures(report: Report, { mutations }: Sizes, seed: number): Promise<void> {
  const began = performance.now()
  const folder = temporaryFolder()
  const files = fixtureFiles(seed)
  const kinds = new Kinds()
  const issues: string[] = []
  const outcomes = new Map<Outcome, number>()
  let slowest = { ms: 0, n: -1 }
  const describe = (n: number) => {
    const { extension, bytes } = files.file(n)
    return `input ${n} ${extension} ${bytes.length > 3000 ? shown(bytes, 300) : `base64 ${bytes.toString('base64')}`}`
  }
  const find = (finding: Finding) => {
    if ('issue' in finding) return kinds.add(finding.issue.replaceAll(folder, '…'), finding.n)
    for (const [outcome, count] of finding.outcomes) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count)
    if (finding.slowest.ms > slowest.ms) slowest = finding.slowest
  }
  const to = files.hostile + mutations
  for (let from = 0; from < to;) {
    const { at, end, reason } = await readFrom(from, to, seed, folder, find)
    if (end === 0) break
    issues.push(`${reason}: ${describe(at)}`)
    from = at + 1
  }
  for (const { issue, n, count } of kinds.list())
    issues.push(`${count} similar issues, the first one: ${issue.slice(0, 500)}: ${describe(n)}`)
  const counts = [...outcomes].map(([outcome, count]) => `${count} × ${outcome}`).join(', ') || 'nothing'
  const summary = `${counts}; the slowest took ${Math.round(slowest.ms)} ms: input ${slowest.n} (${inSeconds(began)})`
  const inputs = `${files.hostile} hostile files and ${mutations} files with random changes`
  report.check(`${inputs} are accepted, or rejected with positions: ${summary}`, issues)
}
