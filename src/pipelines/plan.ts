import type { Static } from '@sinclair/typebox'
import { JobErrorCode, PipelineElement } from '../contract/index.js'
import { Closed, Nullable, StringEnum } from '../contract/schema.js'
import { Duration } from '../contract/values.js'
import { nonNegativeDuration } from '../time/relative.js'
import { optionalKey } from './fields.js'

const { result, error } = PipelineElement.properties

const takes = (whose: string, otherwise: string) =>
  optionalKey(
    Nullable(Duration),
    otherwise,
    `How long ${whose} from its start (30s, PT30S); null: until something is done to it, and if it is the first, it does not start by itself`,
  )

/** The key `mock` of an element in fixtures: what becomes of it by itself. */
export const ElementMock = Closed(
  {
    takes: takes('the element runs', "what the pipeline's says"),
    ends_as: optionalKey(StringEnum(['completed', 'failed']), 'completed', 'Its status then'),
    result: optionalKey(result, 'its result before, also for null', 'Its result if it completes'),
    error: optionalKey(error, 'null', 'Text for people if it fails'),
    error_code: optionalKey(Nullable(JobErrorCode), 'null', 'If it fails'),
  },
  { title: 'What becomes of the element' },
)
export type ElementMock = Static<typeof ElementMock>

/** The key `mock` of a pipeline in fixtures: what becomes of it by itself. */
export const PipelineMock = Closed(
  {
    takes: takes('each element runs that does not say so itself', 'what --progress says'),
    cancel_in: optionalKey(Duration, 'none was', 'A cancel that was asked for takes effect so long after the start'),
    cancel_takes: optionalKey(Duration, 'at once', 'How long after its call a cancel takes effect (3s)'),
  },
  { title: 'What becomes of the pipeline' },
)
export type PipelineMock = Static<typeof PipelineMock>

const DURATIONS = ['takes', 'cancel_in', 'cancel_takes'] as const
type DurationKey = (typeof DURATIONS)[number]

/** The same keys, with durations in milliseconds. */
type InMilliseconds<M> = { readonly [K in keyof M]: K extends DurationKey ? Extract<M[K], null> | number : M[K] }

/** What becomes of an element by itself. */
export type Step = InMilliseconds<ElementMock>

/** What becomes of a pipeline by itself, and of each of its elements, in their order. */
export type Plan = InMilliseconds<PipelineMock> & { readonly steps?: readonly Step[] }

/** The plan that fixtures have for a pipeline and its elements; undefined if they have none. */
export function planOf(mock: PipelineMock | undefined, mocks: readonly (ElementMock | undefined)[]): Plan | undefined {
  const hasSteps = mocks.some(Boolean)
  if (!mock && !hasSteps) return undefined
  const steps = mocks.map((one): Step => mapDurations(one, milliseconds))
  return { ...mapDurations(mock, milliseconds), ...(hasSteps && { steps }) }
}

/** The keys `mock` that fixtures have for a plan, the inverse of `planOf`. */
export const mockOf = ({ steps: _, ...plan }: Plan): PipelineMock => mapDurations(plan, text)
export const elementMockOf = (step: Step): ElementMock => mapDurations(step, text)

const milliseconds = (duration: string) => nonNegativeDuration(duration) as number
const text = (ms: number) => `${ms}ms`

function mapDurations(record: object | undefined, map: (value: never) => string | number): object {
  const mapped: Record<string, unknown> = { ...record }
  for (const key of DURATIONS) {
    const duration = mapped[key]
    if (duration !== undefined && duration !== null) mapped[key] = map(duration as never)
  }
  return mapped
}
