import { join } from 'node:path'
import { PACKAGE_ROOT } from '../../src/options/package.js'

export const ROOT = PACKAGE_ROOT

/** The command as it is published: a single file, created by `npm run build`. */
export const BUNDLED_COMMAND = join(ROOT, 'dist/cli.js')

/** The command as `npm run compile` creates it for the tests. */
export const COMPILED_COMMAND = join(ROOT, 'build/src/cli/main.js')
