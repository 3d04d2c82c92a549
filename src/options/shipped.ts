import { join } from 'node:path'
import type { FixtureSource } from '../fixtures/load.js'
import { PACKAGE_ROOT } from './package.js'

/** The folder with the default fixtures, the battery lab that comes with the package. */
export const SHIPPED_FIXTURES = join(PACKAGE_ROOT, 'fixtures')

/** The sources of the default fixtures. The bundled command has the parsed documents instead of the folder. */
export const SHIPPED_SOURCES: readonly FixtureSource[] = [SHIPPED_FIXTURES]
