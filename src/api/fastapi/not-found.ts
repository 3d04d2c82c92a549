import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { methodNotAllowed, notFound, sendError } from '../errors.js'
import { decodePath, encodePath, originForm, pathOf } from '../../http/target.js'
import type { Routes } from './routes.js'

/** Answers as Starlette does where no operation matches: 405 for a wrong method, 307 for a trailing slash, else 404. */
export function unrouted(routes: Routes, request: FastifyRequest, reply: FastifyReply, prefix: string) {
  const target = request.originalUrl.replace(prefix, '')
  const path = decodePath(pathOf(target))
  const method = routes.methodAt(path)
  if (method) return sendError(reply.header('allow', method), methodNotAllowed)

  const bare = path.replace(/\/+$/, '')
  if (bare === path || !routes.methodAt(bare)) return sendError(reply, notFound)
  const host = request.headers.host || addressOf(request.socket)
  const query = originForm(target).slice(pathOf(target).length)
  return reply
    .code(307)
    .removeHeader('content-type')
    .headers({ location: `${request.protocol}://${host}${prefix}${encodePath(bare)}${query}`, 'content-length': 0 })
    .send()
}

/** What a client without a Host header connected to. */
const addressOf = ({ localAddress = '', localPort }: Socket) =>
  `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`
