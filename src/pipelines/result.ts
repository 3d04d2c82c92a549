import type { PipelineState } from './state.js'

/** The results of elements by name, in the order of execution; elements without a result are left out. */
export const elementResults = ({
  elements,
}: PipelineState): [name: string, result: Readonly<Record<string, unknown>>][] =>
  elements.flatMap(({ name, result }) => (result === null ? [] : [[name, result]]))

/** The parameter values of all results; of one that several give, the last counts (assumed). */
export function mergedResult(state: PipelineState): Record<string, unknown> {
  const values = elementResults(state).map(([, { parameter_values }]) => parameter_values)
  return Object.fromEntries(values.flatMap((one) => Object.entries(typeof one === 'object' && one !== null ? one : {})))
}
