import { join } from 'node:path'
import { PACKAGE_ROOT } from '../../src/options/package.js'

/** The root folder of the project. */
export const ROOT = PACKAGE_ROOT

/** The published command: a single file, created by `npm run build`. */
export const BUNDLED_COMMAND = join(ROOT, 'dist/cli.js')

/** The command compiled for the tests. */
export const COMPILED_COMMAND = join(ROOT, 'build/src/cli/main.js')
