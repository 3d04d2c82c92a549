import { cancelPath, FIT } from '../test/support/lab.js'

/**
 * The request that the load generator sends to every server in the comparison (`subjects.ts`). All these servers are
 * set up to respond with the same body.
 */
export const CANCEL = { method: 'POST', path: cancelPath(FIT) }

/** Returns the id of pipeline number `n` in a generated fixture. Numbers start at 0. */
export const idOf = (n: number) => `${n.toString(16).padStart(8, '0')}-3c7b-4f0e-8a41-6b2f5c9e1d34`
