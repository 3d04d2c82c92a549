import type { PipelineState } from './state.js'

/** The results of the elements that have one, by name, in the order of execution. */
export const elementResults = ({
  elements,
}: PipelineState): [name: string, result: Readonly<Record<string, unknown>>][] =>
  elements.flatMap(({ name, result }) => (result === null ? [] : [[name, result]]))

/** All parameter values that the elements came to; of one that several give, the last counts (assumed). */
export function mergedResult(state: PipelineState): Record<string, unknown> {
  const values = elementResults(state).map(([, { parameter_values }]) => parameter_values)
  return Object.fromEntries(values.flatMap((one) => Object.entries(typeof one === 'object' && one !== null ? one : {})))
}
