import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'

/** The parts of a request target. */
export interface Target {
  /** The prefix `/_sandbox/<name>` as it was sent, or an empty string if there is no prefix. */
  readonly prefix: string
  /** The sandbox name in the prefix, decoded but not validated. Undefined if there is no prefix. */
  readonly sandbox: string | undefined
  /** The path as it was sent, without the origin and the prefix. */
  readonly path: string
  /** The query with its question mark, or an empty string. */
  readonly query: string
}

const TARGET: unique symbol = Symbol('target')

declare module 'node:http' {
  interface IncomingMessage {
    [TARGET]?: Target
  }
}

/** Parses the target of a request and stores the parts on the request. Returns the URL for Fastify's router. */
export function rewriteTarget(request: IncomingMessage): string {
  const target = parseTarget(String(request.url))
  request[TARGET] = target
  return routableUrl(target)
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

/** Removes the origin from an absolute URL. Clients send an absolute URL to a server that they use as a proxy. */
const originForm = (url: string) => (url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?]*/i, ''))

/**
 * Decodes the percent-encoded bytes in a path. Keeps invalid escapes, and replaces bytes that are not UTF-8 with
 * U+FFFD. Under uvicorn, FastAPI decodes a path before it is routed (measured), so `POST /pipelines/a%2Fcancel`
 * cancels the pipeline `a`.
 */
export function decodePath(path: string): string {
  if (!path.includes('%')) return path
  const bytes = path.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** Encodes a decoded path as Starlette does in a redirect (measured). `%`, `[` and `]` are not encoded. */
export const encodePath = (path: string) =>
  encodeURI(path)
    .replace(/[?#]/g, encodeURIComponent)
    .replace(/%(25|5B|5D)/g, decodeURIComponent)

/** Returns a pattern that matches the decoded paths of a template such as `/pipelines/{pipeline_id}`. */
export const patternOf = (template: string) => new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`)

/** Removes the slashes at the end of a path. The pattern `/+$` would need quadratic time for a path of slashes. */
export function withoutTrailingSlashes(path: string): string {
  let end = path.length
  while (path[end - 1] === '/') end--
  return path.slice(0, end)
}

/** Converts a path to Fastify's syntax: `/pipelines/{pipeline_id}` → `/pipelines/:pipeline_id`. */
export const routeOf = (path: string) => path.replace(/\{(\w+)\}/g, ':$1')

/**
 * Returns the URL that makes Fastify use the same route as the real service. Fastify splits a path into segments and
 * then decodes each segment. The real service decodes the path first, and then splits it.
 */
function routableUrl({ path, query }: Target): string {
  if (!/[%#]|\/(\/|$)/.test(path)) return (path || '/') + query
  const segments = decodePath(path).split('/')
  // No route matches a path with an empty segment, so the returned URL also has an empty segment. The URL keeps the
  // first segment of the path, because this segment decides whether the path is under `/_mock`.
  if (segments.slice(1).includes('')) return `/${encodeURIComponent(String(segments[1]))}//`
  return segments.map(encodeURIComponent).join('/') + query
}
