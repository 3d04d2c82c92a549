import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import t from 'tap'
import { parseSize } from '../src/contract/settings.js'
import { OPTIONS } from '../src/options/options.js'
import { parse } from 'yaml'
import { OPERATION_NAMES, type OperationName, OPERATIONS, splitEndpoint } from '../src/contract/index.js'
import { ELEMENT_TYPES, LEGACY_ELEMENT_TYPES } from '../src/contract/pipeline-requests.js'
import { titleOf } from '../src/contract/schema.js'
import { fixtureSchema } from '../src/fixtures/schema.js'
import type { RequestOptions } from './support/http.js'
import { CREATION } from './support/lab.js'
import { ROOT } from './support/paths.js'
import { runs } from './support/runs.js'
import { inProcess, serve } from './support/serve.js'

const file = (name: string) => readFileSync(join(ROOT, name), 'utf8')
const given = parse(file('test/fixtures/cancel-pipeline.openapi.yaml'))

/** All combinations of the options that change responses. */
const COMBINATIONS = [false, true].flatMap((strict) =>
  [false, true].flatMap((requireKey) =>
    ([422, 404] as const).map((unknownPipeline) => ({ strict, requireKey, unknownPipeline })),
  ),
)

t.test(
  'with `strict`, the document describes the cancel operation exactly as the published contract does',
  async (t) => {
    for (const options of COMBINATIONS.filter(({ strict }) => strict)) {
      const { ask } = await serve(t, options)
      const served = (await ask('GET', '/openapi.json')).json()
      const path = '/pipelines/{pipeline_id}/cancel'
      t.strictSame(served.paths[path], given.paths[path])
      t.strictSame(Object.keys(given.components.schemas).length, 6)
      for (const [name, schema] of Object.entries(given.components.schemas))
        t.strictSame(served.components.schemas[name], schema, name)
    }
  },
)

const BODIES: Partial<Record<OperationName, string>> = { create_pipeline: CREATION, update_pipeline: '{"name":"new"}' }
const JSON_TYPE = { 'content-type': 'application/json' }
const TOO_LARGE = {
  body: gzipSync(Buffer.alloc(parseSize(OPTIONS.bodyLimit.default) + 1, ' ')),
  headers: { 'content-encoding': 'gzip' },
}

/** A query with the required parameters of every operation. */
const VALID_QUERY = '?project_id=p&objective=1C&objective_name=1C'

/** Returns requests to an operation that cause every response of the operation. The last request succeeds. */
function requestsTo(name: OperationName): (RequestOptions & { path: string })[] {
  const [, template] = splitEndpoint(OPERATIONS[name].endpoint)
  const path = template
    .replace('{pipeline_id}', 'fit')
    .replace('{element_id}', 'step')
    .replace('{job_id}', 'job')
    .replace('{project_id}', 'p')
  const { [name]: body } = BODIES
  const valid = body === undefined ? {} : { body }
  return [
    { path, headers: { 'x-api-key': '' } },
    { path, headers: { prefer: 'code=422' } },
    { path: template.replace(/\{\w+\}/, 'nobody') + VALID_QUERY, ...valid },
    ...(body === undefined
      ? []
      : [{ path }, { path, body: '{}' }, { path, body: Buffer.from([0xff]) }, { path, ...TOO_LARGE }]),
    { path: `${path}?project_id=p&limit=x` },
    { path: `${path}?project_id=p&name=fts.x` },
    { path: path + VALID_QUERY, ...valid },
  ]
}

t.test('with any options, the document declares exactly the statuses of the responses to operations', async (t) => {
  const mock = {
    metadata: {},
    series: { '1C': { optimal: { 'Time [s]': [0, 1] } } },
    plots: { '1C': [{ traces: [{ name: 'model', x: [0], y: [1] }] }] },
  }
  const step = { id: 'step', name: 'step', element_type: 'Data Fit', job_id: 'job', status: 'running', mock } as const
  const pipelines = [{ id: 'fit', name: 'fit', project_id: 'p', status: 'running' as const, elements: [step] }]
  for (const options of COMBINATIONS) {
    const { mock, ask } = await serve(t, { ...options, fixtures: { pipelines } })
    const { paths, components, security } = (await ask('GET', '/openapi.json')).json()
    for (const name of OPERATION_NAMES) {
      const [method, template] = splitEndpoint(OPERATIONS[name].endpoint)
      const received = new Set<string>()
      for (const { path, headers, ...request } of requestsTo(name)) {
        const response = await ask(method, path, {
          ...request,
          headers: { ...JSON_TYPE, 'x-api-key': 'k', ...headers },
        })
        received.add(String(response.status))
      }
      await mock.reset()
      const declared = paths[template][method.toLowerCase()]
      const isOpen = name === 'healthz'
      // With `strict`, the document contains the published description of the cancel operation.
      if (options.strict && name === 'cancel_pipeline') t.strictSame(Object.keys(declared.responses), ['200', '422'])
      else t.strictSame([...received].sort(), Object.keys(declared.responses), `${name} ${JSON.stringify(options)}`)
      t.equal(received.has('401'), options.requireKey && !isOpen)
      t.strictSame(declared.security, options.requireKey && isOpen ? [] : undefined)
    }
    const schemes = options.requireKey ? ['APIKeyHeader', 'HTTPBearer'] : []
    t.strictSame(Object.keys(components.securitySchemes ?? {}), schemes)
    t.strictSame(
      security,
      schemes.map((name) => ({ [name]: [] })),
    )
  }
})

t.test('the schema of `elements` accepts exactly the elements with which a pipeline can be created', async (t) => {
  const { mock, inject } = await inProcess(t, { fixtures: { pipelines: [] } })
  const { components } = (await inject('GET', '/openapi.json')).json()
  const { elements: schema } = components.schemas.PipelineConfig.properties
  const isValid = new Ajv2020({ strict: false }).compile(schema)
  const known = fc.constantFrom(...[...ELEMENT_TYPES.keys(), ...LEGACY_ELEMENT_TYPES.keys()])
  const type = fc.oneof(
    { weight: 5, arbitrary: known },
    fc.constantFrom('Entry', 'data fit', '', null, 1),
    fc.jsonValue(),
  )
  const element = fc.oneof(
    { weight: 5, arbitrary: fc.record({ element_type: type, values: fc.jsonValue() }, { requiredKeys: [] }) },
    fc.jsonValue(),
  )
  const elements = fc.oneof(
    { weight: 9, arbitrary: fc.dictionary(fc.string(), element, { maxKeys: 3 }) },
    fc.jsonValue(),
  )
  const statuses = new Set<number>()
  await fc.assert(
    fc.asyncProperty(elements, async (elements) => {
      const payload = { project_id: 'p', elements }
      const { statusCode } = await mock.inject({ method: 'POST', url: '/pipelines', payload })
      statuses.add(statusCode)
      return isValid(elements) === (statusCode === 201)
    }),
    runs(2),
  )
  t.strictSame([...statuses].sort(), [201, 422])
})

t.test('with `strict`, a pipeline has the 13 published keys in the published order', async (t) => {
  const { mock, ask } = await serve(t, { strict: true })
  const [pipeline] = await mock.pipelines.list({ status: 'running' })
  const { json } = await ask('POST', `/pipelines/${pipeline?.id}/cancel`)
  t.strictSame(Object.keys(json()), Object.keys(given.components.schemas.Pipeline.properties))
  t.equal(Object.keys(json()).length, 13)
})

t.test('without `strict`, the document also declares the keys `is_terminal` and `is_failed`', async (t) => {
  const { ask } = await serve(t)
  const { Pipeline } = (await ask('GET', '/openapi.json')).json().components.schemas
  const flag = (title: string) => ({ type: 'boolean', title, readOnly: true })
  t.strictSame(Pipeline, {
    ...given.components.schemas.Pipeline,
    required: [...given.components.schemas.Pipeline.required, 'is_terminal', 'is_failed'],
    properties: {
      ...given.components.schemas.Pipeline.properties,
      is_terminal: flag('Is Terminal'),
      is_failed: flag('Is Failed'),
    },
  })
})

t.test('the document declares the operations of the mocked API, and none of the control API', async (t) => {
  const { ask } = await serve(t)
  const { openapi, paths } = (await ask('GET', '/openapi.json')).json()
  t.equal(openapi, '3.1.0')
  t.strictSame(
    Object.entries<object>(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    ),
    [
      'get /healthz',
      'get /pipelines',
      'post /pipelines',
      'get /pipelines/elements/{element_id}',
      'get /pipelines/{pipeline_id}',
      'patch /pipelines/{pipeline_id}',
      'delete /pipelines/{pipeline_id}',
      'get /pipelines/{pipeline_id}/elements',
      'post /pipelines/{pipeline_id}/cancel',
      'get /pipelines/{pipeline_id}/result',
      'get /pipelines/datafits/{job_id}/plot_data',
      'get /pipelines/validations/{job_id}/plot_data',
      'post /jobs',
      'get /jobs/{job_id}',
      'post /jobs/{job_id}/cancel',
      'get /jobs/{job_id}/metadata',
      'get /jobs/{job_id}/series',
      'get /jobs/{job_id}/series/channels',
      'get /users/me',
      'get /projects',
      'get /projects/{project_id}',
    ],
  )
})

t.test('openapi.json and fixture.schema.json are up to date (if not: npm run generate)', async (t) => {
  const { ask } = await serve(t)
  t.strictSame(JSON.parse(file('openapi.json')), (await ask('GET', '/openapi.json')).json(), 'openapi.json')
  t.strictSame(JSON.parse(file('fixture.schema.json')), fixtureSchema(), 'fixture.schema.json')
})

t.test('`titleOf` returns the title that pydantic derives from the name of a field', async (t) => {
  for (const [field, title] of Object.entries({
    id: 'Id',
    project_id: 'Project Id',
    created_by_email: 'Created By Email',
  }))
    t.equal(titleOf(field), title)
})
