import t from 'tap'
import type { Fixture } from '../src/index.js'
import { serve } from './support/serve.js'

const NOON = '2026-10-01T12:00:00Z'
const ERROR = { error: 'the fit did not converge', error_code: 'SOLVER_ERROR' } as const
const result = (x: number) => ({ parameter_values: { x } })

/**
 * Returns a fixture with one pipeline. Each of its four elements takes ten seconds. `third` is merged into the `mock`
 * key of the third element, and `cancel_takes` is the delay of a cancel.
 */
const fixtureOf = (third: object = {}, cancel_takes?: string): Fixture => ({
  pipelines: [
    {
      id: 'fit',
      name: 'LG M50 diffusivity fit',
      mock: { takes: '10s', ...(cancel_takes !== undefined && { cancel_takes }) },
      elements: [
        { name: 'known parameters', mock: { result: result(1) } },
        { name: 'volume fraction', element_type: 'Calculation', mock: { result: result(2) } },
        { name: 'fit diffusivity', element_type: 'Data Fit', mock: { result: result(3), ...third } },
        { name: 'validate', element_type: 'Validation' },
      ],
    },
  ],
})

const at = (ms: number) => {
  const text = new Date(Date.parse(NOON) + ms).toISOString()
  return text.endsWith('.000Z') ? text.replace('.000Z', 'Z') : text.replace('Z', '000Z')
}

interface Case {
  /** The time of the cancel, in milliseconds after the start. */
  readonly cancel: number
  readonly fixture?: Fixture
  /** The status of the pipeline in the response to the cancel. */
  readonly response: string
  /** For each element, the final status and the final `updated_at`, in milliseconds after the start. */
  readonly elements: [status: string, updated: number][]
  /** The final status of the pipeline, and its final `updated_at`, in milliseconds after the start. */
  readonly pipeline: [status: string, updated: number]
}

const table: Record<string, Case> = {
  'a cancel cancels the running third element': {
    cancel: 25_000,
    response: 'canceled',
    elements: [
      ['completed', 10_000],
      ['completed', 20_000],
      ['canceled', 25_000],
      ['canceled', 25_000],
    ],
    pipeline: ['canceled', 25_000],
  },
  'a cancel 1 ms before the end of the second element cancels that element': {
    cancel: 19_999,
    response: 'canceled',
    elements: [
      ['completed', 10_000],
      ['canceled', 19_999],
      ['canceled', 19_999],
      ['canceled', 19_999],
    ],
    pipeline: ['canceled', 19_999],
  },
  'a cancel at the end of the second element leaves that element completed': {
    cancel: 20_000,
    response: 'canceled',
    elements: [
      ['completed', 10_000],
      ['completed', 20_000],
      ['canceled', 20_000],
      ['canceled', 20_000],
    ],
    pipeline: ['canceled', 20_000],
  },
  'a cancel 1 ms after the end of the second element leaves that element completed': {
    cancel: 20_001,
    response: 'canceled',
    elements: [
      ['completed', 10_000],
      ['completed', 20_000],
      ['canceled', 20_001],
      ['canceled', 20_001],
    ],
    pipeline: ['canceled', 20_001],
  },
  'a cancel 1 ms before the end of the last element cancels that element': {
    cancel: 39_999,
    response: 'canceled',
    elements: [
      ['completed', 10_000],
      ['completed', 20_000],
      ['completed', 30_000],
      ['canceled', 39_999],
    ],
    pipeline: ['canceled', 39_999],
  },
  'a cancel at the end of the last element leaves the pipeline completed': {
    cancel: 40_000,
    response: 'completed',
    elements: [
      ['completed', 10_000],
      ['completed', 20_000],
      ['completed', 30_000],
      ['completed', 40_000],
    ],
    pipeline: ['completed', 40_000],
  },
  'if `cancel_takes` is shorter than the remaining time of the pipeline, a cancel takes effect during the last element':
    {
      fixture: fixtureOf({}, '12s'),
      cancel: 25_000,
      response: 'running',
      elements: [
        ['completed', 10_000],
        ['completed', 20_000],
        ['completed', 30_000],
        ['canceled', 37_000],
      ],
      pipeline: ['canceled', 37_000],
    },
  'if `cancel_takes` is longer than the remaining time of the pipeline, the pipeline completes before a cancel takes effect':
    {
      fixture: fixtureOf({}, '15001ms'),
      cancel: 25_000,
      response: 'running',
      elements: [
        ['completed', 10_000],
        ['completed', 20_000],
        ['completed', 30_000],
        ['completed', 40_000],
      ],
      pipeline: ['completed', 40_000],
    },
  'if `cancel_takes` equals the remaining time of the pipeline, the pipeline completes and is not canceled': {
    fixture: fixtureOf({}, '15s'),
    cancel: 25_000,
    response: 'running',
    elements: [
      ['completed', 10_000],
      ['completed', 20_000],
      ['completed', 30_000],
      ['completed', 40_000],
    ],
    pipeline: ['completed', 40_000],
  },
  'a cancel 1 ms before the failure of an element cancels that element': {
    fixture: fixtureOf({ ends_as: 'failed', ...ERROR }),
    cancel: 29_999,
    response: 'canceled',
    elements: [
      ['completed', 10_000],
      ['completed', 20_000],
      ['canceled', 29_999],
      ['canceled', 29_999],
    ],
    pipeline: ['canceled', 29_999],
  },
  'a cancel at the time when an element fails leaves the pipeline failed': {
    fixture: fixtureOf({ ends_as: 'failed', ...ERROR }),
    cancel: 30_000,
    response: 'failed',
    elements: [
      ['completed', 10_000],
      ['completed', 20_000],
      ['failed', 30_000],
      ['skipped', 30_000],
    ],
    pipeline: ['failed', 30_000],
  },
  'a cancel that takes effect after the failure of an element leaves the pipeline failed': {
    fixture: fixtureOf({ ends_as: 'failed', ...ERROR }, '10s'),
    cancel: 25_000,
    response: 'running',
    elements: [
      ['completed', 10_000],
      ['completed', 20_000],
      ['failed', 30_000],
      ['skipped', 30_000],
    ],
    pipeline: ['failed', 30_000],
  },
}

t.test('a cancel does not change elements that have ended when the cancel takes effect', async (t) => {
  for (const [title, { cancel, fixture = fixtureOf(), response, elements, pipeline }] of Object.entries(table))
    void t.test(title, async (t) => {
      const { mock, ask } = await serve(t, { fixtures: fixture, clock: `frozen@${NOON}` })
      const read = async () => ({
        pipeline: (await ask('GET', '/pipelines/fit')).json(),
        elements: (await ask('GET', '/pipelines/fit/elements')).json(),
      })
      await mock.clock.advance(`${cancel}ms`)
      t.equal((await ask('POST', '/pipelines/fit/cancel')).json().status, response)
      await ask('POST', '/pipelines/fit/cancel')
      await mock.clock.advance('60s')

      const after = await read()
      const ended = ({ status, updated_at }: { status: string; updated_at: string }) => [status, updated_at]
      t.strictSame(
        after.elements.map(ended),
        elements.map(([status, updated]) => [status, at(updated)]),
      )
      t.strictSame(ended(after.pipeline), [pipeline[0], at(pipeline[1])])
      const [first, second] = after.elements
      if (second.status === 'completed') t.strictSame([first.result, second.result], [result(1), result(2)])
      const { error, error_code } = after.pipeline
      t.strictSame({ error, error_code }, pipeline[0] === 'failed' ? ERROR : { error: null, error_code: null })

      await mock.clock.advance('24h')
      t.strictSame(await read(), after, 'the pipeline stays unchanged')
    })
})
