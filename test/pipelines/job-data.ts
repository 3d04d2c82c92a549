import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { complete } from '../../src/fixtures/complete.js'
import type { SeriesQuery } from '../../src/contract/index.js'
import type { Fixture } from '../../src/index.js'
import { findJob, type JobState } from '../../src/pipelines/job.js'
import { channelsOf, metadataOf, plotOf, seriesOf } from '../../src/pipelines/job-data.js'
import { runs } from '../support/runs.js'

type FixtureElement = NonNullable<Fixture['pipelines'][number]['elements']>[number]
type Mock = NonNullable<FixtureElement['mock']>

/** Returns the job of an element with the given value of the key `mock`. */
function jobWith(mock: Mock | undefined, status: FixtureElement['status'] = 'completed'): JobState {
  const element: FixtureElement = {
    name: 'fit',
    element_type: 'Data Fit',
    status,
    job_id: 'job',
    ...(mock && { mock }),
  }
  return findJob(complete({ name: 'p', elements: [element] }, 'p', '2026-10-01T12:00:00Z'), 'job') as JobState
}

type Channels = Record<string, (number | null)[]>

const ofChannels = (optimal: Channels) => jobWith({ series: { '1C': { optimal } } })
const read = (job: JobState, query: Partial<SeriesQuery> = {}) =>
  seriesOf(job, { objective: '1C', source: 'optimal', ...query })

const TIME = 'Time [s]'
const VOLTAGE = 'Voltage [V]'

t.test('a series has the points between `x_min` and `x_max`, at most `max_points` of them', async (t) => {
  const whole = ofChannels({ [TIME]: [0, 1, 2, 3, 4], [VOLTAGE]: [4.2, 4.1, 4, 3.9, 3.8] })
  const table: [query: Partial<SeriesQuery>, times: number[]][] = [
    [{}, [0, 1, 2, 3, 4]],
    [{ x_min: null, x_max: null, max_points: null }, [0, 1, 2, 3, 4]],
    [{ x_min: 1 }, [1, 2, 3, 4]],
    [{ x_max: 3 }, [0, 1, 2, 3]],
    [{ x_min: 1, x_max: 1 }, [1]],
    [{ x_min: 2.5, x_max: 2.6 }, []],
    [{ x_min: 3, x_max: 1 }, []],
    [{ x_min: NaN }, []],
    [{ x_min: -Infinity, x_max: Infinity }, [0, 1, 2, 3, 4]],
    [{ max_points: 1 }, [0]],
    [{ max_points: 2 }, [0, 4]],
    [{ max_points: 3 }, [0, 2, 4]],
    [{ max_points: 5 }, [0, 1, 2, 3, 4]],
    [{ max_points: 99 }, [0, 1, 2, 3, 4]],
    [{ max_points: 2, x_min: 1, x_max: 3 }, [1, 3]],
  ]
  for (const [query, times] of table) {
    const expected = { [TIME]: times, [VOLTAGE]: times.map((time) => [4.2, 4.1, 4, 3.9, 3.8][time]) }
    t.strictSame(read(whole, query), expected, JSON.stringify(query))
  }
})

t.test('a point whose x value is null is only in a series without `x_min` and `x_max`', async (t) => {
  const job = ofChannels({ [TIME]: [0, null, 2], [VOLTAGE]: [4.2, 4.1, null] })
  t.strictSame(read(job), { [TIME]: [0, null, 2], [VOLTAGE]: [4.2, 4.1, null] })
  t.strictSame(read(job, { x_min: -1 }), { [TIME]: [0, 2], [VOLTAGE]: [4.2, null] })
  t.strictSame(read(job, { x_max: 9 }), { [TIME]: [0, 2], [VOLTAGE]: [4.2, null] })
})

t.test('a series has `x_column` and the requested channels', async (t) => {
  const current = 'Current [A]'
  const channels = { [VOLTAGE]: [4, 3], [TIME]: [0, 1], [current]: [5, 5] }
  const table: [channels: Channels, query: Partial<SeriesQuery>, names: string[]][] = [
    [channels, {}, [VOLTAGE, TIME, current]],
    [channels, { columns: null, x_column: null }, [VOLTAGE, TIME, current]],
    [channels, { columns: VOLTAGE }, [TIME, VOLTAGE]],
    [channels, { columns: `${current},${VOLTAGE}` }, [TIME, current, VOLTAGE]],
    [channels, { columns: TIME }, [TIME]],
    [channels, { columns: `${VOLTAGE},${TIME},${VOLTAGE}` }, [TIME, VOLTAGE]],
    [channels, { columns: current, x_column: VOLTAGE }, [VOLTAGE, current]],
    [{ 'Z [Ohm]': [1], 'Frequency [Hz]': [2] }, { columns: 'Z [Ohm]' }, ['Frequency [Hz]', 'Z [Ohm]']],
    [{ 'Capacity [A.h]': [1], Q: [2] }, { columns: 'Q' }, ['Capacity [A.h]', 'Q']],
    [{}, {}, []],
  ]
  for (const [channels, query, names] of table) {
    const expected = Object.fromEntries(names.map((name) => [name, channels[name]]))
    t.strictSame(read(ofChannels(channels), query), expected, JSON.stringify(query))
    t.strictSame(Object.keys(read(ofChannels(channels), query)), names)
  }
  t.strictSame(read(ofChannels(channels), { x_column: VOLTAGE, x_max: 3.5 }), {
    [VOLTAGE]: [3],
    [TIME]: [1],
    [current]: [5],
  })
})

t.test('a part of a series that does not exist is named', async (t) => {
  const job = ofChannels({ [TIME]: [0] })
  const empty = ofChannels({})
  const inherited = ['__proto__', 'constructor', 'toString']
  const table: [job: JobState, query: Partial<SeriesQuery>, missing: string][] = [
    [jobWith(undefined), {}, 'objective 1C'],
    [jobWith({ metadata: {} }), {}, 'objective 1C'],
    [job, { objective: 'other' }, 'objective other'],
    [job, { source: 'baseline' }, 'source baseline of the objective 1C'],
    [job, { columns: VOLTAGE }, `column ${VOLTAGE} of the objective 1C`],
    [job, { columns: '' }, 'column  of the objective 1C'],
    [job, { x_column: VOLTAGE }, `column ${VOLTAGE} of the objective 1C`],
    [empty, { x_column: VOLTAGE }, `column ${VOLTAGE} of the objective 1C`],
    [empty, { columns: VOLTAGE }, `column ${TIME} of the objective 1C`],
    ...inherited.map((objective): [JobState, object, string] => [job, { objective }, `objective ${objective}`]),
    ...inherited.map((name): [JobState, object, string] => [
      job,
      { columns: name },
      `column ${name} of the objective 1C`,
    ]),
  ]
  for (const [job, query, missing] of table) t.equal(read(job, query), missing, JSON.stringify(query))
})

t.test('a reduced series keeps the order, its first and last point, and the length of all arrays', async (t) => {
  const value = fc.option(fc.integer({ min: -20, max: 20 }), { nil: null })
  const bound = fc.option(fc.integer({ min: -25, max: 25 }), { nil: undefined })
  const query = fc.record({
    max_points: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
    x_min: bound,
    x_max: bound,
  })
  fc.assert(
    fc.property(fc.array(value, { maxLength: 60 }), query, (x, { max_points = Infinity, x_min, x_max }) => {
      const position = x.map((_, i) => i)
      const given = { ...(max_points !== Infinity && { max_points }), x_min: x_min ?? null, x_max: x_max ?? null }
      const series = read(ofChannels({ position, x }), { x_column: 'x', ...given }) as Channels
      const inWindow = position.filter((i) => {
        const at = x[i] as number | null
        return (
          (x_min === undefined && x_max === undefined) || (at !== null && at >= (x_min ?? at) && at <= (x_max ?? at))
        )
      })
      const kept = series.position as number[]
      assert.deepEqual(
        series.x,
        kept.map((i) => x[i]),
        'the arrays have the same points',
      )
      assert.equal(kept.length, Math.min(inWindow.length, max_points))
      assert.ok(
        kept.every((i, k) => inWindow.includes(i) && (k === 0 || i > Number(kept[k - 1]))),
        'the order is kept',
      )
      assert.equal(kept[0], inWindow[0])
      if (max_points > 1) assert.equal(kept.at(-1), inWindow.at(-1))
    }),
    runs(5),
  )
  t.pass()
})

const trace = (name: string, x: (number | null)[], y = x) => ({ name, x, y })
const plotIn = (plots: Mock['plots'], plot_index = 0, window = {}) =>
  plotOf(jobWith(plots && { plots }), { objective_name: '1C', plot_index, max_points: 2000, ...window })

t.test('a plot has its traces, its layout, and the range of all its x values', async (t) => {
  const layout = { xaxis: { title: TIME } }
  const data = trace('data', [3, null, 1], [1, 2, 3])
  const model = trace('model', [-2, 0])
  const plots = {
    '1C': [
      { traces: [data, model], layout },
      { traces: [trace('empty', [null])] },
      { traces: [trace('no points', [])] },
    ],
  }
  t.strictSame(plotIn(plots), { traces: [data, model], layout, x_full_min: -2, x_full_max: 3 })
  const windowed = [trace('data', [1], [3]), trace('model', [0])]
  t.strictSame(
    plotIn(plots, 0, { x_min: 0, x_max: 2 }),
    { traces: windowed, layout, x_full_min: -2, x_full_max: 3 },
    '`x_min` and `x_max` apply to each trace, but not to the range',
  )
  for (const [index, one] of [1, 2].entries())
    t.strictSame(plotIn(plots, one), {
      ...{ traces: plots['1C'][index + 1]?.traces, layout: {} },
      ...{ x_full_min: null, x_full_max: null },
    })
})

t.test('`max_points` applies to each trace of a plot', async (t) => {
  const numbers = Array.from({ length: 1000 }, (_, i) => i)
  const plot = plotIn({ '1C': [{ traces: [trace('long', numbers), trace('short', [1, 2])] }] }, 0, { max_points: 100 })
  t.strictSame(
    plot?.traces.map(({ x, y }) => [x.length, y.length, x[0], x.at(-1)]),
    [
      [100, 100, 0, 999],
      [2, 2, 1, 2],
    ],
  )
})

t.test('a plot that does not exist is undefined', async (t) => {
  const plots = { '1C': [{ traces: [trace('data', [1])] }], none: [] }
  t.equal(plotIn(undefined), undefined)
  for (const plot_index of [1, 2, Infinity]) t.equal(plotIn(plots, plot_index), undefined)
  for (const objective_name of ['none', 'other', '__proto__', 'constructor'])
    t.equal(plotOf(jobWith({ plots }), { objective_name, plot_index: 0, max_points: 2000 }), undefined, objective_name)
})

t.test('the metadata of a job has the number of plots of each objective', async (t) => {
  const plots = { a: [{ traces: [trace('x', [1])] }, { traces: [trace('x', [1])] }], b: [] }
  const config = { objectives: { a: { plot_count: 2, type: null }, b: { plot_count: 0, type: null } } }
  const own = { objectives: { a: { plot_count: 9, type: 'Resistance' } } }
  const table: [mock: Mock | undefined, metadata: object | undefined, channels: object | undefined][] = [
    [undefined, undefined, undefined],
    [{ takes: '1s' }, undefined, undefined],
    [{ metadata: {} }, {}, {}],
    [{ metadata: { samples: [1] } }, { samples: [1] }, {}],
    [{ plots }, { validation_plot_config: config }, {}],
    [{ plots, metadata: { samples: 1 } }, { validation_plot_config: config, samples: 1 }, {}],
    [{ plots, metadata: { validation_plot_config: own } }, { validation_plot_config: own }, {}],
    [{ series: {} }, undefined, {}],
    [
      { series: { a: { optimal: { t: [1], V: [2] }, baseline: { t: [] } }, b: {} } },
      undefined,
      { a: { optimal: ['t', 'V'], baseline: ['t'] }, b: {} },
    ],
  ]
  for (const [mock, metadata, channels] of table) {
    t.strictSame(metadataOf(jobWith(mock)), metadata, JSON.stringify(mock))
    t.strictSame(channelsOf(jobWith(mock)), channels, JSON.stringify(mock))
  }
})

t.test('a job has data as soon as it has started', async (t) => {
  const mock = { metadata: { a: 1 }, series: { '1C': { optimal: { t: [1] } } } }
  for (const status of ['running', 'completed', 'failed', 'canceled'] as const)
    t.strictSame(metadataOf(jobWith(mock, status)), { a: 1 }, status)
  for (const status of ['pending', 'skipped'] as const)
    t.strictSame(metadataOf(jobWith(mock, status)), undefined, status)
  t.strictSame(channelsOf(jobWith(mock, 'pending')), undefined)
  t.equal(read(jobWith(mock, 'pending')), 'objective 1C')
})

t.test(
  'the names of inherited properties, such as __proto__, are valid names of objectives and channels',
  async (t) => {
    const channels = '{"__proto__":[1,2],"constructor":[3,4]}'
    const plots = '{"__proto__":[{"traces":[{"name":"__proto__","x":[1],"y":[2]}]}]}'
    const job = jobWith(
      JSON.parse(`{"series":{"__proto__":{"optimal":${channels}}},"plots":${plots},"metadata":{"__proto__":{"a":1}}}`),
    )
    const series = seriesOf(job, { objective: '__proto__', source: 'optimal', x_column: '__proto__', x_min: 2 })
    t.equal(JSON.stringify(series), '{"__proto__":[2],"constructor":[4]}')
    t.equal(JSON.stringify(channelsOf(job)), '{"__proto__":{"optimal":["__proto__","constructor"]}}')
    t.equal(
      JSON.stringify(metadataOf(job)),
      '{"validation_plot_config":{"objectives":{"__proto__":{"plot_count":1,"type":null}}},"__proto__":{"a":1}}',
    )
    t.match(plotOf(job, { objective_name: '__proto__', plot_index: 0, max_points: 100 }), { traces: [{ x: [1] }] })
  },
)

t.test('series and plots may have a million points', async (t) => {
  const numbers = Array.from({ length: 1_000_000 }, (_, i) => i)
  const job = jobWith({
    series: { '1C': { optimal: { [TIME]: numbers } } },
    plots: { '1C': [{ traces: [trace('a', numbers), trace('b', numbers)] }] },
  })
  t.strictSame(read(job, { max_points: 3 }), { [TIME]: [0, 500_000, 999_999] })
  t.equal((read(job) as Channels)[TIME]?.length, 1_000_000)
  const plot = plotOf(job, { objective_name: '1C', plot_index: 0, max_points: 100, x_min: 10, x_max: 999_000 })
  t.match(plot, { x_full_min: 0, x_full_max: 999_999, traces: [{ x: { 0: 10, 99: 999_000 } }, { x: { length: 100 } }] })
})
