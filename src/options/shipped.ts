import { join } from 'node:path'
import type { FixtureSource } from '../fixtures/load.js'
import { PACKAGE_ROOT } from './package.js'

/** The folder with the default fixtures: the battery lab that the package contains. */
export const SHIPPED_FIXTURES = join(PACKAGE_ROOT, 'fixtures')

/**
 * The sources of the default fixtures. In the bundle, this array contains the parsed fixtures instead of the folder.
 */
export const SHIPPED_SOURCES: readonly FixtureSource[] = [SHIPPED_FIXTURES]
