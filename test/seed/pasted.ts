import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import t, { type Test } from 'tap'
import { parse, stringify } from 'yaml'
import { formatPath, formatPlace } from '../../src/diagnostics/issue.js'
import type { FixtureSource } from '../../src/fixtures/load.js'
import { fixtureSchema } from '../../src/fixtures/schema.js'
import { connect, type FixtureError, type Issue, type Mock, startMock } from '../../src/index.js'
import { NOW } from '../support/serve.js'

/** Returns a response of the service, or the body of a request to it, with invented values. */
const saved = (name: string) => readFileSync(`test/fixtures/responses/${name}.json`, 'utf8')

const accepts = new Ajv2020({ allErrors: true, strict: false, validateFormats: false }).compile(fixtureSchema())

async function serve(t: Test, fixtures?: FixtureSource, strict = false) {
  const mock = await startMock({ listen: false, clock: `frozen@${NOW}`, strict, ...(fixtures && { fixtures }) })
  t.teardown(() => mock.close())
  return mock
}

const bodyOf = async (mock: Mock, url: string) => (await mock.inject(url)).body

/**
 * Passes a JSON text to the mock in all forms: as a JSON file, as a YAML file, as an object and, if the text is a
 * pipeline, within a list. Calls `check` for each form.
 */
async function pasted(t: Test, text: string, check: (t: Test, fixture: FixtureSource) => Promise<unknown>) {
  const isList = 'pipelines' in JSON.parse(text)
  for (const [form, json] of Object.entries({ 'the whole file': text, 'an item': `{"pipelines":[${text}]}` })) {
    if (isList && form === 'an item') continue
    t.ok(accepts(JSON.parse(json)), `${form}: ${JSON.stringify(accepts.errors)}`)
    const folder = t.testdir({ 'a.json': json, 'b.yaml': stringify(parse(json, { mapAsMap: true })) })
    for (const [name, fixture] of Object.entries({
      JSON: `${folder}/a.json`,
      YAML: `${folder}/b.yaml`,
      'an object': JSON.parse(json) as FixtureSource,
    }))
      await t.test(`${form}, as ${name}`, (t) => check(t, fixture))
  }
}

/** Returns the ids and the project ids of the pipelines in a response. */
const pipelinesIn = (body: string): { id: string; project_id: string }[] => {
  const value = JSON.parse(body)
  return value.pipelines ?? [value]
}

t.test('a response that lists pipelines is a fixture, and is served unchanged', async (t) => {
  for (const strict of [false, true]) {
    const lab = await serve(t, undefined, strict)
    for (const project_id of new Set((await lab.pipelines.list()).map((pipeline) => pipeline.project_id))) {
      const url = `/pipelines?project_id=${project_id}&limit=100`
      const text = await bodyOf(lab, url)
      await pasted(t, text, async (t, fixture) => {
        const mock = await serve(t, fixture, strict)
        t.equal(await bodyOf(mock, url), text)
        t.strictSame(mock.seeded.warnings, [])
      })
    }
  }
})

t.test('a response that contains a pipeline is a fixture, and is served unchanged', async (t) => {
  for (const strict of [false, true]) {
    const lab = await serve(t, undefined, strict)
    const { pipelines } = await lab.state()
    for (const { id } of pipelines.slice(0, 3)) {
      const urls = ['', '/elements', '/result'].map((suffix) => `/pipelines/${id}${suffix}`) as [string, string, string]
      const [pipeline, elements, result] = await Promise.all(urls.map((url) => bodyOf(lab, url)))
      await pasted(t, String(pipeline), async (t, fixture) =>
        t.equal(await bodyOf(await serve(t, fixture, strict), urls[0]), pipeline),
      )
      const detail = String(pipeline).replace(/}$/, `,"elements":${elements}}`)
      await pasted(t, detail, async (t, fixture) => {
        const mock = await serve(t, fixture, strict)
        t.strictSame(await Promise.all(urls.map((url) => bodyOf(mock, url))), [pipeline, elements, result])
        t.strictSame(mock.seeded.warnings, [])
      })
    }
  }
})

t.test('saved responses of the service are valid fixtures, and are served with all published keys', async (t) => {
  for (const name of ['list-pipelines', 'get-pipeline', 'create-pipeline'])
    await pasted(t, saved(name), async (t, fixture) => {
      const mock = await serve(t, fixture)
      t.strictSame(mock.seeded.warnings, [])
      for (const { id } of pipelinesIn(saved(name))) {
        const original = pipelinesIn(saved(name)).find((one) => one.id === id) as { elements?: object[] }
        const { elements = [], ...pipeline } = original
        t.match(JSON.parse(await bodyOf(mock, `/pipelines/${id}`)), pipeline)
        for (const [i, { progress: _, ...element }] of (elements as { progress?: unknown }[]).entries()) {
          const served = JSON.parse(await bodyOf(mock, `/pipelines/${id}/elements`))[i]
          t.match(
            { ...served, updated_at: Date.parse(served.updated_at) },
            {
              ...element,
              updated_at: Date.parse((element as { updated_at: string }).updated_at),
            },
          )
        }
      }
    })
})

t.test('the body of a request that creates a pipeline is a fixture, and has the same effect', async (t) => {
  const texts = [
    saved('create-body'),
    '{"project_id":"p","name":null,"description":"d","elements":{}}',
    '{"project_id":"p","name":"n","options":{"live_progress_updates":true},"elements":{"20":{"element_type":"Data Fit"},"10":{"element_type":"arraydatafit","job_config":{"x":1}}}}',
  ]
  const effect = async (mock: Mock) => {
    const [pipeline] = await mock.pipelines.list()
    if (!pipeline) throw new Error('the mock has no pipeline')
    const { id, created_at: _, updated_at: __, ...rest } = pipeline
    const elements = await mock.pipelines.elements(id)
    return [
      rest,
      elements.map(({ name, element_order, element_type, job_config, status }) => [
        name,
        element_order,
        element_type,
        job_config,
        status,
      ]),
    ]
  }
  for (const text of texts) {
    const original = await serve(t, { pipelines: [] })
    const headers = { 'content-type': 'application/json' }
    t.equal((await original.inject({ method: 'POST', url: '/pipelines', headers, payload: text })).statusCode, 201)
    await pasted(t, text, async (t, fixture) => {
      const isObject = typeof fixture === 'object'
      const mock = await serve(t, fixture)
      // An object lists integer keys first, so its elements can be in another order than in the text.
      if (!isObject || text === texts[1]) t.strictSame(await effect(mock), await effect(original))
      else t.equal(mock.seeded.elements, (await original.state()).pipelines[0]?.elements?.length)
      t.strictSame(mock.seeded.warnings, [])
    })
  }
})

t.test('`seed` and `add` accept responses, in process and through the remote client', async (t) => {
  const mock = await startMock({ fixtures: { pipelines: [] } })
  t.teardown(() => mock.close())
  for (const handle of [mock, await connect(mock.url)])
    for (const load of ['seed', 'add'] as const) {
      await handle.seed({ pipelines: [] })
      const fixtures = [JSON.parse(saved('list-pipelines')), JSON.parse(saved('create-body'))]
      t.match(await (load === 'seed' ? handle.seed(fixtures) : handle.pipelines.add(fixtures)), { pipelines: 3 })
      t.equal((await handle.pipelines.list()).length, 3)
    }
  const response = await fetch(`${mock.url}/_mock/seed`, { method: 'POST', body: saved('create-pipeline') })
  t.match(await response.json(), { pipelines: 1, elements: 2 })
})

/** Returns the place, path and code of an issue, in the form `line:col path code`. */
const summaryOf = ({ position, path = [], code }: Issue) =>
  [formatPlace({ position }), formatPath(path), code].filter((part) => part !== '').join(' ')

const issuesOf = async (fixtures: FixtureSource) =>
  startMock({ fixtures, listen: false }).then(
    () => [],
    (error: unknown) => (error as FixtureError).issues.map(summaryOf),
  )

t.test('the position and the path of an issue refer to the text of the pasted response', async (t) => {
  const table: [text: string, ...issues: string[]][] = [
    ['{"project_id":"p","name":"n",\n"status":"runing"}', '2:10 status invalid_value'],
    ['{"project_id":"p","name":5,"elements":{}}', '1:26 name invalid_value'],
    ['{"project_id":"p","name":"n","pipelinez":[]}', '1:30 pipelinez unknown_key'],
    ['{"project_id":"p"}', '1:1 missing_key'],
    ['{"$schema":\n5,"project_id":"p","name":"n"}', '2:1 $schema invalid_value'],
    [
      '{"project_id":"p","elements":{"a":{},\n"b":5,\n"c":{"element_type":"fit"}}}',
      '2:5 elements.b invalid_value',
      '3:21 elements.c.element_type invalid_value',
    ],
    ['{"project_id":"p","elements":{"a":{"x":\n[1e999]}}}', '2:2 elements.a.x[0] not_json'],
    [
      '{"pipelines":[{"name":"n"},{"project_id":"p","elements":{"a":{"x":\n[1e999]}}}]}',
      '2:2 pipelines[1].elements.a.x[0] not_json',
    ],
    ['{"pipelines":[{"name":"n","options":{"new":\n[1e999]}}]}', '2:2 pipelines[0].options.new[0] not_json'],
    [
      '{"pipelines":[{"name":"n","is_failed":"no","elements":[{"name":"e",\n"pipeline_id":5}]}],"count":-1}',
      '1:39 pipelines[0].is_failed invalid_value',
      '2:29 count invalid_value',
      '2:15 pipelines[0].elements[0].pipeline_id invalid_value',
    ],
  ]
  for (const [text, ...issues] of table) {
    const folder = t.testdir({ 'a.json': text, 'b.yaml': text.replace(/1e999/, '.inf') })
    t.strictSame((await issuesOf(`${folder}/a.json`)).sort(), issues.toSorted(), text)
    t.strictSame((await issuesOf(`${folder}/b.yaml`)).sort(), issues.toSorted(), `${text} as YAML`)
    t.notOk(accepts(JSON.parse(text)) && !text.includes('1e999'), text)
  }
  const [duplicate] = await issuesOf({ project_id: 'p', name: 'n', elements: [{ name: 'e' }, { name: 'e' }] })
  t.equal(duplicate, 'elements[1].name duplicate_name')
})

t.test('a derived key that contradicts other keys causes a warning', async (t) => {
  const folder = t.testdir({
    'a.json': `{"pipelines":[
{"name":"a","id":"a","status":"running","is_terminal":true,"is_failed":true},
{"name":"b","id":"b","status":"canceled","is_terminal":true,"is_failed":false},
{"name":"c","id":"c","elements":[{"name":"e","pipeline_id":"c"},{"name":"f","pipeline_id":"d"}]}],
"count":2,"total":1}`,
  })
  const { warnings, pipelines } = (await serve(t, folder)).seeded
  t.equal(pipelines, 3)
  t.strictSame(
    warnings.map((warning) => warning.slice(`${folder}/a.json:`.length).split(': ').slice(0, 2).join(' ')),
    [
      '2:55 pipelines[0].is_terminal',
      '2:72 pipelines[0].is_failed',
      '3:73 pipelines[1].is_failed',
      '4:91 pipelines[2].elements[1].pipeline_id',
      '5:9 count',
      '5:19 total',
    ],
  )
})

t.test('a derived key has no effect on responses', async (t) => {
  const mock = await serve(t, {
    pipelines: [{ id: 'a', name: 'a', is_failed: true, elements: [{ id: 'e', name: 'e', pipeline_id: 'b' }] }],
  })
  t.match(JSON.parse(await bodyOf(mock, '/pipelines/a')), { is_failed: false })
  t.match(JSON.parse(await bodyOf(mock, '/pipelines/elements/e')), { pipeline_id: 'a' })
})

t.test('keys of a document that start with `x-` are ignored', async (t) => {
  const folder = t.testdir({
    'a.yaml':
      'x-element: &e { name: e }\nx-2: .nan\npipelines: [{ name: a, elements: [*e] }, { name: b, elements: [*e] }]',
    'b.yaml': 'x-element: &e { element_type: entry }\nproject_id: p\nelements: { one: *e, two: *e }',
    'c.json': '{"$schema":"x","x-a":1,"project_id":"p","elements":{"e":{},"f":{}}}',
    'd.json': '{"x-a":1,"pipelines":[{"name":"c","x-a":1}]}',
  })
  for (const name of ['a.yaml', 'b.yaml', 'c.json']) {
    t.ok(accepts(parse(readFileSync(`${folder}/${name}`, 'utf8'))), name)
    t.equal((await serve(t, `${folder}/${name}`)).seeded.elements, 2, name)
  }
  t.strictSame(await issuesOf(`${folder}/d.json`), ['1:35 pipelines[0]["x-a"] unknown_key'])
})
