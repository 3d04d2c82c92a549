// Writes the files that are generated from the sources: the served document, and the JSON Schema of fixtures.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fixtureSchema } from '../src/fixtures/schema.js'
import { startMock } from '../src/index.js'
import { ROOT } from '../test/support/paths.js'

const write = (name: string, value: unknown) => writeFileSync(join(ROOT, name), `${JSON.stringify(value, null, 2)}\n`)

const mock = await startMock({ listen: false })
write('openapi.json', (await mock.inject('/openapi.json')).json())
write('fixture.schema.json', fixtureSchema())
await mock.close()
