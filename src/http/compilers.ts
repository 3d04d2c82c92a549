import type { FastifyServerOptions } from 'fastify'

/**
 * Fastify compiles no schema: what is read is checked by readers of our own, and each reply says how it is written.
 * Loading and running its compilers would take most of a start.
 */
export const NO_COMPILERS = {
  buildValidator: () => () => () => true,
  buildSerializer: () => () => JSON.stringify,
} as unknown as NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>
