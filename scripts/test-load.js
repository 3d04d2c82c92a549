// Puts a mock under load, and checks that tests stay apart and that memory stays flat: `npm run test:load`.
import { Buffer } from 'node:buffer'
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect as open } from 'node:net'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { Pipe } from '../torture/raw.js'

const [role, ...rest] = process.argv.slice(2)
// A worker that only connects needs no server: it starts in half the time.
const { connect, startMock } = await import(role === 'work' ? '../dist/client.js' : '../dist/index.js')

/** A pipeline of the shipped lab that runs, with two elements that have ended and two that have not. */
const FIT = '0d9f7a52-3c7b-4f0e-8a41-6b2f5c9e1d34'
const PATH = fileURLToPath(import.meta.url)
const ROOT = fileURLToPath(new URL('..', import.meta.url))

let failed = 0
function check(what, faults) {
  console.log(`${faults.length === 0 ? 'ok' : 'not ok'} ${what}`)
  for (const fault of faults.slice(0, 10)) console.log(`  ${fault}`)
  if (faults.length > 10) console.log(`  and ${faults.length - 10} more`)
  if (faults.length > 0) failed++
}

const expect = (what, found, wanted) =>
  isDeepStrictEqual(found, wanted)
    ? []
    : [`${what}: found ${JSON.stringify(found)}, expected ${JSON.stringify(wanted)}`]

const inMs = (since) => `${Math.round(performance.now() - since)} ms`

/** What a test of a program does, in a sandbox of its own: it returns what it saw that was not its own doing. */
async function tryOut(control, name, i, together) {
  const headers = { 'x-test': name }
  const sandbox = control.sandbox(name)
  const ask = async (method, path) => {
    const answer = await fetch(sandbox.url + path, { method, headers })
    return { status: answer.status, record: await answer.json() }
  }
  await sandbox.clock.freeze('2026-10-01T12:00:00Z')
  await sandbox.clock.advance(`${i + 1}ms`)
  await sandbox.faults.add({ operation: 'cancel_pipeline', respond: { status: 503 } })
  await together()

  const now = new Date(Date.UTC(2026, 9, 1, 12) + i + 1).toISOString().replace('Z', '000Z')
  const seen = [...expect('the clock', await sandbox.clock.now(), now)]
  const refused = await ask('POST', `/pipelines/${FIT}/cancel`)
  seen.push(...expect('the fault', refused.status, 503))
  const running = await ask('GET', `/pipelines/${FIT}`)
  seen.push(...expect('before the cancel', running.record.status, 'running'))
  await together()

  const { status, record } = await ask('POST', `/pipelines/${FIT}/cancel`)
  seen.push(...expect('the cancel', [status, record.status, record.updated_at], [200, 'canceled', now]))
  const reads = i % 4
  for (let read = 0; read < reads; read++) await ask('GET', `/pipelines/${FIT}/elements`)
  await together()

  const elements = await sandbox.pipelines.elements(FIT)
  seen.push(
    ...expect(
      'the elements',
      elements.map(({ status, updated_at }) => (updated_at === now ? `${status} now` : status)),
      ['completed', 'completed', 'canceled now', 'canceled now'],
    ),
  )
  const received = await sandbox.requests.list()
  seen.push(...expect('the requests', received.length, 3 + reads))
  seen.push(...received.flatMap((one) => expect('a request', one.headers['x-test'], name)))
  const own = [
    sandbox.expectCanceled(FIT),
    sandbox.faults.assertConsumed(),
    sandbox.verify({ operation: 'cancel_pipeline', pipeline_id: FIT, times: 2 }),
    sandbox.verify({ operation: 'cancel_pipeline', status: 503, times: 1 }),
    sandbox.verify({ operation: 'get_pipeline_elements', since: now, times: reads }),
  ]
  const rejected = await Promise.allSettled(own)
  return [...seen, ...rejected.flatMap(({ reason }) => (reason ? [String(reason)] : []))].map(
    (fault) => `${name}: ${fault}`,
  )
}

/** Makes so many tests wait for each other. */
function meeting(size) {
  let waiting = []
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      if (waiting.length < size) return
      for (const go of waiting) go()
      waiting = []
    })
}

const PER_WORKER = 10

/** The part of a worker process: tests of its own, as soon as all the others are ready too. */
async function work([url, worker]) {
  const control = await connect(url)
  const said = once(process, 'message')
  process.send('ready')
  await said
  const together = meeting(PER_WORKER)
  const tests = Array.from({ length: PER_WORKER }, (_, i) =>
    tryOut(control, `worker-${worker}-${i}`, worker * PER_WORKER + i, together),
  )
  process.send((await Promise.all(tests)).flat())
  process.disconnect()
}

/** The part of a mock in a process of its own, which tells how much memory it uses. */
async function serve() {
  const mock = await startMock()
  process.on('message', async () => {
    // What finalizers let go of is collected the next time.
    for (let i = 0; i < 3; i++) {
      globalThis.gc()
      await sleep(20)
    }
    const { heapUsed, rss } = process.memoryUsage()
    process.send({ heapUsed, rss })
  })
  process.on('disconnect', () => process.exit())
  process.send(mock.url)
}

/** What must not change in the default sandbox, whatever is done in others. */
const look = async (control) => [
  await control.state(),
  await control.requests.list(),
  await control.faults.list(),
  (await control.pipelines.get(FIT)).status,
]

async function checkApart(mock, before, tests) {
  const sandboxes = await mock.sandboxes.list()
  return [
    ...expect('sandboxes', sandboxes.length, tests),
    ...expect('requests in flight', sandboxes.filter(({ in_flight }) => in_flight > 0).length, 0),
    ...(isDeepStrictEqual(await look(mock), before) ? [] : ['the default sandbox has changed']),
  ]
}

async function inOneProcess() {
  const TESTS = 500
  const mock = await startMock({ clock: 'frozen' })
  const before = await look(mock)
  const began = performance.now()
  const together = meeting(TESTS)
  const tests = Array.from({ length: TESTS }, (_, i) => tryOut(mock, `t${i}`, i, together))
  const faults = (await Promise.all(tests)).flat()
  const took = inMs(began)
  faults.push(...(await checkApart(mock, before, TESTS)))
  check(`${TESTS} tests at once in one process saw only their own doing: ${took}`, faults)
  await mock.close()
}

async function inManyProcesses() {
  const WORKERS = 50
  const mock = await startMock({ clock: 'frozen' })
  const before = await look(mock)
  const began = performance.now()
  const workers = Array.from({ length: WORKERS }, (_, i) => fork(PATH, ['work', mock.url, String(i)]))
  const heard = (worker) => Promise.race([once(worker, 'message'), once(worker, 'exit')])
  await Promise.all(workers.map(heard))
  const ready = performance.now()
  const results = workers.map(async (worker) => {
    worker.send('go')
    const [faults] = await heard(worker)
    return Array.isArray(faults) ? faults : ['a worker broke']
  })
  const faults = (await Promise.all(results)).flat()
  const took = `${inMs(ready)}, and ${Math.round(ready - began)} ms to start them`
  faults.push(...(await checkApart(mock, before, WORKERS * PER_WORKER)))
  check(`${WORKERS} processes with ${PER_WORKER} tests each saw only their own doing: ${took}`, faults)
  await mock.close()
}

/** The same numbers each time (mulberry32), from 0 to below 1. */
function randomFrom(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const textOf = (method, path, body = '') =>
  `${method} ${path} HTTP/1.1\r\nhost: mock\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

const NEW = JSON.stringify({ project_id: 'p', name: 'n', elements: { one: { element_type: 'entry', values: {} } } })

/** A request of the kinds that tests make: most to the mocked API, some to control. */
function anyRequest(random) {
  // Some sandboxes are always in use, most are left for others.
  const n = random() < 0.1 ? Math.floor(random() * 100) : Math.floor(random() * 50_000)
  const at = `/_sandbox/s${n}`
  const kind = random()
  if (kind < 0.3) return textOf('POST', `${at}/pipelines/${FIT}/cancel`)
  if (kind < 0.6) return textOf('GET', `${at}/pipelines/${FIT}`)
  if (kind < 0.8) return textOf('GET', `${at}/pipelines/${FIT}/elements`)
  if (kind < 0.9) return textOf('POST', `${at}/pipelines`, NEW)
  if (kind < 0.92) return textOf('PUT', `${at}/_mock/snapshots/${Math.floor(random() * 3)}`)
  if (kind < 0.94) return textOf('POST', `${at}/_mock/faults`, '{"respond":{"status":503}}')
  if (kind < 0.95) return textOf('POST', `${at}/_mock/faults`, '{"respond":{"status":200,"body":""},"after":1}')
  if (kind < 0.97) return textOf('POST', `${at}/_mock/clock/advance`, '{"by":"1s"}')
  return textOf('POST', `${at}/_mock/reset`)
}

/** Requests that are cut off, in every way that there is, or late. */
async function cutOff(url, random) {
  const ways = [
    { disconnect: 'before' },
    { disconnect: 'after' },
    { truncate: 9 },
    { hang: true },
    { hold: 'after' },
    { delay: '1ms' },
  ]
  const control = await connect(url)
  for (const way of ways) {
    const sandbox = control.sandbox(`s${Math.floor(random() * 50_000)}`)
    await sandbox.reset()
    await sandbox.faults.add({ ...way, times: null })
    const asked = Array.from({ length: 50 }, () => ended(request(`${sandbox.url}/pipelines/${FIT}`)))
    if (way.hang || way.hold) while ((await sandbox.faults.list())[0].held < 50) await sleep(5)
    if (way.hang || way.hold) await sandbox.reset()
    await Promise.all(asked)
    await sandbox.reset()
  }
}

/** How a request ended: with a status, or in an error. */
const ended = (asked) =>
  new Promise((resolve) => {
    asked.on('error', ({ code }) => resolve(code))
    asked.on('response', (answer) =>
      answer
        .on('error', ({ code }) => resolve(code))
        .on('end', () => resolve(answer.statusCode))
        .resume(),
    )
    asked.end()
  })

const inMB = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MB`
const mean = (numbers) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length

/** How much more the last three of ten samples use than samples 4 to 6. */
const growth = (samples) => mean(samples.slice(7)) / mean(samples.slice(3, 6)) - 1

async function aMillion() {
  const [SAMPLES, PIPES, AT_ONCE] = [10, 8, 50]
  const child = fork(PATH, ['serve'], { execArgv: ['--expose-gc'] })
  const [url] = await once(child, 'message')
  const pipes = Array.from({ length: PIPES }, () => new Pipe(new URL(url).port))
  const random = randomFrom(1)
  const began = performance.now()
  const samples = []
  for (let sample = 1; sample <= SAMPLES; sample++) {
    let left = 1_000_000 / SAMPLES / AT_ONCE
    const work = async (pipe) => {
      while (left-- > 0) await pipe.send(Array.from({ length: AT_ONCE }, () => anyRequest(random)))
    }
    await Promise.all(pipes.map(work))
    for (let i = 0; i < 4; i++) await cutOff(url, random)
    child.send('sample')
    const [{ heapUsed, rss }] = await once(child, 'message')
    samples.push({ heapUsed, rss })
    console.log(`  after ${sample * 100}k requests: heap ${inMB(heapUsed)}, rss ${inMB(rss)} (${inMs(began)})`)
  }
  const took = inMs(began)
  const statuses = new Map()
  for (const pipe of pipes)
    for (const [status, count] of pipe.statuses) statuses.set(status, (statuses.get(status) ?? 0) + count)
  const all = [...statuses.values()].reduce((sum, count) => sum + count, 0)
  const told = [...statuses].sort().map(([status, count]) => `${count} times ${status}`)
  const unexpected = [...statuses.keys()].filter((status) => !['200', '201', '204', '503'].includes(status))
  check(`a million requests in ${took}: ${told.join(', ')}`, [
    ...expect('answers', all, 1_000_000),
    ...expect('other statuses', unexpected, []),
  ])
  for (const pipe of pipes) pipe.close()

  // All that is bounded is full after the first few samples: the sandboxes, and what is remembered of requests. From then
  // on the heap was seen to stay within 1 %, and the pages that it takes within 5 %, so that 5 % of the heap are some
  // twenty bytes of each request. What leaks all of the few requests that are cut off has grown by 20 %.
  for (const [what, bound] of [
    ['heapUsed', 0.05],
    ['rss', 0.15],
  ]) {
    const grown = growth(samples.map((sample) => sample[what]))
    const percent = `${(grown * 100).toFixed(1)} %`
    check(`${what} changed by ${percent} over the last half million`, grown > bound ? [`at most ${bound * 100} %`] : [])
  }

  const control = await connect(url)
  const sandboxes = await control.sandboxes.list()
  check(`${sandboxes.length} sandboxes are kept of 50,000`, [
    ...expect('sandboxes', sandboxes.length, 10_000),
    ...expect('requests in flight', sandboxes.filter(({ in_flight }) => in_flight > 0).length, 0),
  ])
  await stillServes(control, sandboxes)
  child.disconnect()
}

/** After all that a test finds what it always would. */
async function stillServes(control, sandboxes) {
  const busy = sandboxes.reduce((most, one) => (one.requests > most.requests ? one : most))
  const faults = []
  for (const name of [busy.name, sandboxes[0].name, 'unused']) {
    await control.sandbox(name).reset()
    faults.push(...(await tryOut(control, name, 3, async () => undefined)))
  }
  check('a test after all that sees only its own doing, in sandboxes old and new', faults)
}

/** A sandbox remembers its latest 1000 requests however many it had, and all that it had since a reset. */
async function rememberMany() {
  const mock = await startMock()
  const pipe = new Pipe(mock.port)
  const ask = async (count, path) => {
    for (let sent = 0; sent < count; sent += 500)
      await pipe.send(Array.from({ length: Math.min(500, count - sent) }, () => textOf('GET', path)))
  }
  const began = performance.now()
  await ask(110_000, '/healthz')
  const kept = (await mock.requests.list()).length
  await ask(600, '/_sandbox/other/healthz')
  const keptBeside = (await mock.requests.list()).length
  await mock.reset()
  await ask(20, '/healthz')
  const keptSince = (await mock.requests.list()).length
  pipe.close()
  check(`of 110,000 requests to one sandbox the latest are remembered: ${inMs(began)}`, [
    ...expect('of all', kept, 1000),
    ...expect('when 600 came to another sandbox', keptBeside, 1000),
    ...expect('of 20 since a reset', keptSince, 20),
    ...expect('in the other', (await mock.sandbox('other').requests.list()).length, 600),
  ])
  await mock.close()
}

async function keepSecrets() {
  const marker = 'k3ep-th1s-s3cret'
  const mock = spawn(process.execPath, ['dist/cli.js', '--port', '0', '--json', '--log-level', 'trace'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  mock.stderr.setEncoding('utf8').on('data', (text) => void (log += text))
  const [ready] = await once(mock.stdout.setEncoding('utf8'), 'data')
  const { url, port } = JSON.parse(ready)

  const began = performance.now()
  const headers = [
    { 'X-API-Key': marker },
    { Authorization: `Bearer ${marker}` },
    { 'Proxy-Authorization': `Basic ${marker}` },
    { Cookie: `session=${marker}` },
    { 'X-Mock-Token': marker },
    {},
  ]
  const targets = [
    ['GET', '/pipelines/none'],
    ['POST', `/pipelines/${FIT}/cancel`],
    ['GET', '/no/such/path'],
    ['POST', '/healthz'],
    ['GET', '/pipelines/'],
    ['POST', '/pipelines'],
    ['POST', '/_sandbox/in%20valid/pipelines'],
    ['GET', '/_mock/nothing'],
    ['PUT', '/_mock/clock'],
    ['GET', '/_mock/info'],
  ]
  const parameters = ['api_key', 'API_KEY', 'access_token', 'client_secret', 'password', 'api%5Fkey', 'x-mock-token']
  const queries = ['', ...parameters.map((name) => `?project_id=p&${name}=${marker}`), `?api_key=a&api_key=${marker}`]
  let sent = 0
  for (const [method, path] of targets)
    for (const header of headers)
      for (const query of queries) {
        const asked = request(url + path + query, { method, headers: { 'x-test': 'told', ...header } })
        await ended(asked)
        sent++
      }
  // What is no HTTP, behind a head with a key in it.
  const broken = open({ host: '127.0.0.1', port })
  broken.end(`GET /healthz?api_key=${marker} HTTP/1.1\r\nx-api-key: ${marker}\r\nbad header\r\n\r\n`)
  broken.resume()
  await once(broken, 'close')

  const told = async (path) => (await fetch(url + path)).text()
  const [requests, state, sandboxes] = await Promise.all(
    ['requests', 'state', 'sandboxes'].map((one) => told(`/_mock/${one}`)),
  )
  const listed = JSON.parse(requests)
  mock.kill('SIGTERM')
  await once(mock, 'exit')
  const logged = log.trim().split('\n')
  const found = Object.entries({ requests, state, sandboxes, log }).filter(([, text]) => text.includes(marker))
  check(
    `of ${sent} requests with credentials, ${listed.length} listed and ${logged.length} lines logged, none tells one: ${inMs(began)}`,
    [
      ...found.map(([where, text]) => `${where}: ${text.slice(Math.max(0, text.indexOf(marker) - 200)).slice(0, 250)}`),
      // They were looked for where requests are told at all.
      ...expect(
        'requests told',
        listed.length > 300 && listed.every(({ headers }) => headers['x-test'] === 'told'),
        true,
      ),
      ...expect(
        'requests logged',
        logged.length >= sent && log.includes('"answered"') && log.includes('no HTTP'),
        true,
      ),
    ],
  )
}

async function letGo() {
  const HELD = 200
  const mock = await startMock()
  const ways = [{ hold: 'before' }, { hold: 'after' }, { hang: true }, { delay: '1h' }]
  const began = performance.now()
  const held = await Promise.all(
    Array.from({ length: HELD }, async (_, i) => {
      const sandbox = mock.sandbox(`held-${i}`)
      await sandbox.faults.add({ operation: 'get_pipeline', ...ways[i % ways.length] })
      const asked = request(`${sandbox.url}/pipelines/${FIT}`)
      return { sandbox, asked, ended: ended(asked) }
    }),
  )
  const inFlight = async () => (await mock.sandboxes.list()).filter(({ in_flight }) => in_flight === 1).length
  /** Until so many are in flight, or for too long. */
  const settled = async (wanted) => {
    for (let i = 0; i < 500 && (await inFlight()) !== wanted; i++) await sleep(10)
    return inFlight()
  }
  const atFirst = await settled(HELD)
  // By eights, so that each way of holding is ended in both ways.
  const [left, cut] = [held.filter((_, i) => i % 8 < 4), held.filter((_, i) => i % 8 >= 4)]
  for (const { asked } of left) asked.destroy()
  const afterLeaving = await settled(cut.length)
  await Promise.all(cut.map(({ sandbox }) => sandbox.reset()))
  const afterReset = await settled(0)
  const never = sleep(5000, 'not at all', { ref: false })
  const ends = await Promise.all(cut.map((one) => Promise.race([one.ended, never])))
  const stillHeld = await Promise.all(left.map(async ({ sandbox }) => (await sandbox.faults.list())[0].held))
  check(`${HELD} held requests are gone when half are left and half are reset: ${inMs(began)}`, [
    ...expect('in flight at first', atFirst, HELD),
    ...expect('in flight when their clients have left', afterLeaving, cut.length),
    ...expect('in flight after the reset', afterReset, 0),
    ...expect('held still', stillHeld.filter((count) => count > 0).length, 0),
    ...expect('how clients saw the reset', [...new Set(ends)], ['ECONNRESET']),
  ])
  await mock.close()
}

if (role === 'work') await work([rest[0], Number(rest[1])])
else if (role === 'serve') await serve()
else {
  const began = performance.now()
  await inOneProcess()
  await inManyProcesses()
  await aMillion()
  await rememberMany()
  await keepSecrets()
  await letGo()
  console.log(`${failed === 0 ? 'all as it should be' : `${failed} not as it should be`}: ${inMs(began)}`)
  // Not later, for what is held in error would keep it running.
  process.exit(failed === 0 ? 0 : 1)
}
