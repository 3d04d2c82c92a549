import t from 'tap'
import { withoutIds } from '../../src/contract/schema.js'
import { controlDocument } from '../../src/control/openapi.js'
import { CONTROL_PREFIX, VERBS } from '../../src/control/verbs/index.js'
import { asker } from '../support/serve.js'
import { exactly, makeStatesTooLarge, start } from '../support/control.js'

type Schema = Readonly<Record<string, unknown>>

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly tags: readonly string[]
  readonly parameters?: readonly object[]
  readonly requestBody?: { readonly required: boolean }
  readonly responses: Readonly<Record<string, { readonly $ref?: string; readonly description: string }>>
  readonly security?: readonly object[]
}

const document = controlDocument()

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods as Record<string, Operation>).map(
    ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
  ),
)

const PROBES = [`GET ${CONTROL_PREFIX}/health`, `GET ${CONTROL_PREFIX}/ready`]

t.test('the mock serves the OpenAPI document of the control API', async (t) => {
  const ask = await asker((await start(t)).url)
  t.strictSame((await ask('GET', '/_mock/openapi.json')).json(), document)
})

t.test('the OpenAPI document has a version of OpenAPI, its own version, a title and a description', async (t) => {
  const { openapi, info, servers } = document
  t.strictSame(servers, [{ url: '/' }], 'the server that serves the document')
  t.strictSame([openapi, info.version], ['3.1.0', '1'])
  t.match(info.title, 'ionworks-mock')
  t.ok(info.description)
})

t.test('the OpenAPI document has one operation for each control verb and each probe (health, ready)', async (t) => {
  const endpoints = Object.values(VERBS).map(({ endpoint }) => endpoint.replace(' ', ` ${CONTROL_PREFIX}`))
  t.strictSame(operations.map(([endpoint]) => endpoint).sort(), [...endpoints, ...PROBES].sort())
})

t.test('every operation of the control API has a unique id and a unique summary', async (t) => {
  for (const [endpoint, { operationId, summary }] of operations) {
    t.match(operationId, /^[a-z_]+$/, endpoint)
    t.match(summary, /^[A-Z].*\w$/, endpoint)
    t.equal(summary, VERBS[operationId]?.summary ?? summary, endpoint)
  }
  for (const key of ['operationId', 'summary'] as const)
    t.equal(new Set(operations.map(([, operation]) => operation[key])).size, operations.length, key)
})

t.test('every operation of the control API has one of the tags that the OpenAPI document describes', async (t) => {
  const used = new Set(operations.map(([, { tags }]) => tags.join()))
  t.strictSame(document.tags.map(({ name }) => name).sort(), [...used].sort())
  for (const { name, description } of document.tags) t.ok(description, name)
})

t.test('every operation of the control API declares the parameters in its path', async (t) => {
  for (const [endpoint, { parameters = [] }] of operations) {
    const declared = parameters as { name?: string; in?: string; required?: boolean }[]
    t.strictSame(
      declared.filter((one) => one.in === 'path' && one.required).map(({ name }) => name),
      Array.from(endpoint.matchAll(/\{(\w+)\}/g), ([, name]) => name),
      endpoint,
    )
  }
})

t.test('exactly the operations that accept a fixture list the error `invalid_fixture`', async (t) => {
  const listing = operations.filter(([, { responses }]) => responses[400]?.description.includes('`invalid_fixture`'))
  t.strictSame(
    listing.map(([endpoint]) => endpoint),
    [`POST ${CONTROL_PREFIX}/seed`, `POST ${CONTROL_PREFIX}/pipelines`],
  )
})

t.test('every control verb declares the sandbox header and the token; the probes declare neither', async (t) => {
  const { parameters, securitySchemes } = document.components
  t.match(parameters.SandboxName, { name: 'X-Mock-Sandbox', in: 'header', description: String })
  t.match(securitySchemes.Token, { type: 'apiKey', name: 'X-Mock-Token', in: 'header', description: String })
  t.strictSame(document.security, [{}, { Token: [] }], 'the token is optional')
  for (const [endpoint, { parameters: declared = [], security }] of operations) {
    const isProbe = PROBES.includes(endpoint)
    t.equal(JSON.stringify(declared).includes('#/components/parameters/SandboxName'), !isProbe, endpoint)
    t.strictSame(security, isProbe ? [] : undefined, endpoint)
  }
})

/** Returns the paths of all objects in a value for which `test` returns true. */
function pathsOf(value: unknown, test: (schema: Schema) => boolean, path = '#'): string[] {
  if (typeof value !== 'object' || value === null) return []
  const inner = Object.entries(value).flatMap(([key, one]) => pathsOf(one, test, `${path}/${key}`))
  return test(value as Schema) ? [path, ...inner] : inner
}

t.test('the document describes every object once, under its name in the components', async (t) => {
  const isObject = ({ type, properties }: Schema) => type === 'object' && typeof properties === 'object'
  const inComponents = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`)
  t.strictSame(
    pathsOf(document, isObject).filter((path) => !inComponents.includes(path)),
    [],
  )
  for (const name of Object.keys(document.components.schemas)) t.match(name, /^[A-Z][A-Za-z]+$/)
  const named = new Set(inComponents)
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"(#\/components\/schemas\/[^"]+)"/g)]
  for (const [, reference = ''] of references) t.ok(named.has(reference), reference)
})

t.test('the only format that a schema of the document has is that of a date and time', async (t) => {
  const formatOf = ({ format }: Schema) => typeof format === 'string'
  t.ok(pathsOf(document, formatOf).length > 0)
  t.strictSame(
    pathsOf(document, (schema) => formatOf(schema) && schema.format !== 'date-time'),
    [],
  )
})

t.test('two schemas with the same name differ at most in their description', async (t) => {
  const shapes = new Map<string, object>()
  let count = 0
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    Object.values(value).forEach(collect)
    const { $id, description: _, ...shape } = withoutIds([value])[0] as Schema & { $id?: string }
    const name = (value as { $id?: string }).$id ?? $id
    if (name === undefined) return
    count++
    t.strictSame(shape, shapes.get(name) ?? shape, name)
    shapes.set(name, shape)
  }
  Object.values(VERBS).forEach(({ shape }) => collect(shape))
  t.ok(count > shapes.size, 'some names occur more than once')
})

t.test('the document requires a body if and only if the control API rejects a call without a body', async (t) => {
  const ask = await asker((await start(t)).url)
  const declared = operations.flatMap(([endpoint, { requestBody }]) => (requestBody ? [[endpoint, requestBody]] : []))
  t.ok(declared.length >= 6)
  for (const [endpoint, { required }] of declared as [string, { required: boolean }][]) {
    const [method = '', path = ''] = endpoint.split(' ')
    const { status } = await ask(method, path.replace('{id}', 'fit'))
    t.equal(status === 400 || status === 422, required, endpoint)
  }
})

t.test('every declared error of a verb occurs, and the document lists the error with its status', async (t) => {
  const mock = await start(t)
  const ask = await asker(mock.url)
  const { id: held } = await mock.faults.add({ hold: 'before', operation: 'healthz' })
  const { id: hanging } = await mock.faults.add({ hang: true, operation: 'healthz' })
  for (let i = 0; i < 100; i++) await mock.snapshot(`snapshot-${i}`)
  await mock.pipelines.add({ plans: Array.from({ length: 1000 }, () => ({})), pipelines: [] })
  const fill = async () => {
    for (let i = 2; i < 1000; i++) await mock.faults.add({ hang: true, operation: 'healthz' })
  }
  const respond = (plan: object) => ({ respond: { status: 503, ...plan } })
  const table: [operationId: string, code: string, path: string, body?: object][] = [
    ['advance_clock', 'time_out_of_range', '/clock/advance', { by: 'P90000D' }],
    ['wait_for_request', 'wait_too_long', '/requests/wait?timeout=6m'],
    ['drop_sandbox', 'default_sandbox', '/sandboxes/default'],
    ['drop_sandbox', 'sandbox_not_found', '/sandboxes/nobody'],
    ['snapshot', 'too_many_snapshots', '/snapshots/more'],
    ['restore', 'snapshot_not_found', '/snapshots/nobody/restore'],
    ['add_pipelines', 'id_taken', '/pipelines', { pipelines: [{ id: 'fit', name: 'fit' }] }],
    ['add_pipelines', 'settings_not_addable', '/pipelines', { mock: { clock: 'real' }, pipelines: [] }],
    ['add_plan', 'too_many_plans', '/plans', {}],
    ['get_pipeline', 'pipeline_not_found', '/pipelines/nobody'],
    ['get_elements', 'pipeline_not_found', '/pipelines/nobody/elements'],
    ['set_pipeline', 'pipeline_not_found', '/pipelines/nobody', {}],
    ['set_pipeline', 'element_not_found', '/pipelines/fit', { element: 9 }],
    ['set_pipeline', 'element_required', '/pipelines/fit', { status: 'skipped' }],
    ['add_fault', 'fault_action_required', '/faults', {}],
    ['add_fault', 'response_body_required', '/faults', respond({ status: 200 })],
    ['add_fault', 'reserved_header', '/faults', respond({ headers: { trailer: 'x' } })],
    ['add_fault', 'invalid_header', '/faults', respond({ headers: { 'a b': 'x' } })],
    ['add_fault', 'too_many_faults', '/faults', { hang: true }],
    ['remove_fault', 'fault_not_found', '/faults/nobody'],
    ['release_fault', 'fault_not_found', '/faults/nobody/release'],
    ['release_fault', 'fault_without_hold', `/faults/${hanging}/release`],
    ['release_fault', 'nothing_held', `/faults/${held}/release`],
  ]
  await mock.clock.freeze('9999-01-01T00:00:00Z')
  for (const [operationId, code, path, body] of table) {
    if (code === 'too_many_faults') await fill()
    const [endpoint, operation] = operations.find(([, one]) => one.operationId === operationId) ?? ['']
    const sent = body && { body: JSON.stringify(body) }
    const response = await ask(String(endpoint.split(' ')[0]), `/_mock${path}`, sent)
    t.equal(response.json().code, code, path)
    t.match(operation?.responses[response.status]?.description, `\`${code}\``, `${operationId} ${code}`)
  }
  const declared = Object.entries(VERBS).flatMap(([operationId, { shape }]) =>
    (shape.errors ?? []).map((code) => `${operationId} ${code}`),
  )
  // A test of `waitFor` shows that these errors occur.
  const waits = ['wait_for_request mock_closed', 'wait_for_request sandbox_dropped']
  t.strictSame(declared.sort(), [...waits, ...table.map(([operationId, code]) => `${operationId} ${code}`)].sort())
})

t.test('the document declares the responses to all calls, with any content type of the request', async (t) => {
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

t.test('a call that exports a state gets a 507 if the state is too large for a response', async (t) => {
  const ask = await asker((await start(t)).url)
  makeStatesTooLarge(t)
  const { status, json } = await ask('GET', '/_mock/state')
  t.match([status, json()], [507, { status: 507, code: 'response_too_large' }])
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
