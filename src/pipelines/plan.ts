import type { Static } from '@sinclair/typebox'
import { JobErrorCode, PipelineElement } from '../contract/index.js'
import { Closed, Nullable, StringEnum } from '../contract/schema.js'
import { Duration } from '../contract/values.js'
import { durationText, nonNegativeDuration } from '../time/duration.js'
import { optionalKey } from './fields.js'
import { JOB_DATA } from './job-data.js'

const { result, error } = PipelineElement.properties

const takes = (subject: string, defaultText: string) =>
  optionalKey(
    Nullable(Duration),
    defaultText,
    `How long ${subject} runs (30s, PT30S). null: the element starts by itself only when the previous ` +
      'element completes, and runs until a request or a test ends it',
  )

/**
 * The key `mock` of an element in fixtures: how long the element runs, how the element ends, and the data of the job
 * of the element.
 */
export const ElementMock = Closed(
  {
    takes: takes('the element', '`takes` of the pipeline'),
    ends_as: optionalKey(StringEnum(['completed', 'failed']), 'completed', 'Status of the element when it ends'),
    result: optionalKey(
      result,
      'the `result` of the element or, if it is null, {}; for a Direct Entry, its values as parameter_values',
      'New `result` of the element if the element completes. null: the `result` does not change',
    ),
    error: optionalKey(error, 'null', 'Error message for people, if the element fails'),
    error_code: optionalKey(Nullable(JobErrorCode), 'null', 'Error code, if the element fails'),
    ...JOB_DATA,
  },
  { $id: 'ElementPlan', title: 'Element plan' },
)
export type ElementMock = Static<typeof ElementMock>

/** The key `mock` of a pipeline in fixtures: how long the elements run, and when a cancel takes effect. */
export const PipelineMock = Closed(
  {
    takes: takes('each element without its own `takes`, or a pipeline without elements,', 'the value of --progress'),
    elapsed: optionalKey(
      Duration,
      '0s',
      'How long the current element, or a pipeline without elements, has run when a sandbox loads the pipeline (20s)',
    ),
    cancel_in: optionalKey(
      Duration,
      'no pending cancel',
      'Time from when a sandbox loads the pipeline until a pending cancel takes effect (3s)',
    ),
    cancel_takes: optionalKey(Duration, '0s', 'Time from a cancel request until the cancel takes effect (3s)'),
  },
  { $id: 'PipelinePlan', title: 'Pipeline plan' },
)
export type PipelineMock = Static<typeof PipelineMock>

const DURATIONS = ['takes', 'elapsed', 'cancel_in', 'cancel_takes'] as const
type DurationKey = (typeof DURATIONS)[number]

/** The type of a `mock` object whose durations are converted to milliseconds. */
type InMilliseconds<M> = { readonly [K in keyof M]: K extends DurationKey ? Extract<M[K], null> | number : M[K] }

/** The plan of an element: how long the element runs, how the element ends, and the data of its job. */
export type Step = InMilliseconds<ElementMock>

/**
 * The plan of a pipeline: how the pipeline progresses by itself. `steps` contains the plan of each element, in the
 * order of execution. `steps` is absent if no element has a plan.
 */
export type Plan = InMilliseconds<PipelineMock> & { readonly steps?: readonly Step[] }

/**
 * Combines the `mock` objects of a pipeline and its elements into a plan. Returns undefined if neither the pipeline
 * nor any element has a `mock` object.
 */
export function planOf(mock: PipelineMock | undefined, mocks: readonly (ElementMock | undefined)[]): Plan | undefined {
  const hasSteps = mocks.some(Boolean)
  if (!mock && !hasSteps) return undefined
  const steps = mocks.map((one): Step => mapDurations(one, milliseconds))
  return { ...mapDurations(mock, milliseconds), ...(hasSteps && { steps }) }
}

/**
 * Returns how long the element at index `i` runs, in milliseconds. If there is no such element, returns how long a
 * pipeline without elements runs. Returns null if the element or the pipeline does not end by itself.
 */
export function runningTimeOf(plan: Plan | undefined, i: number): number | null {
  const own = plan?.steps?.[i]?.takes
  return own === undefined ? (plan?.takes ?? null) : own
}

/** Converts a plan to the `mock` object of a pipeline. */
export const mockOf = ({ steps: _, ...plan }: Plan): PipelineMock => mapDurations(plan, durationText)

/** Converts the plan of an element to the `mock` object of the element. */
export const elementMockOf = (step: Step): ElementMock => mapDurations(step, durationText)

const milliseconds = (duration: string) => nonNegativeDuration(duration) as number

function mapDurations(record: object | undefined, map: (value: never) => string | number): object {
  const mapped: Record<string, unknown> = { ...record }
  for (const key of DURATIONS) {
    const duration = mapped[key]
    if (duration !== undefined && duration !== null) mapped[key] = map(duration as never)
  }
  return mapped
}
