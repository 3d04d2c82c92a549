import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'

/** The target of a request, taken apart once. */
export interface Target {
  /** `/_sandbox/<name>` as it was sent, or an empty string. */
  readonly prefix: string
  /** The sandbox that the prefix names; not validated. */
  readonly sandbox: string | undefined
  /** The path as it was sent, without origin and prefix. */
  readonly path: string
  /** From the question mark on; an empty string without one. */
  readonly query: string
}

const TARGET: unique symbol = Symbol('target')

declare module 'node:http' {
  interface IncomingMessage {
    [TARGET]?: Target
  }
}

/** Parses the target of a request, keeps it on the request, and returns the URL that Fastify is to route. */
export function rewriteTarget(request: IncomingMessage): string {
  const target = parseTarget(String(request.url))
  request[TARGET] = target
  return routable(target)
}

export const targetOf = ({ raw }: Pick<FastifyRequest, 'raw'>) => raw[TARGET] as Target

const SANDBOX = '/_sandbox/'

function parseTarget(url: string): Target {
  const whole = originForm(url)
  const nameEnd = whole.startsWith(SANDBOX) ? whole.slice(SANDBOX.length).search(/[/?]|$/) + SANDBOX.length : 0
  const prefix = whole.slice(0, nameEnd)
  const rest = whole.slice(nameEnd)
  const mark = rest.indexOf('?')
  const pathEnd = mark === -1 ? rest.length : mark
  return {
    prefix,
    sandbox: prefix === '' ? undefined : decodePath(prefix.slice(SANDBOX.length)),
    path: rest.slice(0, pathEnd),
    query: rest.slice(pathEnd),
  }
}

/** Removes the origin that a client may put before the path, as it does for a proxy. */
const originForm = (url: string) => (url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?]*/i, ''))

/**
 * Decodes a path as the real service does before it routes it: `/pipelines/a%2Fcancel` is a cancel of `a`. A broken
 * escape stays as it is, and bytes that are not UTF-8 become U+FFFD (measured on FastAPI under uvicorn).
 */
export function decodePath(path: string): string {
  if (!path.includes('%')) return path
  const bytes = path.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** Encodes a decoded path as Starlette does in a redirect, which leaves `%`, `[` and `]` as they are (measured). */
export const encodePath = (path: string) =>
  encodeURI(path)
    .replace(/[?#]/g, encodeURIComponent)
    .replace(/%(25|5B|5D)/g, decodeURIComponent)

/** The route of a path as Fastify has it: `/pipelines/{pipeline_id}` → `/pipelines/:pipeline_id`. */
export const routeOf = (path: string) => path.replace(/\{(\w+)\}/g, ':$1')

/** The URL that makes Fastify's router, which splits a path before it decodes the parts, route as the service does. */
function routable({ path, query }: Target): string {
  if (!/[%#]|\/(\/|$)/.test(path)) return (path || '/') + query
  const segments = decodePath(path).split('/')
  // An empty segment matches nothing; the first segment still says whether the 404 is the control API's.
  if (segments.slice(1).includes('')) return `/${encodeURIComponent(String(segments[1]))}//`
  return segments.map(encodeURIComponent).join('/') + query
}
