// Writes the files that are made from the built sources: the served document and the JSON Schema of fixtures.
import { writeFileSync } from 'node:fs'
import { startMock } from '../dist/index.js'
import { fixtureSchema } from '../dist/fixtures/schema.js'

const write = (name, value) =>
  writeFileSync(new URL(`../${name}`, import.meta.url), `${JSON.stringify(value, null, 2)}\n`)

const mock = await startMock({ listen: false })
write('openapi.json', (await mock.inject('/openapi.json')).json())
write('fixture.schema.json', fixtureSchema())
await mock.close()
