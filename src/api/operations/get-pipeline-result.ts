import { elementResults, mergedResult } from '../../pipelines/result.js'
import type { PipelineState } from '../../pipelines/state.js'

/**
 * Returns the merged result of a pipeline and the results of its elements, as JSON. `element_results` is assembled as
 * text, because a JavaScript object would list integer keys, such as the element name `2`, before all other keys.
 */
export function writeResult(state: PipelineState): string {
  const results = elementResults(state).map(([name, result]) => `${JSON.stringify(name)}:${JSON.stringify(result)}`)
  return `{"result":${JSON.stringify(mergedResult(state))},"element_results":{${results.join(',')}}}`
}
