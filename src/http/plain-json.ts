import type { FastifyReply } from 'fastify'

/**
 * Sets the content type of a reply to JSON without a charset. Fastify would add a charset, and the official client
 * fails on it (seen). A string payload is sent unchanged: it is already JSON.
 */
export const usePlainJson = (reply: FastifyReply) =>
  reply.header('content-type', 'application/json').serializer(serialize)

const serialize = (payload: unknown) => (typeof payload === 'string' ? payload : JSON.stringify(payload))
