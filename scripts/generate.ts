// Writes the parts of the repository that are generated from the sources: the OpenAPI document, the JSON Schema of
// fixtures, and the table of options in `docs/options.md`. Run this program with `npm run generate`.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { optionsTable } from '../src/cli/help.js'
import { fixtureSchema } from '../src/fixtures/schema.js'
import { startMock } from '../src/index.js'
import { ROOT } from '../test/support/paths.js'

const write = (name: string, value: unknown) => writeFileSync(join(ROOT, name), `${JSON.stringify(value, null, 2)}\n`)

const mock = await startMock({ listen: false })
write('openapi.json', (await mock.inject('/openapi.json')).json())
write('fixture.schema.json', fixtureSchema())
await mock.close()

const page = join(ROOT, 'docs/options.md')
const table = `<!-- options -->\n${optionsTable()}\n<!-- /options -->`
writeFileSync(
  page,
  readFileSync(page, 'utf8').replace(/<!-- options -->[^]*<!-- \/options -->/, () => table),
)
