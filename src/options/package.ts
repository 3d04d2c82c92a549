import { createRequire } from 'node:module'
import { dirname } from 'node:path'

// The name of the package locates its manifest, package.json. A relative path would be different in the sources, the
// compiled files and the bundle.
const resolver = createRequire(import.meta.url)
const manifest = 'ionworks-mock/package.json'

/** The root folder of this package. */
export const PACKAGE_ROOT = dirname(resolver.resolve(manifest))

export const version = (): string => (resolver(manifest) as { version: string }).version
