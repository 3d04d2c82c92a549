import { fileURLToPath } from 'node:url'
import type { FixtureSource } from '../fixtures/load.js'

/** The battery lab that comes with the package: what is served when nothing else is asked for. */
export const SHIPPED_FIXTURES = fileURLToPath(new URL('../../fixtures', import.meta.url))

/** What it is read from. In the bundled command it stands here already parsed. */
export const SHIPPED_SOURCES: readonly FixtureSource[] = [SHIPPED_FIXTURES]
