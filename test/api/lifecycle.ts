import t, { type Test } from 'tap'
import { type MockOptions } from '../../src/index.js'
import { NOW, serve } from '../support/serve.js'

const JSON_TYPE = { 'content-type': 'application/json' }

const start = async (t: Test, options: MockOptions = {}) => {
  const { mock, ask } = await serve(t, {
    fixtures: { pipelines: [{ id: 'seeded', name: 'seeded', project_id: 'p' }] },
    ...options,
  })
  const send = (method: string, path: string, body: unknown) =>
    ask(method, path, { headers: JSON_TYPE, body: typeof body === 'string' ? body : JSON.stringify(body) })
  return { mock, ask, send }
}

const nameOf = ({ name }: { name: string }) => name

const CONFIG = {
  project_id: 'p',
  elements: {
    'load file': { element_type: 'entry', values: { 'Ambient temperature [K]': 298.15 } },
    fit: { element_type: 'data_fit', objectives: {} },
  },
  name: 'from a request',
}

t.test('the response to POST /pipelines has exactly the expected bytes', async (t) => {
  for (const strict of [false, true]) {
    const { send } = await start(t, { strict })
    const { status, headers, body } = await send('POST', '/pipelines', CONFIG)
    const element = (id: string, name: string, order: number, type: string, config: string) =>
      `{"id":"${id}","pipeline_id":"d957c22c-bbe7-5421-85ba-587af4293f83","name":"${name}","element_order":${order},` +
      `"element_type":"${type}","job_config":${config},"status":"pending","created_at":"${NOW}","updated_at":"${NOW}",` +
      '"organization_id":"c2b7e4d8-0a3f-4f61-8d59-7e1c6b3a9f20","job_id":null,"result":null,"error":null,' +
      '"error_code":null,"error_detail":null,"job_status":null}'
    t.strictSame([status, headers['content-type']], [201, 'application/json'])
    t.equal(
      body,
      '{"id":"d957c22c-bbe7-5421-85ba-587af4293f83","project_id":"p","user_id":"93a5c7e1-4b2d-4e8f-a6c0-1d9f8b7e5a30",' +
        '"name":"from a request","description":null,"options":{"live_progress_updates":null},"status":"pending",' +
        `"created_at":"${NOW}","updated_at":"${NOW}","error":null,"error_code":null,` +
        '"created_by_email":"owner@example.com","organization_id":"c2b7e4d8-0a3f-4f61-8d59-7e1c6b3a9f20","elements":[' +
        element(
          '5c05816c-2379-5779-83fa-88a86e51c0ba',
          'load file',
          1,
          'Direct Entry',
          '{"values":{"Ambient temperature [K]":298.15}}',
        ) +
        ',' +
        element(JSON.parse(body).elements[1].id, 'fit', 2, 'Data Fit', '{"objectives":{}}') +
        `]${strict ? '' : ',"is_terminal":false,"is_failed":false'}}`,
    )
  }
})

t.test('a created pipeline can be read, canceled and deleted like a pipeline of the fixtures', async (t) => {
  const { mock, ask, send } = await start(t)
  const { id, elements } = (await send('POST', '/pipelines', CONFIG)).json()
  t.match((await ask('GET', `/pipelines/${id}`)).json(), { id, status: 'pending' })
  t.strictSame((await ask('GET', `/pipelines/${id}/elements`)).json(), elements)
  t.strictSame((await ask('GET', `/pipelines/elements/${elements[1].id}`)).json(), elements[1])
  t.equal((await ask('GET', '/pipelines?project_id=p')).json().total, 2)
  t.strictSame(
    (await mock.pipelines.list()).map((one) => one.id),
    ['seeded', id],
  )
  t.match((await ask('POST', `/pipelines/${id}/cancel`)).json(), { id, status: 'canceled' })
  t.equal((await ask('GET', `/pipelines/elements/${elements[1].id}`)).json().status, 'canceled')

  for (const one of [id, 'seeded']) {
    const { status, headers, body } = await ask('DELETE', `/pipelines/${one}`, {
      headers: { 'content-type': 'nonsense' },
      body: '{',
    })
    t.strictSame([status, headers['content-type'], body], [204, 'application/json', ''], one)
    for (const path of [`/pipelines/${one}`, `/pipelines/${one}/elements`, `/pipelines/${one}/result`])
      t.equal((await ask('GET', path)).status, 422, path)
    t.equal((await ask('DELETE', `/pipelines/${one}`)).status, 422, `${one} is deleted`)
    t.equal((await send('PATCH', `/pipelines/${one}`, { name: 'x' })).status, 422)
    t.equal((await ask('POST', `/pipelines/${one}/cancel`)).status, 422)
  }
  t.equal((await ask('GET', `/pipelines/elements/${elements[1].id}`)).status, 422)
  t.equal((await ask('GET', '/pipelines?project_id=p')).body, '{"pipelines":[],"count":0,"total":0}')
  t.strictSame(await mock.pipelines.list(), [])

  await mock.reset()
  t.equal((await ask('GET', '/pipelines?project_id=p')).json().total, 1)
  t.equal((await send('POST', '/pipelines', CONFIG)).json().id, id, 'after a reset, the first new id is the same')
})

t.test('an element of a deleted pipeline is unknown', async (t) => {
  const fixtures = { pipelines: [{ id: 'a', name: 'a', elements: [{ id: 'e', name: 'e' }] }] }
  const { ask } = await start(t, { fixtures })
  t.equal((await ask('GET', '/pipelines/elements/e')).status, 200)
  t.equal((await ask('DELETE', '/pipelines/a')).status, 204)
  t.equal((await ask('GET', '/pipelines/elements/e')).status, 422)
})

t.test('created elements have the order of the request body', async (t) => {
  const { send } = await start(t)
  const names = ['2', '1', '__proto__', 'constructor', '10', 'a b', '', '0']
  const elements = names.map((name) => `${JSON.stringify(name)}:{"element_type":"validation"}`).join(',')
  const created = (await send('POST', '/pipelines', `{"project_id":"p","elements":{${elements}}}`)).json()
  t.strictSame(created.elements.map(nameOf), names)
})

t.test('a repeated key in a body keeps its first position and gets its last value', async (t) => {
  const { send } = await start(t)
  const entry = (x: number) => `{"element_type":"entry","x":${x}}`
  const table: [elements: string, names: string[], values: number[]][] = [
    [`"elements":{"2":${entry(1)},"1":${entry(2)},"2":${entry(3)}}`, ['2', '1'], [3, 2]],
    [`"elements":{"b":${entry(1)},"a":${entry(2)},"b":${entry(3)}}`, ['b', 'a'], [3, 2]],
    [`"elements":{"1":${entry(1)}},"elements":{"2":${entry(2)}}`, ['2'], [2]],
    [`"elements":{"a":${entry(1)}},"elements":{"b":${entry(2)}}`, ['b'], [2]],
    [`"elements":{"1":${entry(1)},"2":${entry(2)}},"elements":{"2":${entry(3)},"1":${entry(4)}}`, ['2', '1'], [3, 4]],
    [`"elements":{"2":${entry(1)}},"elements":null,"elements":{"3":${entry(2)},"1":${entry(3)}}`, ['3', '1'], [2, 3]],
    [`"elements":{"1":${entry(1)}},"elements":{"2":{"x":1},"2":${entry(2)}}`, ['2'], [2]],
    [`"elements":{"1":${entry(1)}},"\\u0065lements":{"2":${entry(2)}}`, ['2'], [2]],
    [`"more":{"elements":{"9":1}},"elements":{"2":${entry(1)}},"more":{"elements":{"8":1}}`, ['2'], [1]],
    [`"elements":{"2":{"elements":{"9":1},"element_type":"entry","x":1},"1":${entry(2)}}`, ['2', '1'], [1, 2]],
  ]
  for (const [elements, names, values] of table) {
    const { status, json } = await send('POST', '/pipelines', `{"project_id":"p",${elements}}`)
    t.equal(status, 201, elements)
    const created = json().elements ?? []
    t.strictSame(created.map(nameOf), names, elements)
    t.strictSame(
      created.map(({ job_config }: { job_config: { x: number } }) => job_config.x),
      values,
      elements,
    )
  }
  const { json } = await send('POST', '/pipelines', `{"project_id":"p","elements":{"1":${entry(1)}},"elements":{}}`)
  t.strictSame(json().elements, [])
})

t.test('every accepted element_type of a request becomes one of the published types', async (t) => {
  const { send } = await start(t)
  const types = {
    entry: 'Direct Entry',
    data_fit: 'Data Fit',
    array_data_fit: 'Data Fit',
    calculation: 'Calculation',
    validation: 'Validation',
    datafit: 'Data Fit',
    arraydatafit: 'Data Fit',
    'Direct Entry': 'Direct Entry',
    'Data Fit': 'Data Fit',
    'Array Data Fit': 'Data Fit',
    Calculation: 'Calculation',
    Validation: 'Validation',
  }
  const elements = Object.fromEntries(Object.keys(types).map((type) => [type, { element_type: type }]))
  const created = (await send('POST', '/pipelines', { project_id: 'p', elements })).json()
  t.strictSame(
    created.elements.map(({ element_type }: { element_type: string }) => element_type),
    Object.values(types),
  )
  t.match(created, { name: 'Untitled pipeline', description: null })
})

t.test('a request with an invalid or missing element_type gets a 422', async (t) => {
  const { send } = await start(t)
  const expected = "'entry', 'data_fit', 'array_data_fit', 'calculation' or 'validation'"
  const literal = (name: string, input: unknown) => ({
    type: 'literal_error',
    loc: ['body', 'elements', name, 'element_type'],
    msg: `Input should be ${expected}`,
    input,
    ctx: { expected },
  })
  const wrong = await send('POST', '/pipelines', {
    project_id: 'p',
    elements: { a: { element_type: 'fit' }, b: { x: 1 }, c: { element_type: 5 }, d: { element_type: 'toString' } },
  })
  t.strictSame(
    [wrong.status, wrong.json().detail],
    [
      422,
      [
        literal('a', 'fit'),
        { type: 'missing', loc: ['body', 'elements', 'b', 'element_type'], msg: 'Field required', input: { x: 1 } },
        literal('c', 5),
        literal('d', 'toString'),
      ],
    ],
  )
})

t.test('PATCH changes only the name and the description, and updated_at if one of them changes', async (t) => {
  const { ask, send } = await start(t)
  const before = (await ask('GET', '/pipelines/seeded')).json()
  const table: [change: object, effect: object][] = [
    [{}, {}],
    [{ name: null }, {}],
    [{ name: 'seeded' }, {}],
    [{ name: 'other' }, { name: 'other', updated_at: NOW }],
    [{ description: 'd' }, { name: 'other', description: 'd', updated_at: NOW }],
    [
      { description: null, status: 'failed' },
      { name: 'other', description: null, updated_at: NOW },
    ],
  ]
  for (const [change, effect] of table) {
    const { status, json } = await send('PATCH', '/pipelines/seeded', change)
    t.strictSame([status, json()], [200, { ...before, ...effect }], JSON.stringify(change))
  }
})

t.test('GET /pipelines/{pipeline_id}/result returns the results of elements and the merged values', async (t) => {
  const values = (...pairs: [string, unknown][]) => ({ parameter_values: Object.fromEntries(pairs) })
  const { ask } = await start(t, {
    fixtures: {
      pipelines: [
        {
          id: 'r',
          name: 'r',
          status: 'running',
          elements: [
            { name: '2', status: 'completed', result: values(['a', 1], ['b', 1]) },
            { name: '1', status: 'completed', result: values(['b', 2]) },
            { name: 'no values', status: 'completed', result: { fun: 0.1, parameter_values: 'none' } },
            { name: 'null values', status: 'completed', result: { parameter_values: null } },
            { name: 'pending' },
          ],
        },
        { id: 'empty', name: 'empty' },
      ],
    },
  })
  t.equal(
    (await ask('GET', '/pipelines/r/result')).body,
    '{"result":{"a":1,"b":2},"element_results":{"2":{"parameter_values":{"a":1,"b":1}},"1":{"parameter_values":{"b":2}},' +
      '"no values":{"fun":0.1,"parameter_values":"none"},"null values":{"parameter_values":null}}}',
  )
  t.equal((await ask('GET', '/pipelines/empty/result')).body, '{"result":{},"element_results":{}}')
  t.equal((await ask('GET', '/pipelines/nobody/result')).status, 422)
})
