import { elementResults, mergedResult } from '../../pipelines/result.js'
import type { PipelineState } from '../../pipelines/state.js'

/** Writes the results of a pipeline. Key by key, because an object would put elements named like `2` before all others. */
export function writeResult(state: PipelineState): string {
  const results = elementResults(state).map(([name, result]) => `${JSON.stringify(name)}:${JSON.stringify(result)}`)
  return `{"result":${JSON.stringify(mergedResult(state))},"element_results":{${results.join(',')}}}`
}
