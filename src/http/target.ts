/**
 * The real service decodes a path before it routes it: `/pipelines/a%2Fcancel` is a cancel of `a`; a broken escape
 * stays as it is, and bytes that are not UTF-8 become U+FFFD (measured on FastAPI under uvicorn).
 */
export function decodePath(path: string): string {
  if (!path.includes('%')) return path
  const bytes = path.replace(/%([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** A decoded path as Starlette writes it in a redirect: `%`, `[` and `]` are left as they are (measured). */
export const encodePath = (path: string) =>
  encodeURI(path)
    .replace(/[?#]/g, encodeURIComponent)
    .replace(/%(25|5B|5D)/g, decodeURIComponent)

/** A request target without the origin that a client may put before the path, as to a proxy. */
export const originForm = (target: string) =>
  target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?]*/i, '')

/** The path of a request target, which ends where its query begins. */
export function pathOf(target: string): string {
  const path = originForm(target)
  const end = path.indexOf('?')
  return end === -1 ? path : path.slice(0, end)
}

/** The target that makes Fastify's router, which splits a path first and then decodes the parts, do as the service. */
export function routable(target: string): string {
  const path = pathOf(target)
  const whole = originForm(target)
  if (!/[%#]|\/(\/|$)/.test(path)) return whole
  const query = whole.slice(path.length)
  const segments = decodePath(path).split('/')
  // An empty segment matches nothing; what comes first still tells whose 404 it is.
  if (segments.slice(1).includes('')) return `/${encodeURIComponent(String(segments[1]))}//`
  return segments.map(encodeURIComponent).join('/') + query
}
