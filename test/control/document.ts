import t from 'tap'
import { controlDocument } from '../../src/control/openapi.js'
import { CONTROL_PREFIX, VERBS } from '../../src/control/verbs/index.js'
import { asker } from '../support/serve.js'
import { exactly, start } from '../support/control.js'

interface Operation {
  readonly operationId?: string
  readonly summary?: string
}

const operations = Object.entries(controlDocument().paths).flatMap(([path, methods]) =>
  Object.entries(methods as Record<string, Operation>).map(
    ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
  ),
)

t.test('the mock serves the OpenAPI document of the control API', async (t) => {
  const ask = await asker((await start(t)).url)
  t.strictSame((await ask('GET', '/_mock/openapi.json')).json(), controlDocument())
})

t.test('the OpenAPI document has a version of OpenAPI, its own version, a title and a description', async (t) => {
  const { openapi, info } = controlDocument()
  t.strictSame([openapi, info.version], ['3.1.0', '1'])
  t.match(info.title, 'ionworks-mock')
  t.ok(info.description)
})

t.test('the OpenAPI document has one operation for each control verb and each probe (health, ready)', async (t) => {
  const endpoints = Object.values(VERBS).map(({ endpoint }) => endpoint.replace(' ', ` ${CONTROL_PREFIX}`))
  t.strictSame(
    operations.map(([endpoint]) => endpoint).sort(),
    [...endpoints, `GET ${CONTROL_PREFIX}/health`, `GET ${CONTROL_PREFIX}/ready`].sort(),
  )
})

t.test('every operation of the control API has a summary', async (t) => {
  for (const [endpoint, { summary }] of operations) t.match(summary, /^[A-Z].*\w$/, endpoint)
})

t.test('each operation has the summary of its control verb, and no two summaries are equal', async (t) => {
  const summaries = Object.entries(VERBS).map(([operationId, { summary }]) => [operationId, summary] as const)
  const declared = operations.flatMap(([, { operationId, summary }]) => (operationId ? [[operationId, summary]] : []))
  t.strictSame(Object.fromEntries(declared), Object.fromEntries(summaries))
  t.equal(new Set(summaries.map(([, summary]) => summary)).size, summaries.length)
})

t.test('the two probes have different summaries', async (t) => {
  const probes = operations.filter(([, { operationId }]) => operationId === undefined)
  t.strictSame(
    probes.map(([endpoint]) => endpoint),
    ['GET /_mock/health', 'GET /_mock/ready'],
  )
  t.not(probes[0]?.[1].summary, probes[1]?.[1].summary)
})

t.test('calls of the control API get declared responses, whatever the content type of the request', async (t) => {
  const ask = await asker((await start(t)).url)
  const table: [method: string, path: string, body: object | undefined, status: number][] = [
    ['GET', '/info', undefined, 200],
    ['GET', '/state', undefined, 200],
    ['PUT', '/snapshots/a', undefined, 204],
    ['GET', '/snapshots', undefined, 200],
    ['POST', '/snapshots/a/restore', undefined, 204],
    ['POST', '/snapshots/b/restore', {}, 404],
    ['GET', '/pipelines?status=running', undefined, 200],
    ['POST', '/pipelines', { pipelines: [{ name: 'x' }] }, 200],
    ['POST', '/pipelines', { pipelines: [{ name: 'x' }] }, 409],
    ['POST', '/pipelines', undefined, 400],
    ['GET', '/pipelines/fit', undefined, 200],
    ['PATCH', '/pipelines/fit', { element: 2, status: 'completed', result: {} }, 200],
    ['GET', '/pipelines/fit/elements', undefined, 200],
    ['POST', '/seed', { pipelines: [] }, 200],
    ['POST', '/seed', { pipelines: [{}] }, 400],
    ['POST', '/faults', { hang: true, operation: 'healthz' }, 200],
    ['GET', '/faults', undefined, 200],
    ['POST', '/faults/fault-1/release', undefined, 422],
    ['DELETE', '/faults/fault-1', undefined, 204],
    ['GET', '/requests', undefined, 200],
    ['GET', '/requests?status=20', undefined, 400],
    ['GET', '/requests/wait?timeout=1ms', undefined, 200],
    ['GET', '/sandboxes', undefined, 200],
    ['DELETE', '/sandboxes/x', undefined, 404],
    ['POST', '/reset', undefined, 204],
  ]
  for (const [method, path, body, status] of table) {
    // Calls with other methods than GET are sent only once, because they change the state.
    const types = method === 'GET' ? ['application/json', 'nonsense', 'text/plain; charset=latin1'] : ['nonsense']
    for (const type of types) {
      const sent = { headers: { 'content-type': type }, ...(body && { body: JSON.stringify(body) }) }
      t.equal((await ask(method, `/_mock${path}`, sent)).status, status, `${method} ${path}, ${type}`)
    }
  }
})

t.test('the response to an invalid fixture lists every issue with its path and position', async (t) => {
  const ask = await asker((await start(t)).url)
  const response = await ask('POST', '/_mock/seed', { body: '{\n "pipelines": [{ "nam": "x" }]\n}' })
  t.match(response.json(), {
    title: 'Bad Request',
    status: 400,
    code: 'invalid_fixture',
    errors: exactly([
      { code: 'missing_key', path: exactly(['pipelines', 0]) },
      { code: 'unknown_key', path: exactly(['pipelines', 0, 'nam']), position: { line: 2, column: 18 } },
    ]),
  })
})

t.test('a call of the control API with an unknown query parameter is rejected', async (t) => {
  const mock = await start(t)
  const response = await fetch(`${mock.url}/_mock/reset?only=clock`, { method: 'POST' })
  const errors = exactly([{ code: 'unknown_key', path: exactly(['only']) }])
  t.equal(response.status, 400)
  t.match(await response.json(), { status: 400, code: 'invalid_request', errors })
})
