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

/** Generates three versions of a pipeline. They share elements, and different elements share values. */
const versions = fc.array(element).chain((shared) => {
  const elements = fc.array(fc.oneof(element, ...shared.map((one) => fc.constant(one))))
  const version = fc.record({ pipeline, elements }) as unknown as fc.Arbitrary<PipelineState>
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

t.test('a change of a status does not weigh the configuration again', (t) => {
  const refuse = () => {
    throw new Error('weighed')
  }
  const job_config = new Proxy({}, { ownKeys: refuse })
  const version = (status: string) =>
    ({ pipeline: { name: 'p', options: {}, status }, elements: [{ name: 'e', job_config, status }] }) as never
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
