// Packs the package, installs it in an empty folder, and uses each of its entry points as users do.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { startCommand } from '../test/support/command.js'
import { FIT, cancelPath } from '../test/support/lab.js'
import { send } from '../test/support/http.js'
import { pack } from '../test/support/package.js'
import { ROOT } from '../test/support/paths.js'
import { exitOnSignals, run, temporaryFolder } from '../test/support/processes.js'
import { Report } from '../test/support/report.js'

exitOnSignals()
const report = new Report()
const folder = temporaryFolder()
const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
const inFolder = (command: string, ...args: string[]) => run(command, args, { cwd: folder })

const tarball = await pack(folder)
write('package.json', '{ "private": true, "type": "module" }')
await inFolder('npm', 'install', '--no-audit', '--no-fund', tarball, 'typescript@~6.0', '@types/node@20')
const require = createRequire(join(folder, 'x.js'))
const installed = join(folder, 'node_modules', 'ionworks-mock')
assert.deepEqual(readdirSync(installed).sort(), [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'dist',
  'fixture.schema.json',
  'fixtures',
  'openapi.json',
  'package.json',
])
report.check(`${basename(tarball)} is packed and installed`)

const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--verbatimModuleSyntax']
const module = ['--module', 'nodenext', '--target', 'es2022', '--lib', 'es2022,esnext.disposable', '--types', 'node']
write(
  'import.ts',
  `import assert from 'node:assert/strict'
import { type Fixture, FixtureError, type Mock, type MockOptions, type Pipeline, startMock } from 'ionworks-mock'

const fixtures: Fixture = { pipelines: [{ id: 'a', name: 'a', status: 'running' }] }
const options: MockOptions = { fixtures, unknownPipeline: 404 }
// @ts-expect-error: an unknown status
const wrong: Fixture = { pipelines: [{ name: 'a', status: 'runing' }] }
// @ts-expect-error: an unknown option
const misspelt: MockOptions = { prot: 1 }
void misspelt

await using mock: Mock = await startMock(options)
const response = await fetch(\`\${mock.url}/pipelines/a/cancel\`, { method: 'POST' })
const canceled = (await response.json()) as Pipeline
assert.equal(canceled.status, 'canceled')
const { status }: Pipeline = await mock.pipelines.get('a')
assert.equal(status, canceled.status)
await assert.rejects(mock.seed(wrong), FixtureError)
`,
)
write(
  'client.ts',
  `import { startMock } from 'ionworks-mock'
import { connect, ExpectationError, type MockControl } from 'ionworks-mock/client'

await using mock = await startMock({ fixtures: { pipelines: [{ id: 'a', name: 'a', status: 'running' }] } })
const remote: MockControl = await connect(mock.url)
const failed: unknown = await remote.sandbox('b').expectCanceled('a').catch((error: unknown) => error)
if (!(failed instanceof ExpectationError)) throw failed
// @ts-expect-error: an unknown operation
await remote.faults.add({ operation: 'cancel', hang: true }).catch(() => undefined)
`,
)
const [, example] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? []
write('readme.ts', String(example))
await inFolder('npx', 'tsc', ...strict, ...module, 'import.ts', 'client.ts', 'readme.ts')
await inFolder(process.execPath, 'import.js')
await inFolder(process.execPath, 'client.js')
report.check('strict TypeScript files that import the package compile and run')
await inFolder(process.execPath, '--test', 'readme.js')
report.check('the first test in the README passes')

write(
  'require.cjs',
  `const { startMock } = require('ionworks-mock')
startMock({ listen: false }).then(async (mock) => {
  const { statusCode } = await mock.inject('/healthz')
  await mock.close()
  process.exitCode = statusCode === 200 ? 0 : 1
})
`,
)
await inFolder(process.execPath, '--throw-deprecation', 'require.cjs')
report.check('a CommonJS module can require the package, without deprecation warnings')

const mock = await startCommand([], { command: ['npx', 'ionworks-mock'], cwd: folder })
assert.equal(mock.event, 'ready')
const canceled = await send(mock.url, { method: 'POST', path: cancelPath(FIT) })
assert.equal(JSON.parse(canceled.body).status, 'canceled')
process.kill(mock.pid, 'SIGTERM')
await mock.ended
report.check('npx ionworks-mock --port 0 --json starts a mock that cancels a pipeline')

const validate = new Ajv2020({ allErrors: true }).compile(require('ionworks-mock/fixture.schema.json'))
const shipped = readdirSync(join(installed, 'fixtures')).filter((name) => !name.endsWith('.md'))
assert.ok(shipped.length >= 3)
for (const name of shipped)
  assert.ok(
    validate(parse(readFileSync(join(installed, 'fixtures', name), 'utf8'))),
    `${name}: ${JSON.stringify(validate.errors)}`,
  )
assert.equal(require('ionworks-mock/openapi.json').openapi, '3.1.0')
report.check(`the package exports openapi.json, and a fixture schema that accepts ${shipped.join(', ')}`)
