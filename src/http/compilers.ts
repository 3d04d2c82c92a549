import type { FastifyServerOptions } from 'fastify'

/**
 * Schema compilers that do nothing. Loading Fastify's own takes most of the startup time, and both APIs validate
 * requests themselves. The cast is needed because Fastify's type requires the full interface of a compiler.
 */
export const NO_COMPILERS = {
  buildValidator: () => () => () => true,
  buildSerializer: () => () => JSON.stringify,
} as unknown as NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>
