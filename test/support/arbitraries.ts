import fc from 'fast-check'
import { ElementStatus, ElementType, JobErrorCode, PipelineStatus } from '../../src/contract/index.js'
import type { Fixture } from '../../src/index.js'

export const PIPELINE_STATUSES: readonly PipelineStatus[] = PipelineStatus.enum
export const ELEMENT_STATUSES: readonly ElementStatus[] = ElementStatus.enum

const name = fc.string({ unit: 'grapheme' })
const time = fc
  .date({ min: new Date('2000-01-01T00:00:00Z'), max: new Date('2100-01-01T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString())
const jsonObject = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })) as fc.Arbitrary<Record<string, unknown>>
const nullable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })

const duration = fc.nat(10_000).map((ms) => `${ms}ms`)
const takes = nullable(duration)

const values = (length: number) => fc.array(nullable(fc.integer()), { minLength: length, maxLength: length })

/** Generates the channels of a series. Their arrays have the same length. */
const channels = fc.nat(4).chain((length) => fc.dictionary(name, values(length), { maxKeys: 3 }))
const series = fc.record({ optimal: channels, baseline: channels }, { requiredKeys: [] })

const trace = fc.nat(4).chain((length) => fc.record({ name, x: values(length), y: values(length) }))
const plot = fc.record(
  { traces: fc.array(trace, { minLength: 1, maxLength: 2 }), layout: jsonObject },
  { requiredKeys: ['traces'] },
)

/**
 * Generates values of the key `mock` in elements: how long an element runs, how it ends, and the data of its job.
 */
const elementMock = fc.record(
  {
    takes,
    ends_as: fc.constantFrom('completed' as const, 'completed' as const, 'failed' as const),
    result: jsonObject,
    error: nullable(name),
    error_code: fc.constantFrom<JobErrorCode>(...JobErrorCode.enum),
    metadata: jsonObject,
    series: fc.dictionary(name, series, { maxKeys: 2 }),
    plots: fc.dictionary(name, fc.array(plot, { maxLength: 2 }), { maxKeys: 2 }),
  },
  { requiredKeys: [] },
)
const pipelineMock = fc.record({ takes, cancel_takes: duration }, { requiredKeys: [] })

const element = fc.record(
  {
    name,
    element_type: fc.constantFrom<ElementType>(...ElementType.enum),
    status: fc.constantFrom(...ELEMENT_STATUSES),
    updated_at: time,
    job_id: nullable(fc.uuid()),
    job_config: jsonObject,
    result: nullable(jsonObject),
    error_code: nullable(fc.constantFrom<JobErrorCode>(...JobErrorCode.enum)),
    mock: elementMock,
  },
  { requiredKeys: ['name'] },
)

/** Generates pipelines for fixtures. The status of a pipeline may contradict the statuses of its elements. */
export const pipeline = fc.record(
  {
    id: fc.uuid(),
    name,
    status: fc.constantFrom(...PIPELINE_STATUSES),
    description: nullable(name),
    user_id: nullable(fc.uuid()),
    created_at: time,
    updated_at: time,
    mock: pipelineMock,
    elements: fc.uniqueArray(element, { selector: ({ name }) => name, maxLength: 6 }),
  },
  { requiredKeys: ['id', 'name', 'elements'] },
) as fc.Arbitrary<Fixture['pipelines'][number] & { id: string; elements: object[] }>

/** Generates fixtures of one to five pipelines with distinct ids. */
export const fixture = fc
  .uniqueArray(pipeline, { selector: ({ id }) => id, minLength: 1, maxLength: 5 })
  .map((pipelines) => ({ pipelines }))

const activeType = fc.constantFrom<ElementType>('Data Fit', 'Data Fit', 'Validation', 'Direct Entry')

/**
 * Generates pending and running pipelines. Up to two elements at the start have completed. The next element is
 * running or pending, and all later elements are pending. Most elements are data fits, which have jobs.
 */
export const activePipeline = fc
  .record({
    completed: fc.nat(2),
    runs: fc.boolean(),
    mock: pipelineMock,
    waiting: fc.array(fc.record({ mock: elementMock, element_type: activeType }), { minLength: 1, maxLength: 4 }),
  })
  .map(({ completed, runs, mock, waiting }): Fixture['pipelines'][number] => ({
    name: 'active',
    status: runs || completed > 0 ? 'running' : 'pending',
    mock,
    elements: [
      ...Array.from({ length: completed }, (_, i) => ({ name: `done ${i}`, status: 'completed' as const })),
      ...waiting.map((element, i) => ({
        name: `to do ${i}`,
        ...element,
        status: runs && i === 0 ? ('running' as const) : ('pending' as const),
      })),
    ],
  }))
