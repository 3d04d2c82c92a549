import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { OPERATIONS, splitEndpoint } from '../../contract/index.js'
import { decodePath, encodePath, targetOf } from '../../http/target.js'
import { methodNotAllowed, notFound } from '../errors.js'
import { respondWithError } from '../faults.js'

/** The operations in the order in which the service matches them, and the OpenAPI document. */
const ROUTES = [...Object.values(OPERATIONS), { endpoint: 'GET /openapi.json' } as const].map(({ endpoint }) => {
  const [method, path] = splitEndpoint(endpoint)
  return { method, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`) }
})

/** Returns the method of the first operation on a decoded path: `allow` names no other (measured). */
const methodAt = (path: string) => ROUTES.find(({ pattern }) => pattern.test(path))?.method

/**
 * Responds as Starlette does if no operation matches: 405 for a wrong method, 307 for a trailing slash, 404 otherwise
 * (measured).
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

/** Returns the local address of a connection, for requests without a Host header. */
const addressOf = ({ localAddress = '', localPort }: Socket) =>
  `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`
