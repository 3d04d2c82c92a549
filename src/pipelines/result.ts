import type { PipelineState } from './state.js'

/** Returns the results of elements with their names, in the order of execution. Omits elements without a result. */
export const elementResults = ({
  elements,
}: PipelineState): [name: string, result: Readonly<Record<string, unknown>>][] =>
  elements.flatMap(({ name, result }) => (result === null ? [] : [[name, result]]))

/** Merges the `parameter_values` of all results. If several results have a key, the last one wins (assumed). */
export function mergedResult(state: PipelineState): Record<string, unknown> {
  const values = elementResults(state).map(([, { parameter_values }]) => parameter_values)
  return Object.fromEntries(values.flatMap((one) => Object.entries(typeof one === 'object' && one !== null ? one : {})))
}
