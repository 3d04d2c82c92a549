import { join } from 'node:path'
import { PACKAGE_ROOT } from '../../src/options/package.js'

/** The root folder of the project. */
export const ROOT = PACKAGE_ROOT

/** The command as it is published: one file. It exists after `npm run build`. */
export const BUNDLED_COMMAND = join(ROOT, 'dist/cli.js')

/** The command as it is compiled for the tests. */
export const COMPILED_COMMAND = join(ROOT, 'build/src/cli/main.js')
