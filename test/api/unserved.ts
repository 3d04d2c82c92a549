import { pino } from 'pino'
import t, { type Test } from 'tap'
import { OPERATIONS } from '../../src/contract/index.js'
import { UNSERVED } from '../../src/contract/unserved.js'
import { serve } from '../support/serve.js'

/** Starts a mock with a logger. The returned `warnings` are the messages that the mock logs with the level `warn`. */
async function serveWithLog(t: Test) {
  const warnings: string[] = []
  const logger = pino({ level: 'warn' }, { write: (line: string) => warnings.push(JSON.parse(line).msg) })
  return { ...(await serve(t, { logger })), warnings }
}

const NOT_FOUND = [404, '{"detail":"Not Found"}']
const METHOD_NOT_ALLOWED = [405, '{"detail":"Method Not Allowed"}']
const REDIRECT = [307, '']

/** Paths of which the mock serves only some methods. */
const PARTLY_SERVED = ['/jobs', '/projects', '/projects/{project_id}']

const rows = Object.entries(UNSERVED).flatMap(([path, methods]) =>
  methods.split(' ').map((method) => ({ method, path })),
)

t.test('the log has one warning for each operation of the real service that the mock does not serve', async (t) => {
  const { ask, warnings } = await serveWithLog(t)
  t.ok(rows.length > 190)
  for (const { method, path } of rows) {
    for (const id of ['one', 'other'])
      for (const rest of ['', '/?x=1']) {
        const { status, body } = await ask(method, path.replace(/\{\w+\}/g, id) + rest)
        const expected = PARTLY_SERVED.includes(path) ? (rest === '' ? METHOD_NOT_ALLOWED : REDIRECT) : NOT_FOUND
        t.strictSame([status, body], expected, `${method} ${path}${rest}`)
      }
    t.equal(warnings.length, 1, `${method} ${path}`)
    t.match(warnings.pop(), `${method} ${path}`)
  }
})

t.test('a request to an unknown path or with an unknown method causes no warning', async (t) => {
  const { ask, warnings } = await serveWithLog(t)
  for (const [method, path] of [
    ['GET', '/'],
    ['GET', '/nothing'],
    ['GET', '/jobs/a/b'],
    ['GET', '/jobs//metadata'],
    ['GET', '/Jobs'],
    ['GET', '/_mock/jobs'],
    ['POST', '/_mock/users/me'],
  ] as const)
    t.equal((await ask(method, path)).status, 404, `${method} ${path}`)
  t.equal((await ask('PUT', '/jobs/a')).status, 405)
  t.strictSame(warnings, [])
})

t.test(
  'a request to an operation that the mock does not serve causes a warning in every mock, in any sandbox',
  async (t) => {
    for (const path of ['/sites/a', '/_sandbox/one/sites/a', '/%73ites/a']) {
      const { ask, warnings } = await serveWithLog(t)
      t.equal((await ask('GET', path)).status, 404)
      t.equal(warnings.length, 1, path)
    }
  },
)

t.test('the mock serves none of the operations that are listed as not served', async (t) => {
  const templateOf = (endpoint: string) => endpoint.replace(/\{\w+\}/g, '{}')
  const served = new Set(Object.values(OPERATIONS).map(({ endpoint }) => templateOf(endpoint)))
  const unserved = rows.map(({ method, path }) => templateOf(`${method} ${path}`))
  t.strictSame(
    unserved.filter((endpoint) => served.has(endpoint)),
    [],
  )
  t.equal(new Set(unserved).size, unserved.length, 'no operation is listed twice')
})
