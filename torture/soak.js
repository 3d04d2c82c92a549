import { once } from 'node:events'
import { performance } from 'node:perf_hooks'
import { FIT, illnesses, startChild } from './mock.js'
import { Pipe, textOf } from './raw.js'
import { Random } from './random.js'
import { inMB, inSeconds } from './report.js'

const [SAMPLES, PIPES, AT_ONCE, SANDBOXES] = [20, 8, 50, 200]
const NEW = JSON.stringify({ project_id: 'p', name: 'n', elements: { one: { element_type: 'entry', values: {} } } })
const EXPECTED = new Set(['200', '201', '204', '400', '404', '405', '422', '503'])

/** A request of the kinds that tests make, and some that are refused. Each sandbox is reset now and then. */
function anyRequest(random) {
  const at = `/_sandbox/s${random.below(SANDBOXES)}`
  const kind = random.next()
  if (kind < 0.3) return textOf('POST', `${at}/pipelines/${FIT}/cancel`)
  if (kind < 0.5) return textOf('GET', `${at}/pipelines/${FIT}`)
  if (kind < 0.65) return textOf('GET', `${at}/pipelines/${FIT}/elements`)
  if (kind < 0.7) return textOf('GET', `${at}/pipelines?project_id=p&limit=5`)
  if (kind < 0.75) return textOf('POST', `${at}/pipelines`, NEW)
  if (kind < 0.78) return textOf('PATCH', `${at}/pipelines/${FIT}`, '{"name":"other"}')
  if (kind < 0.8) return textOf('GET', `${at}/pipelines/${FIT}/result`)
  if (kind < 0.82) return textOf('POST', `${at}/pipelines`, '{"broken')
  if (kind < 0.84) return textOf('DELETE', `${at}/pipelines/unknown`)
  if (kind < 0.86) return textOf('PUT', `${at}/pipelines`)
  if (kind < 0.88) return textOf('GET', `${at}/nothing`)
  if (kind < 0.9) return textOf('POST', `${at}/_mock/faults`, '{"respond":{"status":503}}')
  if (kind < 0.92) return textOf('POST', `${at}/_mock/clock/advance`, '{"by":"1s"}')
  if (kind < 0.94) return textOf('PUT', `${at}/_mock/snapshots/${random.below(3)}`)
  if (kind < 0.95) return textOf('POST', `${at}/_mock/seed`, '{"pipelines":[{"name":1}]}')
  return textOf('POST', `${at}/_mock/reset`)
}

const mean = (numbers) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length

/** How much more the last quarter of the samples uses than the third one: over the last half. */
const growth = (samples) => mean(samples.slice(-SAMPLES / 4)) / mean(samples.slice(SAMPLES / 2, -SAMPLES / 4)) - 1

/** Requests without end: all are answered, and nothing is kept of them but what is bounded. */
export async function soak(report, { requests }, seed) {
  const child = startChild('./child.js', ['serve'], ['--expose-gc'])
  const [{ url, port }] = await once(child, 'message')
  const pipes = Array.from({ length: PIPES }, () => new Pipe(port))
  const random = new Random(seed)
  const began = performance.now()
  const samples = []
  let busyMs = 0
  // What is bounded is full after a while, which is no part of what is measured in a short run.
  const [each, before] = [requests / SAMPLES / AT_ONCE, Math.max(0, 150_000 - requests) / AT_ONCE]
  const work = async (count) => {
    let left = count
    const one = async (pipe) => {
      while (left-- > 0) await pipe.send(Array.from({ length: AT_ONCE }, () => anyRequest(random)))
    }
    const since = performance.now()
    await Promise.all(pipes.map(one))
    busyMs += performance.now() - since
  }
  await work(before)
  for (let sample = 0; sample < SAMPLES; sample++) {
    await work(each)
    child.send('sample')
    const [{ heapUsed, rss }] = await once(child, 'message')
    samples.push({ heapUsed, rss })
  }
  const statuses = new Map()
  for (const pipe of pipes)
    for (const [status, count] of pipe.statuses) statuses.set(status, (statuses.get(status) ?? 0) + count)
  const [all, sent] = [
    [...statuses.values()].reduce((sum, count) => sum + count, 0),
    (each * SAMPLES + before) * AT_ONCE,
  ]
  const told = [...statuses].sort().map(([status, count]) => `${count} times ${status}`)
  report.check(
    `${sent} requests, ${Math.round(sent / (busyMs / 1000))} a second: ${told.join(', ')} (${inSeconds(began)})`,
    [
      ...(all === sent ? [] : [`${all} answers`]),
      ...[...statuses.keys()].filter((status) => !EXPECTED.has(status)).map((status) => `answered ${status}`),
      ...(await illnesses({ url })),
    ],
  )
  for (const [what, bound] of [
    ['heapUsed', 0.05],
    ['rss', 0.15],
  ]) {
    const sizes = samples.map((sample) => sample[what])
    const percent = `${(growth(sizes) * 100).toFixed(1)} %`
    const from = `${inMB(sizes[SAMPLES / 2])} to ${inMB(sizes.at(-1))}`
    report.check(
      `${what} changed by ${percent} over the last half, from ${from}`,
      growth(sizes) > bound ? [`at most ${bound * 100} %: ${sizes.map(inMB).join(', ')}`] : [],
    )
  }
  for (const pipe of pipes) pipe.close()
  child.disconnect()
}
