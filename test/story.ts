import t from 'tap'
import type { Fixture } from '../src/index.js'
import { serve } from './fixtures/serve.js'

const NOON = '2026-10-01T12:00:00Z'
const ERROR = { error: 'the fit did not converge', error_code: 'SOLVER_ERROR' } as const
const result = (x: number) => ({ parameter_values: { x } })

/** Four elements of ten seconds each; what the third comes to, and how long a cancel takes, is for each telling to say. */
const told = (third: object = {}, cancel_takes?: string): Fixture => ({
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

interface Telling {
  /** When the cancel is called, in milliseconds. */
  readonly cancel: number
  readonly fixture?: Fixture
  /** The status in the answer of the cancel. */
  readonly answers: string
  /** What the elements have come to in the end, and when in milliseconds. */
  readonly elements: [status: string, updated: number][]
  readonly pipeline: [status: string, updated: number]
}

const table: Record<string, Telling> = {
  'in the middle of the third': {
    cancel: 25_000,
    answers: 'canceled',
    elements: [
      ['completed', 10_000],
      ['completed', 20_000],
      ['canceled', 25_000],
      ['canceled', 25_000],
    ],
    pipeline: ['canceled', 25_000],
  },
  'one millisecond before the second ends': {
    cancel: 19_999,
    answers: 'canceled',
    elements: [
      ['completed', 10_000],
      ['canceled', 19_999],
      ['canceled', 19_999],
      ['canceled', 19_999],
    ],
    pipeline: ['canceled', 19_999],
  },
  'at the very instant at which the second ends': {
    cancel: 20_000,
    answers: 'canceled',
    elements: [
      ['completed', 10_000],
      ['completed', 20_000],
      ['canceled', 20_000],
      ['canceled', 20_000],
    ],
    pipeline: ['canceled', 20_000],
  },
  'one millisecond after the second ends': {
    cancel: 20_001,
    answers: 'canceled',
    elements: [
      ['completed', 10_000],
      ['completed', 20_000],
      ['canceled', 20_001],
      ['canceled', 20_001],
    ],
    pipeline: ['canceled', 20_001],
  },
  'one millisecond before the last ends': {
    cancel: 39_999,
    answers: 'canceled',
    elements: [
      ['completed', 10_000],
      ['completed', 20_000],
      ['completed', 30_000],
      ['canceled', 39_999],
    ],
    pipeline: ['canceled', 39_999],
  },
  'at the very instant at which the last ends': {
    cancel: 40_000,
    answers: 'completed',
    elements: [
      ['completed', 10_000],
      ['completed', 20_000],
      ['completed', 30_000],
      ['completed', 40_000],
    ],
    pipeline: ['completed', 40_000],
  },
  'with a cancel that takes less than what is left': {
    fixture: told({}, '12s'),
    cancel: 25_000,
    answers: 'running',
    elements: [
      ['completed', 10_000],
      ['completed', 20_000],
      ['completed', 30_000],
      ['canceled', 37_000],
    ],
    pipeline: ['canceled', 37_000],
  },
  'with a cancel that takes longer than what is left': {
    fixture: told({}, '15001ms'),
    cancel: 25_000,
    answers: 'running',
    elements: [
      ['completed', 10_000],
      ['completed', 20_000],
      ['completed', 30_000],
      ['completed', 40_000],
    ],
    pipeline: ['completed', 40_000],
  },
  'with a cancel that takes as long as what is left': {
    fixture: told({}, '15s'),
    cancel: 25_000,
    answers: 'running',
    elements: [
      ['completed', 10_000],
      ['completed', 20_000],
      ['completed', 30_000],
      ['completed', 40_000],
    ],
    pipeline: ['completed', 40_000],
  },
  'while an element runs that would fail': {
    fixture: told({ ends_as: 'failed', ...ERROR }),
    cancel: 29_999,
    answers: 'canceled',
    elements: [
      ['completed', 10_000],
      ['completed', 20_000],
      ['canceled', 29_999],
      ['canceled', 29_999],
    ],
    pipeline: ['canceled', 29_999],
  },
  'after an element has failed': {
    fixture: told({ ends_as: 'failed', ...ERROR }),
    cancel: 30_000,
    answers: 'failed',
    elements: [
      ['completed', 10_000],
      ['completed', 20_000],
      ['failed', 30_000],
      ['skipped', 30_000],
    ],
    pipeline: ['failed', 30_000],
  },
  'with a cancel that an element does not live to see': {
    fixture: told({ ends_as: 'failed', ...ERROR }, '10s'),
    cancel: 25_000,
    answers: 'running',
    elements: [
      ['completed', 10_000],
      ['completed', 20_000],
      ['failed', 30_000],
      ['skipped', 30_000],
    ],
    pipeline: ['failed', 30_000],
  },
}

t.test('a pipeline of four elements is canceled', async (t) => {
  for (const [title, { cancel, fixture = told(), answers, elements, pipeline }] of Object.entries(table))
    t.test(title, async (t) => {
      const { mock, ask } = await serve(t, { fixtures: fixture, clock: `frozen@${NOON}` })
      const read = async () => ({
        pipeline: (await ask('GET', '/pipelines/fit')).json(),
        elements: (await ask('GET', '/pipelines/fit/elements')).json(),
      })
      await mock.clock.advance(`${cancel}ms`)
      t.equal((await ask('POST', '/pipelines/fit/cancel')).json().status, answers)
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
      t.strictSame(await read(), after, 'and stays as it is')
    })
})
