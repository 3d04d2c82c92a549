import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { type PlotData, type PlotQuery, PlotTrace, type SeriesQuery, Values } from '../contract/index.js'
import { expected, Named, OpenObject } from '../contract/schema.js'
import { optionalKey } from './fields.js'
import { isBegun, type JobState } from './job.js'

/** Returns the schema of an object with any keys. The empty pattern matches every key. */
const byName = <S extends TSchema>(values: S) => Type.Record(Type.String({ pattern: '' }), values)

const Channels = byName(Values)
type Channels = Static<typeof Channels>

const Series = Named(
  'PlannedSeries',
  { optimal: Type.Optional(Channels), baseline: Type.Optional(Channels) },
  {
    title: 'Planned series',
    description:
      'The values of each channel, with the fitted parameters (optimal) and with the initial ones (baseline)',
  },
)

const Trace = Named('PlannedTrace', PlotTrace.properties, { title: 'Planned trace' })

const Plot = Named(
  'PlannedPlot',
  {
    traces: Type.Array(Trace, { minItems: 1, [expected]: 'an array of at least one trace' }),
    layout: Type.Optional(OpenObject()),
  },
  { title: 'Planned plot' },
)

/** The keys of `mock` in fixtures that contain the data of a job. */
export const JOB_DATA = {
  metadata: optionalKey(
    OpenObject(),
    'none',
    'Metadata of the job of the element: for example intermediate_results, or samples. If the job has plots, the key ' +
      'validation_plot_config is added',
  ),
  series: optionalKey(byName(Series), 'none', 'Series of the job of the element, by objective'),
  plots: optionalKey(byName(Type.Array(Plot)), 'none', 'Plots of the job of the element, by objective'),
}

/** Returns the data of a job. It is assumed that a job has no data before it starts. */
const dataOf = (job: JobState) => (isBegun(job) ? job.state.plan?.steps?.[job.index] : undefined) ?? {}

/**
 * Returns the metadata of a job, or undefined if it has none. If the job has plots, the official client finds their
 * number in `validation_plot_config`.
 */
export function metadataOf(job: JobState): Readonly<Record<string, unknown>> | undefined {
  const { metadata, plots } = dataOf(job)
  if (!plots) return metadata
  const counts = Object.entries(plots).map(([objective, { length }]) => [objective, { plot_count: length, type: null }])
  return { validation_plot_config: { objectives: Object.fromEntries(counts) as object }, ...metadata }
}

/**
 * Returns the names of the channels of a job, by objective and source. A job with metadata but without series has no
 * channels. Returns undefined if the job has neither.
 */
export function channelsOf(job: JobState): object | undefined {
  const { series } = dataOf(job)
  if (!series) return metadataOf(job) && {}
  return mapValues(series, (sources) => mapValues(sources, (channels) => Object.keys(channels)))
}

const mapValues = <V, W>(record: Readonly<Record<string, V>>, map: (value: V) => W): Record<string, W> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))

const get = <V>(record: Readonly<Record<string, V>> | undefined, key: string): V | undefined =>
  record && Object.hasOwn(record, key) ? record[key] : undefined

/** The channels that the official client names as the default `x_column`: for series over time, and for impedance. */
const X_COLUMNS = ['Time [s]', 'Frequency [Hz]'] as const

/**
 * Returns a series of a job: the channel `x_column`, followed by the requested channels. Returns a string that names
 * the part that does not exist. The client describes the parameters; the default of `x_column` for other channels,
 * and the order of the channels, are assumed.
 */
export function seriesOf(job: JobState, { objective, source, columns, x_column, ...window }: SeriesQuery) {
  const sources = get(dataOf(job).series, objective)
  if (!sources) return `objective ${objective}`
  const channels = sources[source]
  if (!channels) return `source ${source} of the objective ${objective}`
  const known = Object.keys(channels)
  if (known.length === 0 && x_column == null && columns == null) return {}
  const x = x_column ?? X_COLUMNS.find((name) => known.includes(name)) ?? known[0] ?? X_COLUMNS[0]
  const names = columns == null ? known : [...new Set([x, ...columns.split(',')])]
  const missing = [x, ...names].find((name) => !known.includes(name))
  if (missing !== undefined) return `column ${missing} of the objective ${objective}`
  const points = pointsIn(channels[x] as Channels[string], window)
  return Object.fromEntries(names.map((name) => [name, points.map((i) => channels[name]?.[i] ?? null)]))
}

/** Returns a plot of a job (documented). Returns undefined if the plot does not exist. */
export function plotOf(job: JobState, { objective_name, plot_index, ...window }: PlotQuery): PlotData | undefined {
  const plot = get(dataOf(job).plots, objective_name)?.[plot_index]
  if (!plot) return undefined
  let [x_full_min, x_full_max]: [number | null, number | null] = [null, null]
  for (const trace of plot.traces)
    for (const x of trace.x) {
      if (x === null) continue
      if (x_full_min === null || x < x_full_min) x_full_min = x
      if (x_full_max === null || x > x_full_max) x_full_max = x
    }
  const traces = plot.traces.map(({ name, x, y }) => {
    const points = pointsIn(x, window)
    return { name, x: points.map((i) => x[i] ?? null), y: points.map((i) => y[i] ?? null) }
  })
  return { traces, layout: plot.layout ?? {}, x_full_min, x_full_max }
}

type Window = Pick<SeriesQuery, 'max_points' | 'x_min' | 'x_max'>

/**
 * Returns the indices of the points between `x_min` and `x_max`, both included. If there are more than `max_points`,
 * returns evenly distributed ones, with the first and the last. How the real service selects points is unknown.
 */
function pointsIn(x: readonly (number | null)[], { max_points, x_min, x_max }: Window): number[] {
  const isWhole = x_min == null && x_max == null
  const [min, max] = [x_min ?? -Infinity, x_max ?? Infinity]
  const inside: number[] = []
  if (!isWhole) for (const [i, value] of x.entries()) if (value !== null && value >= min && value <= max) inside.push(i)
  const count = isWhole ? x.length : inside.length
  const length = Math.min(max_points ?? count, count)
  const step = length === count ? 1 : (count - 1) / Math.max(length - 1, 1)
  return Array.from({ length }, (_, k) => {
    const i = Math.round(k * step)
    return isWhole ? i : (inside[i] as number)
  })
}
