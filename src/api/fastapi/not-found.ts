import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { OPERATIONS, splitEndpoint } from '../../contract/index.js'
import { decodePath, encodePath, patternOf, targetOf, withoutTrailingSlashes } from '../../http/target.js'
import { methodNotAllowed, notFound } from '../errors.js'
import { respondWithError } from '../faults.js'

/**
 * The routes of the operations, in the order in which the real service tries them, and the route of the OpenAPI
 * document.
 */
const ROUTES = [...Object.values(OPERATIONS), { endpoint: 'GET /openapi.json' } as const].map(({ endpoint }) => {
  const [method, path] = splitEndpoint(endpoint)
  return { method, pattern: patternOf(path) }
})

/**
 * Returns the method of the first route whose path matches a decoded path. FastAPI lists only this method in the
 * header `allow`, even if later routes match the path with other methods (measured).
 */
const methodAt = (path: string) => ROUTES.find(({ pattern }) => pattern.test(path))?.method

/**
 * Responds to a request that matches no route, as Starlette does (measured). If a route with another method matches
 * the path, responds with a 405. If a route with any method matches the path without its trailing slashes, responds
 * with a 307. Otherwise, responds with a 404.
 */
export function respondToUnrouted(request: FastifyRequest, reply: FastifyReply): void {
  const { prefix, path: sent, query } = targetOf(request)
  const path = decodePath(sent)
  const method = methodAt(path)
  if (method) return respondWithError(reply.header('allow', method), methodNotAllowed)

  const bare = withoutTrailingSlashes(path)
  if (bare === path || !methodAt(bare)) return respondWithError(reply, notFound)
  const { host = '' } = request.headers
  const location = `${request.protocol}://${host === '' ? addressOf(request.socket) : host}${prefix}${encodePath(bare)}${query}`
  reply.code(307).removeHeader('content-type').headers({ location, 'content-length': 0 }).send()
}

/** Returns the local address and port of a connection. A redirect contains them if the request has no Host header. */
const addressOf = ({ localAddress = '', localPort }: Socket) =>
  `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`
