import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { titleOf } from '../src/contract/schema.js'
import { fixtureSchema } from '../src/fixtures/schema.js'
import { ROOT } from './support/paths.js'
import { serve } from './support/serve.js'

const file = (name: string) => readFileSync(join(ROOT, name), 'utf8')
const given = parse(file('test/fixtures/cancel-pipeline.openapi.yaml'))

t.test('with `strict`, the document describes the cancel exactly as the published contract does', async (t) => {
  const { ask } = await serve(t, { strict: true })
  const served = (await ask('GET', '/openapi.json')).json()
  const path = '/pipelines/{pipeline_id}/cancel'
  t.strictSame(served.paths[path], given.paths[path])
  t.strictSame(Object.keys(given.components.schemas).length, 6)
  for (const [name, schema] of Object.entries(given.components.schemas))
    t.strictSame(served.components.schemas[name], schema, name)
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
