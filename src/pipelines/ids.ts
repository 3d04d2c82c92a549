import { hash } from 'node:crypto'

/** Names the ids that are made from names, so that they meet no other's. */
const NAMESPACE = '1b8e2c5a-7f40-4d93-b6a1-3c9d0e5f7a28'

/** The id of what is called that way, the same every time; of names in a row, each is within the one before it. */
export const idFrom = (...names: readonly string[]): string =>
  names.reduce((within, name) => uuidsIn(within)(name), NAMESPACE)

/** The same for many names within one thing. */
export const idsWithin = (name: string): ((name: string) => string) => uuidsIn(idFrom(name))

/** Whether an id may be one of these. */
export const isMadeId = (id: string): boolean =>
  id.length === 36 && /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)

/** UUIDs of version 5 (RFC 9562). By hand, for a large seed wants a million of them, and any package takes ten times as long. */
export function uuidsIn(namespace: string): (name: string) => string {
  const prefix = Buffer.from(namespace.replaceAll('-', ''), 'hex')
  return (name) => {
    const hex = hash('sha1', Buffer.concat([prefix, Buffer.from(name)]))
    const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) % 4)
    const parts = [
      hex.slice(0, 8),
      hex.slice(8, 12),
      `5${hex.slice(13, 16)}`,
      variant + hex.slice(17, 20),
      hex.slice(20, 32),
    ]
    return parts.join('-')
  }
}
