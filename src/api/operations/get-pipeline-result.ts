import { elementResults, mergedResult } from '../../pipelines/result.js'
import type { PipelineState } from '../../pipelines/state.js'

/**
 * Returns the results of a pipeline as JSON. The object is written by hand: JavaScript would list integer keys, such
 * as an element name `2`, before all others.
 */
export function writeResult(state: PipelineState): string {
  const results = elementResults(state).map(([name, result]) => `${JSON.stringify(name)}:${JSON.stringify(result)}`)
  return `{"result":${JSON.stringify(mergedResult(state))},"element_results":{${results.join(',')}}}`
}
