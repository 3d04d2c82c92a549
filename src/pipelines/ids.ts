import { hash } from 'node:crypto'

/** UUID namespace of the ids that `idFrom` returns for a single name. */
const NAMESPACE = '1b8e2c5a-7f40-4d93-b6a1-3c9d0e5f7a28'

/**
 * Returns an id that depends only on the names: the UUIDv5 of the last name. The namespace is the result of `idFrom`
 * for the preceding names or, if there are none, `NAMESPACE`.
 */
export const idFrom = (...names: readonly string[]): string =>
  names.reduce((within, name) => uuidsIn(within)(name), NAMESPACE)

/** Returns a function equivalent to `(second) => idFrom(name, second)` that hashes `name` only once. */
export const idsWithin = (name: string): ((name: string) => string) => uuidsIn(idFrom(name))

/** Returns whether an id has the form of a generated id: a UUIDv5 in lower case. */
export const isGeneratedId = (id: string): boolean =>
  id.length === 36 && /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)

/**
 * Returns a function that computes the UUIDv5 (RFC 9562) of a name in the namespace. This function is not from a
 * package, because a large seed needs a million UUIDs, and the existing packages take ten times as long.
 */
export function uuidsIn(namespace: string): (name: string) => string {
  const prefix = Buffer.from(namespace.replaceAll('-', ''), 'hex')
  return (name) => {
    const hex = hash('sha1', Buffer.concat([prefix, Buffer.from(name)]))
    const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) % 4)
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
  }
}
