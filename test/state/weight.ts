import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { PipelineState } from '../../src/pipelines/state.js'
import { growthOf, rememberWeight, weightOf, weightOfPipeline } from '../../src/state/weight.js'
import { runs } from '../support/runs.js'

const VALUES = [null, {}, { a: 'x'.repeat(100) }, { b: [1, 2, 3] }]
const OPTIONS = [{ live_progress_updates: null }, { live_progress_updates: true }]

const value = fc.constantFrom(...VALUES)
const element = fc.record({ name: fc.string(), job_config: value, result: value })
const pipeline = fc.record({ name: fc.string(), options: fc.constantFrom(...OPTIONS) })

const STEPS = [undefined, [], [{ metadata: { a: 'x'.repeat(100) } }]]
const plan = fc.option(fc.record({ takes: fc.nat(), steps: fc.constantFrom(...STEPS) }), { nil: undefined })

/**
 * Generates three versions of a pipeline. They share elements and plans, and different elements share values. Either
 * all versions or none have a plan with the objects of a creation plan.
 */
const versions = fc.tuple(fc.array(element), fc.boolean()).chain(([shared, sharesPlan]) => {
  const elements = fc.array(fc.oneof(element, ...shared.map((one) => fc.constant(one))))
  const version = fc
    .record({ pipeline, elements, plan })
    .map((state) => ({ ...state, sharesPlan })) as unknown as fc.Arbitrary<PipelineState>
  return fc.tuple(version, version, fc.option(version, { nil: undefined }))
})

t.test('the growth from one version of a pipeline to another is the difference of their weights', (t) => {
  fc.assert(
    fc.property(versions, ([next, stored, seeded]) => {
      const difference = weightOfPipeline(next, seeded) - weightOfPipeline(stored, seeded)
      assert.equal(growthOf(next, stored, seeded), difference)
    }),
    runs(),
  )
  t.end()
})

t.test('a plan is weighed unless its objects are also part of the seed or of a creation plan', (t) => {
  const plan = { takes: 1, steps: [{ metadata: { a: 'x'.repeat(1000) } }] }
  const state = { pipeline: { name: 'p', options: {} }, elements: [] } as never as PipelineState
  const bare = weightOfPipeline(state)
  t.ok(weightOfPipeline({ ...state, plan }) > bare + 1000)
  t.equal(weightOfPipeline({ ...state, plan, sharesPlan: true }), bare)
  t.ok(weightOfPipeline({ ...state, plan: { ...plan, takes: 2 } }, { ...state, plan }) < bare + 100)
  t.equal(weightOfPipeline({ ...state, plan: { takes: 2 } }), bare, 'a plan without steps')
  t.end()
})

t.test('the strings of a pipeline count twice, because responses with them are cached', (t) => {
  const weightWith = (texts: object) =>
    weightOfPipeline({ pipeline: { name: '', options: {}, ...texts }, elements: [] } as never)
  for (const key of ['id', 'project_id', 'name', 'description', 'error'])
    t.equal(weightWith({ [key]: 'x'.repeat(1000) }) - weightWith({}), 2000, key)
  t.end()
})

t.test('an array or object takes as much memory as if it were empty, and its items or values in addition', (t) => {
  const items = [null, 1.5, 'text', [], {}, [1, { a: [true] }]]
  const all = items.reduce<number>((sum, item) => sum + weightOf(item), 0)
  t.equal(weightOf(items), weightOf([]) + all)
  const object = Object.fromEntries(items.map((item, i) => [`k${i}`, item]))
  const key = weightOf({ k0: null }) - weightOf({}) - weightOf(null)
  t.equal(weightOf(object), weightOf({}) + all + items.length * key)
  t.ok(weightOf([]) > 0)
  t.equal(weightOf({ longer: 1 }) - weightOf({ k0: 1 }), 4, 'each character of a key counts')
  t.end()
})

t.test('the parts that a pipeline shares with its seeded version do not count', (t) => {
  const state = {
    pipeline: { name: '', options: {} },
    elements: [{ name: '', job_config: {} }],
  } as never as PipelineState
  const weightBeside = (seeded: object) => weightOfPipeline(state, seeded as PipelineState)
  const whole = weightOfPipeline(state)
  const withoutElement = weightBeside({ pipeline: {}, elements: state.elements })
  t.ok(withoutElement < whole)
  t.ok(weightBeside({ pipeline: state.pipeline, elements: [] }) < whole)
  t.ok(weightBeside({ pipeline: {}, elements: [{ job_config: state.elements[0]?.job_config }] }) < whole)
  t.ok(weightBeside(state) < withoutElement)
  t.end()
})

t.test('a change of a status does not weigh the configuration again', (t) => {
  const refuse = () => {
    throw new Error('weighed')
  }
  const [job_config, metadata] = [new Proxy({}, { ownKeys: refuse }), new Proxy({}, { ownKeys: refuse })]
  const steps = [{ metadata }]
  const version = (status: string) =>
    ({
      ...{ pipeline: { name: 'p', options: {}, status }, elements: [{ name: 'e', job_config, status }] },
      plan: { steps, takes: status.length },
    }) as never
  t.throws(() => weightOfPipeline(version('running')))
  t.type(growthOf(version('canceled'), version('running')), 'number')
  t.end()
})

t.test('the weight of a string with a character outside ASCII counts two bytes for each code unit', (t) => {
  const rest = weightOf('')
  t.equal(weightOf('x'.repeat(1000)) - rest, 1000)
  t.equal(weightOf(`🔋${'x'.repeat(998)}`) - rest, 2000)
  t.end()
})

t.test('an object whose weight is remembered is not weighed again', (t) => {
  const refuse = () => {
    throw new Error('weighed')
  }
  const value = new Proxy({}, { ownKeys: refuse })
  t.throws(() => weightOf(value))
  rememberWeight(value, 1234)
  t.equal(weightOf(value), 1234)
  t.end()
})
