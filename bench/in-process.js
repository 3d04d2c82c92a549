// What is measured inside of a process: `node in-process.js <what> <JSON of its parameters>` prints its result as JSON.
import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { startMock } from '../dist/index.js'
import { cancelOf, idOf } from './paths.js'

/** So many ids, spread evenly over those of a fixture. */
const spread = (count, pipelines) => Array.from({ length: count }, (_, i) => idOf(Math.floor((i * pipelines) / count)))

async function cancelAll(mock, ids) {
  for (const id of ids) {
    const { statusCode } = await mock.inject({ method: 'POST', url: cancelOf(id) })
    if (statusCode !== 200) throw new Error(`a cancel was answered with ${statusCode}`)
  }
}

/** Garbage of before is not to be collected while something is measured. */
const collect = () => globalThis.gc?.()

/** A start and a close, in ms: after some to warm up, each of many. */
async function warmStart({ warmups, times }) {
  const starts = []
  for (let i = 0; i < warmups + times; i++) {
    const began = performance.now()
    const mock = await startMock()
    const started = performance.now() - began
    await mock.close()
    if (i >= warmups) starts.push([started, performance.now() - began])
  }
  return { start: starts.map(([start]) => start), startAndClose: starts.map(([, both]) => both) }
}

/** A reset after some pipelines were canceled, in ms. */
async function reset({ fixtures, pipelines, touched, times }) {
  const mock = await startMock({ fixtures, listen: false })
  const ids = spread(Math.min(touched, pipelines), pipelines)
  const resets = []
  for (let i = 0; i < times + 2; i++) {
    for (let sent = 0; sent < touched; sent += ids.length) await cancelAll(mock, ids)
    collect()
    const began = performance.now()
    await mock.reset()
    if (i >= 2) resets.push(performance.now() - began)
  }
  await mock.close()
  return resets
}

/** What a sandbox costs that is only made: µs, and bytes of heap. */
async function sandboxes({ count }) {
  const mock = await startMock({ listen: false })
  const make = (prefix, from, to) => {
    const made = []
    for (let i = from; i < to; i++) made.push(mock.sandbox(`${prefix}-${i}`).clock.now())
    return Promise.all(made)
  }
  await make('warm', 0, 200)
  for (const { name } of await mock.sandboxes.list()) await mock.sandboxes.drop(name)
  const heap = () => {
    for (let i = 0; i < 3; i++) collect()
    return process.memoryUsage().heapUsed
  }
  const before = heap()
  const began = performance.now()
  // By hundreds, so that no more promises than that wait at once.
  for (let from = 0; from < count; from += 100) await make('s', from, Math.min(from + 100, count))
  const us = ((performance.now() - began) * 1000) / count
  const bytes = (heap() - before) / count
  const { length } = await mock.sandboxes.list()
  if (length !== count) throw new Error(`${length} sandboxes were there instead of ${count}`)
  await mock.close()
  return { us, bytes }
}

/** A first start from a fixture file, in ms. */
async function seed({ fixtures }) {
  const began = performance.now()
  const mock = await startMock({ fixtures })
  const ms = performance.now() - began
  await mock.close()
  return ms
}

/** JSON.parse of the same text, in ms. */
function parse({ fixtures }) {
  const text = readFileSync(fixtures, 'utf8')
  const began = performance.now()
  const { pipelines } = JSON.parse(text)
  const ms = performance.now() - began
  if (pipelines.length === 0) throw new Error('there is no pipeline in the fixture')
  return ms
}

/** The processor time of a cancel that changes something, in µs: of some pipelines, again after each reset. */
async function cancels({ fixtures, pipelines, batch, rounds }) {
  const mock = await startMock({ fixtures, listen: false })
  const ids = spread(batch, pipelines)
  let us = 0
  for (let i = 0; i < rounds * 2; i++) {
    const before = process.cpuUsage()
    await cancelAll(mock, ids)
    const { user, system } = process.cpuUsage(before)
    // The first half warms up.
    if (i >= rounds) us += user + system
    await mock.reset()
  }
  await mock.close()
  return us / (rounds * batch)
}

const [what, parameters] = process.argv.slice(2)
const result = await { warmStart, reset, sandboxes, seed, parse, cancels }[what](JSON.parse(parameters))
process.stdout.write(`${JSON.stringify(result)}\n`)
