import type { FastifyReply } from 'fastify'

/**
 * Sets the content type of a reply to JSON without a charset. Fastify would add a charset, but the official client
 * fails on a content type with a charset (seen in its source). A string payload is sent unchanged, because it is
 * already JSON.
 */
export const usePlainJson = (reply: FastifyReply) =>
  reply.header('content-type', 'application/json').serializer(serialize)

const serialize = (payload: unknown) => (typeof payload === 'string' ? payload : JSON.stringify(payload))
