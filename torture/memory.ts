import { request } from 'node:http'
import { attempt, type Outcome } from '../test/support/http.js'
import { FIT } from '../test/support/lab.js'
import type { Report } from '../test/support/report.js'
import { rssOf } from '../test/support/resources.js'
import { until } from '../test/support/until.js'
import { expectAll, expectEqual, issuesIf, parseJson } from './issues.js'
import { type Address, checkStop, healthIssues, startMockCommand } from './mock.js'

/** Maximum resident memory of the whole process, in MB. docs/options.md promises this maximum for the default limit. */
const MAX_RSS_MB = 512

/** Maximum number of requests that fill one part of the state. Fewer requests are enough to use up the memory. */
const MAX_REQUESTS = 20_000

const JSON_TYPE = { 'content-type': 'application/json' }

const post = (url: string, body: object, method = 'POST') =>
  attempt(url, { method, headers: JSON_TYPE, body: JSON.stringify(body) })

const creation = (config: object, elements = 1) => ({
  project_id: 'p',
  elements: Object.fromEntries(
    Array.from({ length: elements }, (_, i) => [`e${i}`, { element_type: 'entry', ...config }]),
  ),
})

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 0.5)

/** The number of requests of one kind that are sent before the next kind follows, so that every part gets memory. */
const ROUND = 40

/** Requests that each use memory of one part of the state. The number `n` makes a request unique. */
const FILLERS: Record<string, (url: string, n: number) => Promise<Outcome>> = {
  'fixtures of sandboxes': (url, n) => {
    const pipelines = Array.from({ length: 200 + n }, (_, i) => ({ name: `p${i}`, elements: [{ name: 'e' }] }))
    return post(`${url}/_sandbox/seed-${n % ROUND}/_mock/seed`, { pipelines })
  },
  faults: (url, n) =>
    post(`${url}/_sandbox/f${n % 50}/_mock/faults`, { respond: { status: 500, body: numbers(20_000) } }),
  plans: (url, n) => post(`${url}/_sandbox/f${n % 50}/_mock/plans`, { result: { text: 'x'.repeat(300_000) } }),
  strings: (url) => post(`${url}/pipelines`, creation({ values: { text: 'x'.repeat(400_000) } })),
  snapshots: (url, n) => attempt(`${url}/_mock/snapshots/s${n % ROUND}`, { method: 'PUT' }),
  'arrays of numbers': (url) => post(`${url}/pipelines`, creation({ list: numbers(60_000) })),
  'many keys': (url, n) =>
    post(`${url}/pipelines`, creation(Object.fromEntries(numbers(10_000).map((i) => [`key ${n} ${i}`, i])))),
  'empty objects': (url) => post(`${url}/pipelines`, creation({ list: numbers(20_000).map(() => ({})) })),
  'many elements': (url) => post(`${url}/pipelines`, creation({}, 1000)),
  'small pipelines': (url) => post(`${url}/pipelines`, creation({})),
}

/**
 * Fills every part of the state until the mock rejects further requests. Returns the highest resident memory, and the
 * statuses of the rejected requests.
 */
async function fill({ url, pid }: Address & { pid: number }) {
  let peak = 0
  const refusals = new Set<Outcome['status']>()
  const full = new Set<string>()
  const measure = () => (peak = Math.max(peak, rssOf(pid) ?? 0))
  for (let n = 0; full.size < Object.keys(FILLERS).length && n < MAX_REQUESTS;)
    for (const [name, send] of Object.entries(FILLERS))
      for (let i = 0; i < ROUND && !full.has(name); i++) {
        const { status } = await send(url, n++)
        measure()
        if (Number(status) < 300) continue
        refusals.add(status)
        full.add(name)
      }
  return { peak, refusals: [...refusals], full: full.size }
}

/** Fills the journals, and returns the highest resident memory. */
async function fillJournals({ url, pid }: Address & { pid: number }) {
  let peak = 0
  const headers = { 'x-long': 'y'.repeat(50_000) }
  for (let i = 0; i < 4000; i++) {
    await attempt(`${url}/_sandbox/j${i % 200}/pipelines/${i}`, { headers })
    peak = Math.max(peak, rssOf(pid) ?? 0)
  }
  return peak
}

/** Opens requests with incomplete bodies. Returns a function that closes their connections. */
function sendIncompleteBodies({ url }: Address, count: number): () => void {
  const requests = Array.from({ length: count }, () => {
    const sent = request(`${url}/pipelines`, { method: 'POST', headers: JSON_TYPE })
    sent.on('error', () => undefined)
    sent.write(Buffer.alloc(15_000_000, ' '))
    return sent
  })
  return () => {
    for (const sent of requests) sent.destroy()
  }
}

/**
 * Fills all parts of the state at the same time, until the memory is used up. Checks that the mock stays healthy and
 * below `MAX_RSS_MB`, rejects requests only with 507, and accepts requests again after its sandboxes were reset.
 */
export async function memory(report: Report): Promise<void> {
  const mock = await startMockCommand()
  const address = { url: mock.url, pid: Number(mock.child.pid) }
  const journals = await fillJournals(address)
  const { peak, refusals, full } = await fill(address)
  report.check(`at its memory limit, the mock rejects all ${full} kinds of requests, with ${refusals.join(', ')}`, [
    ...expectEqual('the statuses', refusals.join(), '507'),
    ...expectEqual('the number of kinds', full, Object.keys(FILLERS).length),
  ])
  const close = sendIncompleteBodies(address, 30)
  const statuses: Outcome['status'][] = []
  for (const path of ['/_mock/health', `/pipelines/${FIT}`, `/_sandbox/new/pipelines/${FIT}`, '/_mock/requests'])
    statuses.push((await attempt(mock.url + path)).status)
  const highest = Math.max(journals, peak, rssOf(address.pid) ?? 0)
  close()
  report.check('at its limit, the mock responds to reads', expectAll('the statuses', statuses, 200))
  report.check(
    `at its limit, the mock takes at most ${MAX_RSS_MB} MB: ${Math.round(highest)} MB`,
    issuesIf(highest > MAX_RSS_MB, `${highest} MB`),
  )
  await post(`${mock.url}/_mock/reset`, {})
  await until('released bodies', async () => (await post(`${mock.url}/pipelines`, creation({}))).status === 201)
  report.check('after a reset of its sandbox, the mock is healthy', await healthIssues(mock))
  const { body } = await attempt(`${mock.url}/_mock/info`)
  report.note(`memory after a reset of the default sandbox: ${JSON.stringify(parseJson(body)?.memory)}`)
  await checkStop(report, mock)
}
