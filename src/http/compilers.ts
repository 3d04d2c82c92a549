import type { FastifyServerOptions } from 'fastify'

/**
 * Keeps Fastify from loading its schema compilers, which would take most of a start: requests are validated by the API
 * and by the control API themselves. Fastify's type asks for the whole interface of a compiler, hence the cast.
 */
export const NO_COMPILERS = {
  buildValidator: () => () => () => true,
  buildSerializer: () => () => JSON.stringify,
} as unknown as NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>
