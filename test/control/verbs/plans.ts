import { type CreationPlan, type MockControl } from '../../../src/index.js'
import { refused, statuses, testControl } from '../../support/control.js'

const ELEMENTS = {
  'load parameters': { element_type: 'entry', values: { 'Nominal cell capacity [A.h]': 5 } },
  'electrode fractions': { element_type: 'calculation' },
  'fit diffusivity': { element_type: 'data_fit' },
  'validate 0.5C': { element_type: 'validation' },
}

/** Creates a pipeline with four elements, and returns its id. */
async function create(mock: MockControl, name = 'LG M50 fit') {
  const body = JSON.stringify({ project_id: 'cells', name, elements: ELEMENTS })
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${mock.url}/pipelines`, { method: 'POST', headers, body })
  return ((await response.json()) as { id: string }).id
}

const resultsOf = async (mock: MockControl, id: string) =>
  ((await (await fetch(`${mock.url}/pipelines/${id}/result`)).json()) as { element_results: object }).element_results

testControl('a plan determines the duration and the results of a pipeline that is created later', async (t, mock) => {
  const parameter_values = { 'Positive particle diffusivity [m2.s-1]': 4e-15 }
  await mock.plans.add({ takes: '10s' })
  await mock.plans.add({ element_type: 'Data Fit', takes: '20s', result: { parameter_values } })
  const id = await create(mock)
  t.equal(await statuses(mock, id), 'running running pending pending pending')
  await mock.clock.advance('39s')
  t.equal(await statuses(mock, id), 'running completed completed running pending')
  await mock.clock.advance('11s')
  t.equal(await statuses(mock, id), 'completed completed completed completed completed')
  t.strictSame(await resultsOf(mock, id), {
    'load parameters': { parameter_values: ELEMENTS['load parameters'].values },
    'electrode fractions': {},
    'fit diffusivity': { parameter_values },
    'validate 0.5C': {},
  })
})

testControl('a plan can make an element of a created pipeline fail', async (t, mock) => {
  await mock.plans.add({ takes: '0s' })
  await mock.plans.add({ element: 'fit *', takes: '0s', ends_as: 'failed', error_code: 'SOLVER_ERROR', error: 'no' })
  const id = await create(mock)
  t.equal(await statuses(mock, id), 'failed completed completed failed skipped')
  t.match(await mock.pipelines.get(id), { error: 'no', error_code: 'SOLVER_ERROR' })
})

testControl('a plan with `cancel_takes` delays the cancel of a created pipeline', async (t, mock) => {
  await mock.plans.add({ element_type: 'Validation', cancel_takes: '3s' })
  const id = await create(mock)
  await fetch(`${mock.url}/pipelines/${id}/cancel`, { method: 'POST' })
  t.equal((await mock.pipelines.get(id)).status, 'pending')
  await mock.clock.advance('3s')
  t.equal((await mock.pipelines.get(id)).status, 'canceled')
})

testControl('a plan that is added later applies first', async (t, mock) => {
  const plans: CreationPlan[] = [
    { pipeline: 'LG*', takes: '1s' },
    { element_type: 'Direct Entry', takes: '2s' },
  ]
  for (const plan of plans) await mock.plans.add(plan)
  t.strictSame(await mock.plans.list(), [...plans].reverse())
})

testControl('a plan matches names in which * stands for any text', async (t, mock) => {
  const table: [pattern: string, name: string, matches: boolean][] = [
    ['', 'a', false],
    ['a', 'a', true],
    ['a', 'ab', false],
    ['*', 'any', true],
    ['a*', 'ab', true],
    ['a*', 'ba', false],
    ['*a', 'ba', true],
    ['*a', 'ab', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['a*b*c', 'a-c', false],
    ['*x*', 'a.x.b', true],
    ['.*', 'ab', false],
  ]
  for (const [pipeline, name, matches] of table) {
    await mock.reset()
    await mock.plans.add({ pipeline, takes: '0s' })
    const status = (await mock.pipelines.get(await create(mock, name))).status
    t.equal(status, matches ? 'completed' : 'pending', `${pipeline} and ${name}`)
  }
})

testControl('a reset, a restored snapshot and a seed restore the plans', async (t, mock) => {
  const takes = { takes: '1s' }
  await mock.snapshot('none')
  await mock.plans.add(takes)
  await mock.snapshot('one')
  await mock.restore('none')
  t.strictSame(await mock.plans.list(), [])
  await mock.restore('one')
  t.strictSame(await mock.plans.list(), [takes])
  await mock.reset('data')
  t.strictSame(await mock.plans.list(), [])
  await mock.seed({ plans: [takes], pipelines: [] })
  t.strictSame(await mock.plans.list(), [takes])
  t.strictSame((await mock.state()).plans, [takes])
  await mock.seed({ pipelines: [] })
  t.strictSame(await mock.plans.list(), [])
})

testControl('the plans of added fixtures take precedence over all other plans', async (t, mock) => {
  await mock.plans.add({ takes: '1s' })
  await mock.pipelines.add({ plans: [{ takes: '2s' }], pipelines: [] })
  t.strictSame(await mock.plans.list(), [{ takes: '2s' }, { takes: '1s' }])
})

testControl('an invalid plan is rejected', async (t, mock) => {
  const table: [plan: object, code: 'invalid_value' | 'unknown_key', key: string][] = [
    [{ takes: '-1s' }, 'invalid_value', 'takes'],
    [{ element_type: 'data' }, 'invalid_value', 'element_type'],
    [{ take: '1s' }, 'unknown_key', 'take'],
  ]
  for (const [plan, code, key] of table)
    await t.rejects(mock.plans.add(plan as CreationPlan), refused(400, 'invalid_request', [code, key]))
})

testControl('a sandbox has at most 1000 plans', async (t, mock) => {
  await mock.seed({ plans: Array.from({ length: 1000 }, () => ({})), pipelines: [] })
  await t.rejects(mock.plans.add({}), refused(422, 'too_many_plans'))
})
