import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { OPERATIONS, splitEndpoint } from '../../contract/index.js'
import { decodePath, encodePath, targetOf } from '../../http/target.js'
import { methodNotAllowed, notFound } from '../errors.js'
import { respondWithError } from '../faults.js'

/** The routes of the operations and of the OpenAPI document. The service matches them in this order. */
const ROUTES = [...Object.values(OPERATIONS), { endpoint: 'GET /openapi.json' } as const].map(({ endpoint }) => {
  const [method, path] = splitEndpoint(endpoint)
  return { method, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`) }
})

/**
 * Returns the method of the first operation that matches a decoded path. FastAPI lists only this method in the header
 * `allow`, even if the path has operations with other methods (measured).
 */
const methodAt = (path: string) => ROUTES.find(({ pattern }) => pattern.test(path))?.method

/**
 * Responds to a request that matches no operation, as Starlette does (measured): with a 405 if an operation with
 * another method matches the path, with a 307 if an operation matches the path without trailing slashes, otherwise
 * with a 404.
 */
export function respondToUnrouted(request: FastifyRequest, reply: FastifyReply): void {
  const { prefix, path: sent, query } = targetOf(request)
  const path = decodePath(sent)
  const method = methodAt(path)
  if (method) return respondWithError(reply.header('allow', method), methodNotAllowed)

  const bare = path.replace(/\/+$/, '')
  if (bare === path || !methodAt(bare)) return respondWithError(reply, notFound)
  const { host = '' } = request.headers
  const location = `${request.protocol}://${host === '' ? addressOf(request.socket) : host}${prefix}${encodePath(bare)}${query}`
  reply.code(307).removeHeader('content-type').headers({ location, 'content-length': 0 }).send()
}

/** Returns the local address and port of a connection. A redirect uses them if the request has no Host header. */
const addressOf = ({ localAddress = '', localPort }: Socket) =>
  `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`
