// A program that runs one task, which measures the library, and prints the result of the task as JSON:
// node --expose-gc in-process.js <task> <parameters as JSON>
import { readFileSync } from 'node:fs'
import { type Mock, startMock } from '../src/index.js'
import { cancelPath } from '../test/support/lab.js'
import { threadTime, usedMemory } from '../test/support/resources.js'
import { idOf } from './pipelines.js'
import { SHAPES } from './shapes.js'

/** A fixture file, and the number of its pipelines. */
interface Source {
  readonly fixtures: string
  readonly pipelines: number
}

/** Returns the ids of `count` pipelines that are spread evenly over a fixture. */
const spread = (count: number, pipelines: number) =>
  Array.from({ length: count }, (_, i) => idOf(Math.floor((i * pipelines) / count)))

async function cancelAll(mock: Mock, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const { statusCode } = await mock.inject({ method: 'POST', url: cancelPath(id) })
    if (statusCode !== 200) throw new Error(`cannot cancel pipeline ${id}: expected status 200, received ${statusCode}`)
  }
}

/** Returns the times in ms of `startMock()` alone, and of `startMock()` and `close()` together. */
async function warmStart({ warmups, times }: { warmups: number; times: number }) {
  const [start, startAndClose]: [number[], number[]] = [[], []]
  for (let i = 0; i < warmups + times; i++) {
    const began = performance.now()
    const mock = await startMock()
    start.push(performance.now() - began)
    await mock.close()
    startAndClose.push(performance.now() - began)
  }
  return { start: start.slice(warmups), startAndClose: startAndClose.slice(warmups) }
}

/**
 * Measures `times` resets after two resets as a warm-up. Sends at least `touched` cancels before each reset. Returns
 * the durations of the measured resets in ms.
 */
async function reset({ fixtures, pipelines, touched, times }: Source & { touched: number; times: number }) {
  const mock = await startMock({ fixtures, listen: false })
  const ids = spread(Math.min(touched, pipelines), pipelines)
  const resets: number[] = []
  for (let i = 0; i < times + 2; i++) {
    for (let sent = 0; sent < touched; sent += ids.length) await cancelAll(mock, ids)
    // Collects the garbage of the cancels now, so that it is not collected during the reset.
    globalThis.gc?.()
    const began = performance.now()
    await mock.reset()
    resets.push(performance.now() - began)
  }
  await mock.close()
  return resets.slice(2)
}

/**
 * Creates `count` sandboxes. Returns the mean time in µs for creating a sandbox, and the mean heap in bytes that a
 * sandbox takes.
 */
async function sandboxes({ count }: { count: number }) {
  const mock = await startMock({ listen: false })
  const make = (prefix: string, from: number, to: number) =>
    Promise.all(Array.from({ length: to - from }, (_, i) => mock.sandbox(`${prefix}-${from + i}`).reset()))
  await make('warm', 0, 200)
  for (const { name } of await mock.sandboxes.list()) await mock.sandboxes.drop(name)
  const before = await usedMemory()
  const began = performance.now()
  for (let from = 0; from < count; from += 100) await make('s', from, Math.min(from + 100, count))
  const us = ((performance.now() - began) * 1000) / count
  const bytes = ((await usedMemory()).heapUsed - before.heapUsed) / count
  const { length } = await mock.sandboxes.list()
  if (length !== count) throw new Error(`found ${length} sandboxes, expected ${count}`)
  await mock.close()
  return { us, bytes }
}

/** Returns the time in ms that the first `startMock()` of this process takes to load a fixture file and to listen. */
async function seed({ fixtures }: Pick<Source, 'fixtures'>) {
  const began = performance.now()
  const mock = await startMock({ fixtures })
  const ms = performance.now() - began
  await mock.close()
  return ms
}

/** Returns the time in ms that `JSON.parse` takes for a fixture file. */
async function parse({ fixtures }: Pick<Source, 'fixtures'>) {
  const text = readFileSync(fixtures, 'utf8')
  const began = performance.now()
  const { pipelines } = JSON.parse(text)
  const ms = performance.now() - began
  if (pipelines.length === 0) throw new Error('the fixture has no pipelines')
  return ms
}

/** Returns the processor time in ms that `JSON.parse` takes for a request body, which may be invalid. */
async function parseBody({ shape }: { shape: string }) {
  const { text } = (SHAPES[shape] as (typeof SHAPES)[string])()
  const began = threadTime()
  try {
    JSON.parse(text)
  } catch {
    // The time until the error is the result.
  }
  return threadTime() - began
}

/**
 * Returns the mean processor time in µs of a cancel that changes a pipeline. Sends the cancels in batches, and
 * resets the mock after each batch.
 */
async function cancels({ fixtures, pipelines, batch, rounds }: Source & { batch: number; rounds: number }) {
  const mock = await startMock({ fixtures, listen: false })
  const ids = spread(batch, pipelines)
  let us = 0
  for (let i = 0; i < rounds * 2; i++) {
    const before = process.cpuUsage()
    await cancelAll(mock, ids)
    const { user, system } = process.cpuUsage(before)
    // The first half of the rounds is a warm-up.
    if (i >= rounds) us += user + system
    await mock.reset()
  }
  await mock.close()
  return us / (rounds * batch)
}

const TASKS = { warmStart, reset, sandboxes, seed, parse, parseBody, cancels }
export type Tasks = typeof TASKS

const [task, parameters] = process.argv.slice(2) as [keyof Tasks, string]
console.log(JSON.stringify(await TASKS[task](JSON.parse(parameters))))
