// Checks in a real browser that a page of another site cannot control or read a mock, and that other callers can:
// `npm run test:browser`. Needs Chromium at /usr/bin/chromium, or at the path in the environment variable CHROMIUM.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import { pino } from 'pino'
import { chromium } from 'playwright-core'
import { connect, ControlError, type MockOptions, startMock } from '../src/index.js'
import { send } from '../test/support/http.js'
import { Report, shown } from '../test/support/report.js'
import { until, within } from '../test/support/until.js'
import { type Attack, ATTACKS, fetchInPage, type PageRequest } from './browser-attacks.js'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
if (!existsSync(executablePath)) {
  console.error(
    `Chromium not found at ${executablePath}: install it (apt-get install chromium), or set CHROMIUM to its path`,
  )
  process.exit(1)
}

const report = new Report()

/**
 * A text that attacking pages must not read. Every response of the control API with private content contains this
 * text.
 */
const SECRET = 'for-tests-alone'

/** The log entry of a request to the control API. */
interface Logged {
  readonly method: string
  readonly path: string
  readonly status: number
}

/** Starts a mock with a state that an attack could read or change. */
async function arrange(options: MockOptions) {
  const logged: Logged[] = []
  const write = (line: string) => {
    const entry = JSON.parse(line) as Partial<Logged>
    if (entry.path?.includes('/_mock/')) logged.push(entry as Logged)
  }
  const fixtures = { pipelines: [{ id: 'fit', name: SECRET, elements: [{ name: 'known parameters' }] }] }
  const mock = await startMock({ fixtures, logger: pino({ level: 'info' }, { write }), ...options })
  const sandboxes = [mock, mock.sandbox('x')]
  for (const one of sandboxes) {
    await one.snapshot('kept')
    await send(`${one.url}/pipelines/fit/cancel?from=${SECRET}`, { method: 'POST' })
    await one.clock.freeze('2026-10-01T12:00:00Z')
    await one.faults.add({ operation: 'list_pipelines', hold: 'before', times: null, pipeline_id: SECRET })
  }
  const readState = async () => [
    await mock.sandboxes.list(),
    ...(await Promise.all(
      sandboxes.map(async (one) => [await one.state(), await one.clock.now(), await one.faults.list()]),
    )),
  ]
  return { mock, logged, readState }
}

/** The server of the attacking site. It redirects `/away?<url>` to `<url>`. All its other pages are empty. */
const server = createServer(({ url = '' }, response) => {
  const [path, location] = url.split('?')
  if (path === '/away') response.writeHead(307, { location }).end()
  else response.setHeader('content-type', 'text/html').end('<!doctype html><title>A page</title>')
})
await once(server.listen(0, '127.0.0.1'), 'listening')
const { port } = server.address() as AddressInfo

const { mock, logged, readState } = await arrange({ host: 'localhost' })
const [byAddress, byName] = [`http://127.0.0.1:${mock.port}`, `http://localhost:${mock.port}`]

interface Place {
  readonly from: string
  /** The URL of the attacking page. */
  readonly page: string
  /** The base URL at which the page tries to use the mock. */
  readonly mock: string
  /** Whether the mock may admit a GET from the page. Default: false. */
  readonly mayGet?: boolean
}

const PLACES: readonly Place[] = [
  { from: 'an IP address', page: `http://127.0.0.1:${port}/`, mock: byAddress },
  { from: 'an IP address, to a host name', page: `http://127.0.0.1:${port}/`, mock: byName },
  { from: 'a host name', page: `http://localhost:${port}/`, mock: byName },
  { from: 'a host name, to an IP address', page: `http://localhost:${port}/`, mock: byAddress },
  { from: 'another site', page: `http://evil.example:${port}/`, mock: byAddress },
  // Browsers send the header Sec-Fetch-Site only to addresses that they trust, such as HTTPS and localhost. Without
  // this header, the mock cannot recognize that a GET, such as for an image, comes from another site. Then the mock
  // responds, but the page cannot read the response.
  {
    from: 'another site, to a host name without dots',
    page: `http://evil.example:${port}/`,
    mock: `http://mock:${mock.port}`,
    mayGet: true,
  },
  {
    from: 'another site whose name resolves to the mock (DNS rebinding)',
    page: `http://evil.example:${mock.port}/healthz`,
    mock: `http://evil.example:${mock.port}`,
  },
]

const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--host-resolver-rules=MAP evil.example 127.0.0.1, MAP mock 127.0.0.1'],
})
console.log(`Chromium ${browser.version()}`)
const page = await browser.newPage()

let before = await readState()

/** Runs an attack. Returns an issue for each effect that the attack has, and for each error while it runs. */
async function issuesOf({ requests, navigates, run }: Attack, place: Place, prefix: string): Promise<string[]> {
  const issues: string[] = []
  const addIssue = (error: unknown) => void issues.push(String(error))

  await page.goto(place.page)
  logged.length = 0
  const target = { control: `${place.mock}${prefix}/_mock`, site: `http://127.0.0.1:${port}` }
  const attack = run(page, target).catch((error: unknown) => {
    // If the attack navigates the page away, its function may be unable to return a result.
    if (!navigates) addIssue(error)
  })
  const seen = await within('the attack to end in the page', attack).catch(addIssue)
  if (navigates) await until('the page to navigate to the mock', () => page.url().includes('/_mock/')).catch(addIssue)
  await until(`${requests} requests to arrive`, () => logged.length >= requests).catch((error: unknown) =>
    addIssue(`${String(error)}, only ${logged.length} arrived`),
  )

  for (const { method, path, status } of logged)
    if (status < 400 && !(place.mayGet && method === 'GET'))
      issues.push(`the mock responded to ${method} ${path} with ${status}`)
  const text = JSON.stringify(seen ?? '')
  if (text.includes(SECRET)) issues.push(`the page read ${text}`)
  const after = await readState()
  if (!isDeepStrictEqual(after, before)) issues.push('the state of the mock has changed')
  before = after
  return issues
}

for (const attack of ATTACKS) {
  const issues: string[] = []
  let refused = 0
  for (const place of PLACES)
    for (const prefix of ['', '/_sandbox/x', ...(place.mayGet ? [] : ['/_sandbox/new'])]) {
      const found = await issuesOf(attack, place, prefix)
      issues.push(...found.map((issue) => `from ${place.from}: ${issue}`))
      refused += logged.filter(({ status }) => status >= 400).length
    }
  report.check(
    `a page of another site cannot control or read the mock: ${attack.title} (${refused} rejected requests)`,
    issues,
  )
}

/** Runs cases, and reports the errors of the cases that reject. */
async function check(what: string, cases: Record<string, () => Promise<unknown>>): Promise<void> {
  const issues: string[] = []
  for (const [name, run] of Object.entries(cases))
    await within('the case to end', run()).catch((error: unknown) => issues.push(`${name}: ${String(error)}`))
  report.check(what, issues)
}

/** Rejects unless the response has the given status, and its body contains the text. */
async function expectResponse(response: Promise<{ status: number; body: string }>, status: number, text = '') {
  const received = await response
  if (received.status !== status || !received.body.includes(text))
    throw new Error(`expected ${status} with "${text}", received ${received.status} with ${shown(received.body)}`)
}

/** Opens a URL as if typed into the address bar. */
async function openTyped(url: string) {
  const response = await page.goto(url)
  assert.ok(response)
  return { status: response.status(), body: await response.text() }
}

/** Opens the page at the URL `from`, and sends a request from this page. */
async function sendFrom(from: string, request: PageRequest) {
  await page.goto(from)
  const [response] = await fetchInPage(page, [request])
  assert.ok(response)
  return response
}

const stateUrl = `${mock.url}/_mock/state`
const advance = (by: string, headers = {}) =>
  send(`${mock.url}/_mock/clock/advance`, { method: 'POST', headers, body: JSON.stringify({ by }) })

await check('a request without browser headers is admitted', {
  'to the state': () => expectResponse(send(stateUrl), 200, SECRET),
  'to the clock': () => expectResponse(advance('5s'), 200, '12:00:05'),
  'to a host without dots': () =>
    expectResponse(send(stateUrl, { headers: { host: `mock:${mock.port}` } }), 200, SECRET),
})
await check('a request with an internet host name in its Host header is rejected', {
  'to the state': () => expectResponse(send(stateUrl, { headers: { host: 'evil.example' } }), 403),
})
await check('a request with the API key of a sandbox is admitted, and changes only that sandbox', {
  'to the clock': async () => {
    const headers = { 'user-agent': 'python-requests/2', accept: '*/*', 'x-api-key': 'mock_x' }
    await expectResponse(advance('7s', headers), 200, '12:00:07')
    assert.equal(await mock.clock.now(), '2026-10-01T12:00:05Z')
  },
})
await check('a client from connect() is admitted', {
  'to read and to reset': async () => {
    const remote = await connect(mock.url)
    assert.equal((await remote.pipelines.get('fit')).status, 'canceled')
    await remote.sandbox('x').reset()
    assert.notEqual((await mock.sandbox('x').pipelines.get('fit')).status, 'canceled')
  },
})
await check('a URL typed into the address bar is admitted', {
  'to the document': () => expectResponse(openTyped(`${byAddress}/_mock/openapi.json`), 200, '"openapi"'),
  'to the state': () => expectResponse(openTyped(`${byName}/_sandbox/x/_mock/state`), 200, SECRET),
})
await check('a request from a page that the mock serves is admitted', {
  'to the state': () => expectResponse(sendFrom(`${byAddress}/healthz`, { url: '/_mock/state' }), 200, SECRET),
  'to reset': () => expectResponse(sendFrom(`${byName}/healthz`, { url: '/_mock/reset', method: 'POST' }), 204),
})
await mock.close()

const named = await arrange({ allowedHost: ['evil.example'] })
const namedPage = `http://evil.example:${named.mock.port}/healthz`
await check('a request from a page that the mock serves under a host name in allowedHost is admitted', {
  'to the state': () => expectResponse(sendFrom(namedPage, { url: '/_mock/state' }), 200, SECRET),
})
await named.mock.close()

const guarded = await arrange({ controlToken: 'a-secret' })
const { url } = guarded.mock
const untouched = await guarded.readState()
const requestState = (token: string) => send(`${url}/_mock/state`, { headers: { 'X-Mock-Token': token } })
const expectRefusal = (connection: Promise<unknown>) =>
  assert.rejects(connection, (error) => error instanceof ControlError && error.status === 401)

await check('if the mock has a token, a request without the token is rejected', {
  'a request without browser headers': () => expectResponse(send(`${url}/_mock/state`), 401),
  'a reset': () => expectResponse(send(`${url}/_sandbox/x/_mock/reset`, { method: 'POST' }), 401),
  'a request with another token': () => expectResponse(requestState('a secreT'), 401),
  'a request with the token in its query': () =>
    expectResponse(send(`${url}/_mock/state?x-mock-token=a%20secret`), 401),
  'connect()': () => expectRefusal(connect(url)),
  'connect() with another token': () => expectRefusal(connect(url, { token: 'another secret' })),
  'a URL typed into the address bar': () => expectResponse(openTyped(`${url}/_mock/openapi.json`), 401),
  'a page that the mock serves': () =>
    expectResponse(sendFrom(`${url}/healthz`, { url: '/_mock/reset', method: 'POST' }), 401),
  'the state afterwards': async () => assert.deepEqual(await guarded.readState(), untouched),
})
await check('if the mock has a token, a request with the token is admitted', {
  'a request without browser headers': () => expectResponse(requestState('a-secret'), 200, SECRET),
  'connect()': async () => {
    const remote = await connect(url, { token: 'a-secret' })
    await remote.sandbox('x').reset()
    assert.equal((await remote.pipelines.get('fit')).status, 'canceled')
  },
})
await check('if the mock has a token, a page of another site cannot read the state even if it sends the token', {
  fetch: async () => {
    const request = { url: `${url}/_mock/state`, headers: { 'x-mock-token': 'a-secret' } }
    const seen = JSON.stringify(await sendFrom(`http://localhost:${port}/`, request))
    assert.ok(!seen.includes(SECRET), `the page read ${seen}`)
  },
})
await check('if the mock has a token, health checks and the mocked API need no token', {
  health: () => expectResponse(send(`${url}/_mock/health`), 200, 'ok'),
  readiness: () => expectResponse(openTyped(`${url}/_mock/ready`), 200, 'ready'),
  'the mocked API': () => expectResponse(send(`${url}/healthz`), 200, 'ok'),
})
await guarded.mock.close()

await browser.close()
server.close()
console.log(report.failed.length === 0 ? 'all passed' : `${report.failed.length} of ${report.checks} checks failed`)
process.exitCode = report.failed.length === 0 ? 0 : 1
