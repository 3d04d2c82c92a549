import { v5 as uuid } from 'uuid'

/** Names the ids that are made from names, so that they meet no other's. */
const NAMESPACE = '1b8e2c5a-7f40-4d93-b6a1-3c9d0e5f7a28'

/** The id of what is called that way, the same every time; of names in a row, each is within the one before it. */
export const idFrom = (...names: readonly string[]): string =>
  names.reduce((within, name) => uuid(name, within), NAMESPACE)
