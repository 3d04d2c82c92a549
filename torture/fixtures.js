import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { clearInterval, setInterval } from './globals.js'
import { goodFiles, hostileFiles, inputOf } from './inputs.js'
import { startChild, temporaryFolder } from './mock.js'
import { inSeconds, shown, tally } from './report.js'

/** How long one file may take, and after how long the process that reads it is given up. */
const LIMIT_MS = 2000
const HANGS_MS = 5000

/** Reads inputs from one on in a process of its own; resolves when it has ended, to where and how. */
async function readFrom(from, to, seed, folder, found) {
  const progress = join(folder, 'progress')
  writeFileSync(progress, String(from))
  const child = startChild('./read-inputs.js', [folder, seed, from, to], ['--max-old-space-size=1024'])
  let [said, hangs, last, since] = ['', false, '', performance.now()]
  child.stderr.setEncoding('utf8').on('data', (text) => void (said = (said + text).trimStart().slice(0, 2000)))
  child.on('message', (message) => found(message))
  const watch = setInterval(() => {
    const now = readFileSync(progress, 'utf8')
    if (now !== last) [last, since] = [now, performance.now()]
    if (performance.now() - since < HANGS_MS) return
    hangs = true
    child.kill('SIGKILL')
  }, 250)
  const [code, signal] = await once(child, 'close')
  clearInterval(watch)
  return { at: Number(readFileSync(progress, 'utf8')), code: code ?? signal, hangs, said }
}

/** Files with faults are refused with the place of each, in time; those without are served. */
export async function fixtures(report, { mutations }, seed) {
  const began = performance.now()
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'kept'))
  const [good, hostile] = [goodFiles(), hostileFiles()]
  const [faults, outcomes] = [[], new Map()]
  let [slowest, from] = [{ ms: 0, n: -1 }, 0]
  const shownOf = (n) => {
    const { extension, bytes } = inputOf(seed, n, good, hostile)
    return `input ${n} ${extension} ${bytes.length > 3000 ? shown(bytes, 300) : `base64 ${bytes.toString('base64')}`}`
  }
  const kinds = new Map()
  /** The first input of each kind of fault is told, and how many there are. */
  const tell = (fault, n) => {
    const kind = fault
      .replaceAll(folder, '')
      .replace(/"[^"]*"|\d+|\[.*?\]|&.*?:/g, '')
      .slice(0, 60)
    const first = kinds.get(kind) ?? { fault: fault.replaceAll(folder, '…'), n, count: 0 }
    kinds.set(kind, { ...first, count: first.count + 1 })
  }
  const found = ({ outcomes: told, slowest: one, n, fault }) => {
    for (const [outcome, count] of told ?? []) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count)
    if (one && one.ms > slowest.ms) slowest = one
    if (fault) tell(fault, n)
  }
  const to = hostile.length + mutations
  while (from < to) {
    const { at, code, hangs, said } = await readFrom(from, to, seed, folder, found)
    if (code === 0) break
    faults.push(
      `${hangs ? `it takes more than ${HANGS_MS} ms` : `the process ended with ${code}: ${said.slice(0, 300)}`}: ${shownOf(at)}`,
    )
    from = at + 1
  }
  faults.push(
    ...[...kinds.values()].map(({ fault, n, count }) => `${count} times, first ${fault.slice(0, 500)}: ${shownOf(n)}`),
  )
  if (slowest.ms > LIMIT_MS) faults.push(`it takes ${Math.round(slowest.ms)} ms: ${shownOf(slowest.n)}`)
  const told = [...outcomes].map(([outcome, count]) => `${count} times ${outcome}`).join(', ')
  const what = `${hostile.length} hostile files and ${mutations} with random faults: ${told || tally([])}`
  report.check(`${what}; the slowest in ${Math.round(slowest.ms)} ms, input ${slowest.n} (${inSeconds(began)})`, faults)
}
