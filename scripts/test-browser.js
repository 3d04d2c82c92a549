// Proves in a real browser that pages of other sites cannot reach control of a mock, and that whoever may, can:
// `npm run test:browser`. It needs Chromium, at /usr/bin/chromium or where CHROMIUM says.
import { existsSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { pino } from 'pino'
import { chromium } from 'playwright-core'
import { connect, startMock } from '../dist/index.js'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
if (!existsSync(executablePath)) {
  console.error(
    `test:browser needs Chromium, and there is none at ${executablePath}: install it (apt-get install chromium), ` +
      'or say in CHROMIUM where it is',
  )
  process.exit(1)
}

/** What pages must never see: it stands in every answer of control that tells anything. */
const SECRET = 'for-tests-alone'

/**
 * What a page of another site may try, as it runs in that page: it returns what the page could see. `arrives` is how many
 * requests the mock must have had from it, for an attack that never arrives proves nothing.
 */
const ATTACKS = [
  {
    name: 'fetch, POST of plain text, answers not asked for',
    arrives: 6,
    run: ({ control }) =>
      Promise.all(
        [
          ['/reset', ''],
          ['/seed', '{"pipelines":[]}'],
          ['/pipelines', '{"pipelines":[{"name":"planted"}]}'],
          ['/faults', '{"respond":{"status":503}}'],
          ['/clock/advance', '{"by":"1h"}'],
          ['/snapshots/kept/restore', ''],
        ].map(([path, body]) =>
          fetch(control + path, { method: 'POST', mode: 'no-cors', body }).then((answer) => answer.text(), String),
        ),
      ),
  },
  {
    name: 'fetch, POST of plain text, answers asked for',
    arrives: 2,
    run: ({ control }) =>
      Promise.all(
        ['/reset', '/faults/fault-1/release'].map((path) =>
          fetch(control + path, { method: 'POST', credentials: 'include' }).then((answer) => answer.text(), String),
        ),
      ),
  },
  {
    name: 'fetch, methods and types that need a preflight',
    arrives: 5,
    run: ({ control }) =>
      Promise.all(
        [
          ['PUT', '/clock', '{"mode":"real"}'],
          ['PUT', '/snapshots/planted'],
          ['DELETE', '/faults/fault-1'],
          ['PATCH', '/pipelines/fit', '{"status":"completed"}'],
          ['POST', '/reset', '{}'],
        ].map(([method, path, body]) =>
          fetch(control + path, { method, body, headers: { 'content-type': 'application/json' } }).then(
            (answer) => answer.text(),
            String,
          ),
        ),
      ),
  },
  {
    name: 'fetch, GET',
    arrives: 14,
    run: ({ control }) =>
      Promise.all(
        ['/state', '/requests', '/faults', '/pipelines', '/sandboxes', '/info', '/openapi.json'].flatMap((path) =>
          ['cors', 'no-cors'].map((mode) =>
            fetch(control + path, { mode }).then(
              (answer) => answer.text() + JSON.stringify([...answer.headers]),
              String,
            ),
          ),
        ),
      ),
  },
  {
    name: 'fetch, sent on by the own server',
    arrives: 2,
    run: ({ control, pages }) =>
      Promise.all(
        ['/reset', '/seed'].map((path) =>
          fetch(`${pages}/away?${control}${path}`, { method: 'POST', mode: 'no-cors', body: '{"pipelines":[]}' }).then(
            (answer) => answer.text(),
            String,
          ),
        ),
      ),
  },
  {
    name: 'XMLHttpRequest, POST',
    arrives: 1,
    run: ({ control }) =>
      new Promise((resolve) => {
        const asked = new globalThis.XMLHttpRequest()
        asked.onloadend = () => resolve(asked.responseText)
        asked.open('POST', `${control}/reset`)
        asked.send()
      }),
  },
  {
    name: 'sendBeacon',
    arrives: 2,
    run({ control }) {
      globalThis.navigator.sendBeacon(`${control}/reset`)
      globalThis.navigator.sendBeacon(`${control}/clock/advance`, '{"by":"1h"}')
    },
  },
  {
    name: 'form of plain text, into a frame',
    arrives: 2,
    async run({ control }) {
      const { document } = globalThis
      const submit = ([path, name, value]) =>
        new Promise((resolve) => {
          const frame = document.createElement('iframe')
          frame.name = control + path
          document.documentElement.append(frame)
          const form = document.createElement('form')
          Object.assign(form, { method: 'post', enctype: 'text/plain', action: control + path, target: frame.name })
          if (name) form.append(Object.assign(document.createElement('input'), { name, value }))
          document.documentElement.append(form)
          frame.onload = () => resolve(frame.contentDocument?.documentElement.textContent)
          // A frame stays as it is when the answer has no content.
          globalThis.setTimeout(resolve, 2000)
          form.submit()
        })
      return [await submit(['/reset']), await submit(['/faults', '{"respond":{"status":503,"body":"', '"}}'])]
    },
  },
  {
    name: 'form, in the place of the page',
    arrives: 1,
    leaves: true,
    run({ control }) {
      const { document } = globalThis
      const form = Object.assign(document.createElement('form'), { method: 'post', action: `${control}/reset` })
      document.documentElement.append(form)
      form.submit()
    },
  },
  {
    name: 'link, in the place of the page',
    arrives: 1,
    leaves: true,
    run({ control }) {
      globalThis.location.assign(`${control}/state`)
    },
  },
  {
    name: 'a window of its own',
    arrives: 1,
    async run({ control }) {
      const opened = globalThis.open(`${control}/state`)
      let seen = ''
      for (let i = 0; i < 10; i++) {
        await new Promise((resolve) => globalThis.setTimeout(resolve, 20))
        try {
          seen += opened.document.documentElement.textContent
        } catch (error) {
          seen += error
        }
      }
      opened.close()
      return seen
    },
  },
  {
    name: 'img, script, link, object and iframe',
    arrives: 10,
    async run({ control }) {
      const { document } = globalThis
      const seen = []
      globalThis.onerror = (...what) => void seen.push(String(what))
      const load = (tag, url, rest) =>
        new Promise((resolve) => {
          const element = Object.assign(document.createElement(tag), rest)
          element[tag === 'link' ? 'href' : tag === 'object' ? 'data' : 'src'] = url
          element.onload = element.onerror = ({ type }) => {
            seen.push(`${tag} ${type} ${element.contentDocument?.documentElement.textContent}`)
            resolve()
          }
          document.documentElement.append(element)
        })
      for (const path of ['/state', '/requests']) {
        await load('img', control + path)
        await load('script', control + path)
        await load('link', control + path, { rel: 'stylesheet' })
        await load('object', control + path)
        await load('iframe', control + path)
      }
      return seen
    },
  },
  {
    name: 'a frame without an origin',
    arrives: 2,
    run: ({ control }) =>
      new Promise((resolve) => {
        globalThis.onmessage = ({ data }) => resolve(data)
        const frame = globalThis.document.createElement('iframe')
        frame.sandbox = 'allow-scripts'
        frame.srcdoc = `<script>
          Promise.all([
            fetch('${control}/reset', { method: 'POST', mode: 'no-cors' }).then((answer) => answer.text(), String),
            fetch('${control}/state').then((answer) => answer.text(), String),
          ]).then((seen) => parent.postMessage(seen, '*'))
        </script>`
        globalThis.document.documentElement.append(frame)
      }),
  },
  {
    name: 'EventSource',
    arrives: 1,
    run: ({ control }) =>
      new Promise((resolve) => {
        const source = new globalThis.EventSource(`${control}/requests`)
        source.onmessage = ({ data }) => resolve(data)
        source.onerror = () => resolve(source.close())
      }),
  },
  {
    name: 'WebSocket',
    arrives: 2,
    run: ({ control }) =>
      Promise.all(
        ['/state', '/reset'].map(
          (path) =>
            new Promise((resolve) => {
              const socket = new globalThis.WebSocket(control.replace('http', 'ws') + path)
              socket.onmessage = ({ data }) => resolve(data)
              socket.onclose = ({ code, reason }) => resolve(`${code} ${reason}`)
            }),
        ),
      ),
  },
]

let failed = 0
function check(what, faults) {
  console.log(`${faults.length === 0 ? 'ok' : 'not ok'} ${what}`)
  for (const fault of faults) console.log(`  ${fault}`)
  if (faults.length > 0) failed++
}

/** A mock that tells what it answered, in a state that every attack would change. */
async function arrange(options) {
  const answered = []
  const logger = pino({ level: 'info' }, { write: (line) => void answered.push(JSON.parse(line)) })
  const fixtures = { pipelines: [{ id: 'fit', name: SECRET, elements: [{ name: 'known parameters' }] }] }
  const mock = await startMock({ fixtures, logger, ...options })
  const worlds = [mock, mock.sandbox('x')]
  for (const { url, clock, faults, snapshot } of worlds) {
    await snapshot('kept')
    await fetch(`${url}/pipelines/fit/cancel?from=${SECRET}`, { method: 'POST' })
    await clock.freeze('2026-10-01T12:00:00Z')
    await faults.add({ operation: 'list_pipelines', hold: 'before', times: null, pipeline_id: SECRET })
  }
  const look = async () => [
    await mock.sandboxes.list(),
    ...(await Promise.all(
      worlds.map(async (one) => [await one.state(), await one.clock.now(), await one.faults.list()]),
    )),
  ]
  return { mock, answered, look }
}

/** The site that attacks: any page of it is empty, and /away?<url> sends whoever asks on to there, whatever the method. */
const site = createServer(({ url = '' }, response) => {
  const [path, target] = url.split('?')
  if (path === '/away') response.writeHead(307, { location: target }).end()
  else response.setHeader('content-type', 'text/html').end('<!doctype html><title>A page</title>')
})
await once(site.listen(0, '127.0.0.1'), 'listening')

const { mock, answered, look } = await arrange({ host: 'localhost' })
let before = await look()
const port = site.address().port
const [atAddress, atName] = [`http://127.0.0.1:${mock.port}`, `http://localhost:${mock.port}`]
/** Where the attacking page is from, and by which name it knows the mock. */
const PLACES = [
  { from: 'an address', page: `http://127.0.0.1:${port}/`, mock: atAddress },
  { from: 'an address, to a name', page: `http://127.0.0.1:${port}/`, mock: atName },
  { from: 'a name', page: `http://localhost:${port}/`, mock: atName },
  { from: 'a name, to an address', page: `http://localhost:${port}/`, mock: atAddress },
  { from: 'another site', page: `http://evil.example:${port}/`, mock: atAddress },
  // Of who asks for an image, browsers tell only addresses that they trust: such an answer is sent, but no page can read it.
  {
    from: 'another site, to a name without dots',
    page: `http://evil.example:${port}/`,
    mock: `http://mock:${mock.port}`,
    mayGet: true,
  },
  {
    from: 'another site, whose name was made to point at the mock',
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

const inControl = () => answered.filter(({ path }) => path?.includes('/_mock/'))

/** Runs an attack, and tells what it achieved. */
async function faultsOf({ arrives, leaves, run }, place, prefix) {
  if (page.url() !== place.page) await page.goto(place.page)
  answered.length = 0
  const input = { control: `${place.mock}${prefix}/_mock`, pages: `http://127.0.0.1:${port}` }
  const late = sleep(10_000, 'it did not end', { ref: false })
  const attack = page.evaluate(run, input).catch(({ message }) => (leaves ? '' : `it broke: ${message}`))
  const seen = await Promise.race([attack, late])
  if (leaves) await page.waitForURL(/_mock/, { timeout: 2000 }).catch(() => undefined)
  for (let i = 0; i < 500 && inControl().length < arrives; i++) await sleep(10)

  const after = await look()
  const isChanged = !isDeepStrictEqual(after, before)
  before = after
  const done = inControl().filter(({ method, status }) => status < 400 && !(place.mayGet && method === 'GET'))
  const text = JSON.stringify(seen ?? '')
  return [
    ...(inControl().length < arrives ? [`only ${inControl().length} of ${arrives} requests arrived`] : []),
    ...done.map(({ method, path, status }) => `${method} ${path} was answered with ${status}`),
    ...(text.includes(SECRET) ? [`the page read ${text}`] : []),
    ...(/^"it (broke|did not end)/.test(text) ? [text] : []),
    ...(isChanged ? ['the state of the mock has changed'] : []),
  ]
}

for (const attack of ATTACKS) {
  const faults = []
  let refused = 0
  for (const place of PLACES)
    for (const prefix of ['', '/_sandbox/x', ...(place.mayGet ? [] : ['/_sandbox/new'])]) {
      const found = await faultsOf(attack, place, prefix)
      faults.push(...found.map((fault) => `from ${place.from}: ${fault}`))
      refused += inControl().filter(({ status }) => status >= 400).length
    }
  check(`refused: ${attack.name} (${refused} requests)`, faults)
}

/** A request as curl or a client library makes it: the status and the body. */
async function ask(method, url, headers = {}, body = '') {
  const asked = request(url, { method, headers })
  asked.end(body)
  const [answer] = await once(asked, 'response')
  const chunks = []
  for await (const chunk of answer) chunks.push(chunk)
  return { status: answer.statusCode, text: chunks.join('') }
}

/** Checks that all of what is said is as expected. */
async function friend(what, claims) {
  const faults = []
  for (const [claim, holds] of Object.entries(claims)) {
    const found = await holds().catch((error) => error)
    if (found !== true) faults.push(`${claim}: ${found}`)
  }
  check(what, faults)
}

const has = async (answer, status, text = '') => {
  const found = await answer
  return (found.status === status && found.text.includes(text)) || JSON.stringify(found)
}
/** What the person at the browser gets who types an address. */
async function typed(url) {
  const answer = await page.goto(url)
  const found = { status: answer.status(), text: await answer.text() }
  return found
}
/** What a page gets that the mock itself has served. */
async function fromOwnPage(root, target, options = {}) {
  await page.goto(`${root}/healthz`)
  const found = await page.evaluate(
    async ([target, options]) => {
      const answer = await fetch(target, options)
      return { status: answer.status, text: await answer.text() }
    },
    [target, options],
  )
  return found
}

await friend('admitted: a plain request', {
  'reads the state': () => has(ask('GET', `${mock.url}/_mock/state`), 200, SECRET),
  'moves the clock': () => has(ask('POST', `${mock.url}/_mock/clock/advance`, {}, '{"by":"5s"}'), 200, '12:00:05'),
  'by a name without dots': () =>
    has(ask('GET', `${mock.url}/_mock/state`, { host: `mock:${mock.port}` }), 200, SECRET),
  'not by a name of the internet': () => has(ask('GET', `${mock.url}/_mock/state`, { host: 'evil.example' }), 403),
})
await friend('admitted: a plain request with the key of a sandbox', {
  async 'moves the clock there alone'() {
    const headers = { 'user-agent': 'python-requests/2', accept: '*/*', 'x-api-key': 'mock_x' }
    const advanced = await has(ask('POST', `${mock.url}/_mock/clock/advance`, headers, '{"by":"7s"}'), 200, '12:00:07')
    return advanced === true ? (await mock.clock.now()) === '2026-10-01T12:00:05Z' : advanced
  },
})
await friend('admitted: connect()', {
  async 'reads and resets'() {
    const remote = await connect(mock.url)
    const was = (await remote.pipelines.get('fit')).status
    await remote.sandbox('x').reset()
    const is = (await mock.sandbox('x').pipelines.get('fit')).status
    return was === 'canceled' && is !== 'canceled'
  },
})
await friend('admitted: a person who types the address', {
  'reads the document': () => has(typed(`${atAddress}/_mock/openapi.json`), 200, '"openapi"'),
  'reads the state': () => has(typed(`${atName}/_sandbox/x/_mock/state`), 200, SECRET),
})
await friend("admitted: a page of the mock's own", {
  'reads the state': () => has(fromOwnPage(atAddress, '/_mock/state'), 200, SECRET),
  'resets it': () => has(fromOwnPage(atName, '/_mock/reset', { method: 'POST' }), 204),
})

const named = await arrange({ allowedHost: ['evil.example'] })
const asNamed = `http://evil.example:${named.mock.port}`
await friend('with allowedHost, admitted: a page of the mock under that name', {
  'reads the state': () => has(fromOwnPage(asNamed, '/_mock/state'), 200, SECRET),
})
await named.mock.close()

const guarded = await arrange({ controlToken: 'a-secret' })
const { url } = guarded.mock
const untouched = await guarded.look()
const isRefused = (promise) =>
  promise.then(
    () => 'it was let in',
    ({ name, status }) => (name === 'ControlError' && status === 401) || `${name} ${status}`,
  )
await friend('with a token, refused: whoever has none, or another', {
  'a plain request': () => has(ask('GET', `${url}/_mock/state`), 401),
  'a plain request to reset': () => has(ask('POST', `${url}/_sandbox/x/_mock/reset`), 401),
  'a plain request with another': () => has(ask('GET', `${url}/_mock/state`, { 'x-mock-token': 'a secreT' }), 401),
  'a plain request with it in the query': () => has(ask('GET', `${url}/_mock/state?x-mock-token=a%20secret`), 401),
  'connect()': () => isRefused(connect(url)),
  'connect() with another': () => isRefused(connect(url, { token: 'another secret' })),
  'a person who types the address': () => has(typed(`${url}/_mock/openapi.json`), 401),
  "a page of the mock's own": () => has(fromOwnPage(url, '/_mock/reset', { method: 'POST' }), 401),
  'and nothing has changed': async () => isDeepStrictEqual(await guarded.look(), untouched),
})
await friend('with a token, admitted: whoever has it', {
  'a plain request': () => has(ask('GET', `${url}/_mock/state`, { 'X-Mock-Token': 'a-secret' }), 200, SECRET),
  async 'connect()'() {
    const remote = await connect(url, { token: 'a-secret' })
    await remote.sandbox('x').reset()
    return (await remote.pipelines.get('fit')).status === 'canceled'
  },
})
await friend('with a token, refused even with it: a page of another site', {
  async 'resets nothing'() {
    await page.goto(`http://localhost:${port}/`)
    const seen = await page.evaluate(
      (control) => fetch(`${control}/state`, { headers: { 'x-mock-token': 'a-secret' } }).then((a) => a.text(), String),
      `${url}/_mock`,
    )
    return !seen.includes(SECRET) || seen
  },
})
await friend('with a token, health answers all the same', {
  health: () => has(ask('GET', `${url}/_mock/health`), 200, 'ok'),
  readiness: () => has(typed(`${url}/_mock/ready`), 200, 'ready'),
  'the mocked API': () => has(ask('GET', `${url}/healthz`), 200, 'ok'),
})
await guarded.mock.close()

await browser.close()
await mock.close()
site.close()
console.log(failed === 0 ? 'all as it should be' : `${failed} not as it should be`)
process.exitCode = failed === 0 ? 0 : 1
