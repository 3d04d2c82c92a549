import { join } from 'node:path'
import { PACKAGE_ROOT } from '../../src/options/package.js'

export const ROOT = PACKAGE_ROOT

/** The command as it is published. `npm run build` creates it. */
export const BUNDLED_COMMAND = join(ROOT, 'dist/cli.js')

/** The command that the tests run. `npm run compile` creates it. */
export const COMPILED_COMMAND = join(ROOT, 'build/src/cli/main.js')
