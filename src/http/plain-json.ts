import type { FastifyReply } from 'fastify'

/**
 * Makes a reply JSON without a charset: Fastify adds one to JSON types, and the official client fails on it (seen).
 * Strings are sent as they are, for they are JSON already.
 */
export const usePlainJson = (reply: FastifyReply) =>
  reply.header('content-type', 'application/json').serializer(serialize)

const serialize = (payload: unknown) => (typeof payload === 'string' ? payload : JSON.stringify(payload))
