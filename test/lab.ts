import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import t from 'tap'
import { parse } from 'yaml'
import { ElementStatus, ElementType, JobErrorCode, PipelineStatus } from '../src/contract/index.js'
import { SHIPPED_FIXTURES } from '../src/options/shipped.js'
import { fixtureSchema } from '../src/fixtures/schema.js'
import { loadSeed } from '../src/fixtures/load.js'
import { jobUrls } from './support/actions.js'
import { inProcess, NOW } from './support/serve.js'

t.test('the shipped fixtures have every status, type and error code, null values and unusual names', async (t) => {
  const { seed, warnings } = await loadSeed([SHIPPED_FIXTURES], NOW)
  const pipelines = seed.pipelines.map(({ pipeline }) => pipeline)
  const elements = seed.pipelines.flatMap(({ elements }) => elements)
  const values = (records: readonly object[], key: string) => new Set<unknown>(records.map((one) => one[key as never]))

  t.strictSame(warnings, [])
  for (const status of PipelineStatus.enum) t.ok(values(pipelines, 'status').has(status), `a ${status} pipeline`)
  for (const status of ElementStatus.enum) t.ok(values(elements, 'status').has(status), `a ${status} element`)
  for (const type of ElementType.enum) t.ok(values(elements, 'element_type').has(type), `an element of type ${type}`)
  for (const code of JobErrorCode.enum) {
    t.equal(pipelines.filter(({ error_code }) => error_code === code).length, 1, `one pipeline with ${code}`)
    t.ok(values(elements, 'error_code').has(code), `an element with ${code}`)
  }
  for (const key of ['user_id', 'description', 'created_by_email', 'error', 'error_code'])
    t.ok(values(pipelines, key).has(null), `a null ${key}`)
  for (const [characters, pattern] of [
    ['spaces', / /],
    ['non-Latin letters', /[぀-ヿЀ-ӿ]/],
  ] as const) {
    t.ok(
      pipelines.some(({ name }) => pattern.test(name)),
      `a pipeline name with ${characters}`,
    )
    t.ok(
      elements.some(({ name }) => pattern.test(name)),
      `an element name with ${characters}`,
    )
  }
  t.ok(values(pipelines, 'project_id').size > 1, 'more than one project')
})

t.test('every record of the shipped fixtures is served as the OpenAPI document declares it', async (t) => {
  const { mock, inject } = await inProcess(t)
  const served = new Set<string | undefined>()
  for (const { id, project_id } of await mock.pipelines.list()) {
    for (const path of [
      `/pipelines/${id}`,
      `/pipelines/${id}/elements`,
      `/pipelines?project_id=${project_id}&limit=100`,
    ])
      t.equal((await inject('GET', path)).statusCode, 200, path)
    for (const path of await jobUrls(mock, id)) {
      const { statusCode } = await inject('GET', path)
      t.ok(statusCode === 200 || /metadata|channels/.test(path), path)
      if (statusCode === 200) served.add(/metadata|channels|series\?|plot_data/.exec(path)?.[0])
    }
  }
  t.strictSame(served, new Set([undefined, 'metadata', 'channels', 'plot_data', 'series?']))
})

t.test('the JSON Schema accepts the shipped fixtures and rejects invalid ones', async (t) => {
  const validate = addFormats.default(new Ajv2020({ strict: false, allErrors: true })).compile(fixtureSchema())
  for (const name of ['lab.yaml', 'failures.yaml', 'plans.yaml', 'second-team.json'])
    t.ok(validate(parse(readFileSync(`fixtures/${name}`, 'utf8'))), `${name}: ${JSON.stringify(validate.errors)}`)
  for (const name of [
    'five-faults.yaml',
    'misspelt-keys.yaml',
    'misspelt-values.yaml',
    'wrong-types.yaml',
    'missing-keys.yaml',
  ])
    t.notOk(validate(parse(readFileSync(`test/fixtures/broken/${name}`, 'utf8'))), name)
})
