import type { FastifyReply } from 'fastify'

/** Fastify adds a charset to every JSON type that it serializes itself, and the official client breaks on one (seen). */
export const speakPlainJson = (reply: FastifyReply) =>
  reply.header('content-type', 'application/json').serializer(JSON.stringify)
