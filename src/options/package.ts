import { createRequire } from 'node:module'
import { dirname } from 'node:path'

// By name, so that the path is right from the sources, from their compiled copy and from the bundle alike.
const resolver = createRequire(import.meta.url)
const manifest = 'ionworks-mock/package.json'

/** The root folder of this package. */
export const PACKAGE_ROOT = dirname(resolver.resolve(manifest))

/** Returns the version of this package. */
export const version = (): string => (resolver(manifest) as { version: string }).version
