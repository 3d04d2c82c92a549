import { type Static, Type } from '@sinclair/typebox'
import { elementTypeOf, ElementTypeSpelling, type PipelineElement } from '../contract/index.js'
import { Closed, optional } from '../contract/schema.js'
import { Duration } from '../contract/values.js'
import { optionalKey } from './fields.js'
import { ElementMock, type Plan, planOf } from './plan.js'

const pattern = (what: string) => optionalKey(Type.String(), `any ${what}`, `Name of the ${what}; * matches any text`)

export const CreationPlan = Closed(
  {
    pipeline: pattern('pipeline'),
    element: pattern('element'),
    element_type: optional(ElementTypeSpelling, 'Type of the element. Default: any type.'),
    ...ElementMock.properties,
    cancel_takes: optionalKey(
      Duration,
      '0s',
      'Time from a cancel request until the cancel of the whole pipeline takes effect (3s)',
    ),
  },
  { $id: 'CreationPlan', title: 'Creation plan' },
)
/**
 * A plan for the elements of pipelines that clients create: how long an element runs, and how it ends. A plan applies
 * to the elements that match its keys `pipeline`, `element` and `element_type`. Its other keys are the same as in the
 * key `mock` of an element. If several plans match an element, the first of these plans applies.
 *
 * @example
 * { pipeline: 'LG M50*', element_type: 'Data Fit', takes: '30s', ends_as: 'failed', error_code: 'SOLVER_ERROR' }
 */
export type CreationPlan = Static<typeof CreationPlan>

type Element = Pick<PipelineElement, 'name' | 'element_type'>

/**
 * Returns the plan of a new pipeline with the given name and elements. The value of `cancel_takes` comes from the first
 * creation plan that has this key and matches an element.
 */
export function planFor(
  pipeline: string,
  elements: readonly Element[],
  plans: readonly CreationPlan[],
): Plan | undefined {
  const candidates = plans.filter((plan) => matchesName(pipeline, plan.pipeline))
  if (candidates.length === 0) return undefined
  const matches = ({ name, element_type }: Element, plan: CreationPlan) =>
    (plan.element_type === undefined || element_type === elementTypeOf(plan.element_type)) &&
    matchesName(name, plan.element)
  const mocks = elements.map((element) => stepOf(candidates.find((plan) => matches(element, plan))))
  const cancel_takes = candidates.find(
    (plan) => plan.cancel_takes !== undefined && elements.some((element) => matches(element, plan)),
  )?.cancel_takes
  return planOf(cancel_takes === undefined ? undefined : { cancel_takes }, mocks)
}

/** Returns the part of a plan that has the same keys as the key `mock` of an element. */
const stepOf = (plan: CreationPlan | undefined): ElementMock | undefined =>
  plan && Object.fromEntries(Object.entries(plan).filter(([key]) => Object.hasOwn(ElementMock.properties, key)))

/** Returns whether a name matches a pattern, in which `*` matches any text. Without a pattern, every name matches. */
function matchesName(name: string, pattern = '*'): boolean {
  const [start = '', ...rest] = pattern.split('*')
  const end = rest.pop()
  if (end === undefined) return name === start
  if (!name.startsWith(start)) return false
  let at = start.length
  for (const part of rest) {
    const found = name.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return name.length - end.length >= at && name.endsWith(end)
}
