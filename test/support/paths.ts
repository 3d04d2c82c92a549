import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { PACKAGE_ROOT } from '../../src/options/package.js'

export const ROOT = PACKAGE_ROOT

/** Returns the source files of the mock, as paths relative to `src`. */
export const sourceFiles = (): string[] =>
  readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))

/** The file of the published command. `npm run build` creates this file. */
export const BUNDLED_COMMAND = join(ROOT, 'dist/cli.js')

/** The file of the command that the tests run. `npm run compile` creates this file. */
export const COMPILED_COMMAND = join(ROOT, 'build/src/cli/main.js')
