/**
 * The id of a running pipeline in the shipped fixtures. Two of its elements have completed, one is running and one is
 * pending.
 */
export const FIT = '0d9f7a52-3c7b-4f0e-8a41-6b2f5c9e1d34'

/** Returns the path of the request that cancels a pipeline. */
export const cancelPath = (id: string) => `/pipelines/${id}/cancel`

/** The body of a request that creates a pipeline with one element. */
export const CREATION = JSON.stringify({
  project_id: 'p',
  name: 'n',
  elements: { one: { element_type: 'entry', values: {} } },
})
