import { cancelPath, FIT } from '../test/support/lab.js'

/** The request that all subjects receive under load. All subjects send the same body in response. */
export const CANCEL = { method: 'POST', path: cancelPath(FIT) }

/** Returns the id of the nth pipeline, from 0, of a generated fixture. */
export const idOf = (n: number) => `${n.toString(16).padStart(8, '0')}-3c7b-4f0e-8a41-6b2f5c9e1d34`
