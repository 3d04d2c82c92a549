import type { PipelineElement } from '../contract/index.js'
import { isObject } from '../contract/schema.js'
import type { PipelineState } from './state.js'

/**
 * Returns the default result of a completed element. The result of an element of the type Direct Entry contains the
 * `values` of its configuration. The result of any other element is empty. All of this is assumed.
 */
export const defaultResult = ({
  element_type,
  job_config: { values },
}: Pick<PipelineElement, 'element_type' | 'job_config'>): Readonly<Record<string, unknown>> =>
  element_type === 'Direct Entry' && isObject(values) ? { parameter_values: values } : {}

/** Returns the name and the result of each element that has a result, in the order of execution. */
export const elementResults = ({
  elements,
}: PipelineState): [name: string, result: Readonly<Record<string, unknown>>][] =>
  elements.flatMap(({ name, result }) => (result === null ? [] : [[name, result]]))

/**
 * Merges the `parameter_values` of all results. If several results have the same key, the value in the last of these
 * results is used (assumed).
 */
export function mergedResult(state: PipelineState): Record<string, unknown> {
  const values = elementResults(state).map(([, { parameter_values }]) => parameter_values)
  return Object.fromEntries(values.flatMap((one) => Object.entries(typeof one === 'object' && one !== null ? one : {})))
}
