import { join } from 'node:path'
import type { FixtureSource } from '../fixtures/load.js'
import { PACKAGE_ROOT } from './package.js'

/** The folder of the battery lab that comes with the package: the default fixtures. */
export const SHIPPED_FIXTURES = join(PACKAGE_ROOT, 'fixtures')

/** The sources of the shipped lab. In the bundled command they are the parsed documents instead of the folder. */
export const SHIPPED_SOURCES: readonly FixtureSource[] = [SHIPPED_FIXTURES]
