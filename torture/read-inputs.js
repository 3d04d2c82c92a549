// Reads spoiled fixtures one after another, and tells what came of them: a process of its own, for it may never end.
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { startMock } from '../dist/index.js'
import { machineTime } from '../dist/time/clock.js'
import { formatIssue } from '../dist/diagnostics/issue.js'
import { FixtureError } from '../dist/fixtures/error.js'
import { loadSeed } from '../dist/fixtures/load.js'
import { process } from './globals.js'
import { goodFiles, hostileFiles, inputOf } from './inputs.js'

const [folder, ...numbers] = process.argv.slice(2)
const [seed, from, to] = numbers.map(Number)

/** How many of those that are right are also served. */
const SERVED = 10

const isPlace = (number) => Number.isInteger(number) && number >= 1

/** To the parser of YAML, a lone CR ends no line, to others it does: then nobody can say where a line ends. */
const isUnclear = (text) => /\r(?!\n)/.test(text)

/** Those of the faults, or warnings, that have no place, or one behind the end of the file. */
function findMisplaced(faults, file, bytes) {
  const text = bytes.toString('utf8')
  const lines = text.split(/\r\n|\r|\n/)
  return faults.flatMap((fault) => misplaced(fault, file, lines, isUnclear(text)))
}

function misplaced(fault, file, lines, isUnclear) {
  const { position, message } = fault
  const isIn = isPlace(position?.line) && isPlace(position?.column) && position.line <= lines.length
  if (fault.file !== file || !isIn) return [`a fault without a place: ${formatIssue(fault)}`]
  if (!message) return ['a fault without words']
  const inLine = isUnclear || position.column <= lines[position.line - 1].length + 1
  return inLine ? [] : [`a fault behind the end of its line: ${formatIssue(fault)}`]
}

/** What is wrong with how a file was taken, and how it was taken. */
async function read(file, bytes) {
  try {
    const { warnings } = await loadSeed([file], machineTime())
    return { outcome: 'taken', faults: findMisplaced(warnings, file, bytes) }
  } catch (error) {
    if (!(error instanceof FixtureError)) return { outcome: 'thrown', faults: [`it throws ${error.stack}`] }
    const none = error.issues.length === 0 ? ['refused without a fault'] : []
    return { outcome: 'refused', faults: [...none, ...findMisplaced(error.issues, file, bytes)] }
  }
}

/** What is taken must be served: each pipeline, its elements and its result, and canceled. */
async function serve(file) {
  const mock = await startMock({ fixtures: file, listen: false, progress: 'after=1s' })
  const faults = []
  const ask = async (method, url) => {
    const { statusCode, body } = await mock.inject({ method, url })
    if (statusCode !== 200) faults.push(`${method} ${url} answers ${statusCode}: ${body.slice(0, 300)}`)
  }
  for (const { id } of (await mock.pipelines.list()).slice(0, 20)) {
    const url = `/pipelines/${encodeURIComponent(id)}`
    for (const path of [url, `${url}/elements`, `${url}/result`]) await ask('GET', path)
    await ask('POST', `${url}/cancel`)
  }
  await ask('GET', '/_mock/state')
  await mock.close()
  return faults
}

const [good, hostile] = [goodFiles(), hostileFiles()]
const progress = openSync(join(folder, 'progress'), 'r+')
const outcomes = new Map()
let slowest = { ms: 0, n: from }
let taken = 0
for (let n = from; n < to; n++) {
  const { extension, bytes } = inputOf(seed, n, good, hostile)
  const file = join(folder, `input${extension}`)
  writeFileSync(file, bytes)
  writeSync(progress, String(n), 0)
  const began = performance.now()
  const { outcome, faults } = await read(file, bytes)
  const ms = performance.now() - began
  if (outcome === 'taken' && (n < hostile.length || taken++ % SERVED === 0)) faults.push(...(await serve(file)))
  if (Object.keys(Object.prototype).length > 0) faults.push('Object.prototype has changed')
  if (ms > slowest.ms) slowest = { ms, n }
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  for (const fault of faults.slice(0, 2)) process.send({ n, fault })
}
closeSync(progress)
process.send({ outcomes: [...outcomes], slowest }, () => process.disconnect())
