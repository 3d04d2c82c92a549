/** A running pipeline of the shipped lab. */
export const FIT = '0d9f7a52-3c7b-4f0e-8a41-6b2f5c9e1d34'

/** The path that cancels a pipeline. */
export const cancelOf = (id) => `/pipelines/${id}/cancel`

/** The request that all subjects answer. */
export const CANCEL = cancelOf(FIT)

/** The id of the nth pipeline of a fixture that was made for the benchmark. */
export const idOf = (n) => `${n.toString(16).padStart(8, '0')}-3c7b-4f0e-8a41-6b2f5c9e1d34`
