import type { FastifyServerOptions } from 'fastify'

/**
 * Schema compilers that ignore the schemas: every request is valid, and responses are written with `JSON.stringify`.
 * The mocked API and the control API validate requests themselves, and loading Fastify's own compilers would take
 * most of the startup time. The cast is needed because Fastify's type requires the full interface of a compiler.
 */
export const NO_COMPILERS = {
  buildValidator: () => () => () => true,
  buildSerializer: () => () => JSON.stringify,
} as unknown as NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>
