import type { PipelineState } from './state.js'

/** Freezes a value and all objects inside the value. Does not look inside an object that is already frozen. */
export function deepFreeze<T>(root: T): T {
  const rest: unknown[] = [root]
  while (rest.length > 0) {
    const value = rest.pop()
    if (typeof value !== 'object' || value === null || Object.isFrozen(value)) continue
    for (const inner of Object.values(Object.freeze(value))) rest.push(inner)
  }
  return root
}

/**
 * Freezes a pipeline and its elements. Does not freeze the values of elements, such as `job_config`: freezing a value
 * with a million objects or numbers would take longer than parsing, and would need up to three times the memory of the
 * value.
 */
export function freezeRecords(state: PipelineState): PipelineState {
  Object.freeze(state.pipeline.options)
  Object.freeze(state.pipeline)
  for (const element of Object.freeze(state.elements)) Object.freeze(element)
  return Object.freeze(state)
}

/** Freezes the values of elements, so that a caller who receives the elements cannot change a pipeline. */
export function freezeValues(elements: PipelineState['elements']): PipelineState['elements'] {
  for (const element of elements) for (const value of Object.values(element)) deepFreeze(value)
  return elements
}
