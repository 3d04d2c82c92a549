// Packs the package, installs it in an empty folder as a user would, and uses it in every way that it offers.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ionworks-mock-'))
const run = (cwd, command, ...args) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
const write = (name, text) => writeFileSync(join(folder, name), text)
const done = (what) => console.log(`ok ${what}`)

try {
  const tarball = run(ROOT, 'npm', 'pack', '--silent', '--pack-destination', folder).trim().split('\n').at(-1)
  write('package.json', '{ "private": true, "type": "module" }')
  run(folder, 'npm', 'install', '--no-audit', '--no-fund', `./${tarball}`, 'typescript@~6.0', '@types/node@20')
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
  done(`${tarball} is packed and installed`)

  const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--verbatimModuleSyntax']
  const module = ['--module', 'nodenext', '--target', 'es2022', '--lib', 'es2022,esnext.disposable', '--types', 'node']
  write(
    'import.ts',
    `import assert from 'node:assert/strict'
import { type Fixture, FixtureError, type Mock, type MockOptions, type Pipeline, startMock } from 'ionworks-mock'

const fixtures: Fixture = { pipelines: [{ id: 'a', name: 'a', status: 'running' }] }
const options: MockOptions = { fixtures, unknownPipeline: 404 }
// @ts-expect-error: a status that there is not
const wrong: Fixture = { pipelines: [{ name: 'a', status: 'runing' }] }
// @ts-expect-error: an option that there is not
const misspelt: MockOptions = { prot: 1 }
void misspelt

await using mock: Mock = await startMock(options)
const answer = await fetch(\`\${mock.url}/pipelines/a/cancel\`, { method: 'POST' })
const canceled = (await answer.json()) as Pipeline
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
// @ts-expect-error: an operation that there is not
await remote.faults.add({ operation: 'cancel', hang: true }).catch(() => undefined)
`,
  )
  const [, example] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))
  write('readme.ts', example)
  run(folder, 'npx', 'tsc', ...strict, ...module, 'import.ts', 'client.ts', 'readme.ts')
  run(folder, process.execPath, 'import.js')
  run(folder, process.execPath, 'client.js')
  done('import, with types, in a strict TypeScript file')
  run(folder, process.execPath, '--test', 'readme.js')
  done("the README's test")

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
  run(folder, process.execPath, '--throw-deprecation', 'require.cjs')
  done('require')

  const child = spawn('npx', ['ionworks-mock', '--port', '0', '--json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data')
  const { event, url, pid } = JSON.parse(line)
  assert.equal(event, 'ready')
  const ID = '0d9f7a52-3c7b-4f0e-8a41-6b2f5c9e1d34'
  const answer = await fetch(`${url}/pipelines/${ID}/cancel`, { method: 'POST' })
  assert.equal((await answer.json()).status, 'canceled')
  process.kill(pid, 'SIGTERM')
  await once(child, 'exit')
  done('npx ionworks-mock --port 0 --json')

  const validate = new Ajv2020({ allErrors: true }).compile(require('ionworks-mock/fixture.schema.json'))
  const shipped = readdirSync(join(installed, 'fixtures')).filter((name) => !name.endsWith('.md'))
  assert.ok(shipped.length >= 3)
  for (const name of shipped)
    assert.ok(
      validate(parse(readFileSync(join(installed, 'fixtures', name), 'utf8'))),
      `${name}: ${JSON.stringify(validate.errors)}`,
    )
  assert.equal(require('ionworks-mock/openapi.json').openapi, '3.1.0')
  done(`the fixture schema accepts ${shipped.join(', ')}`)
} catch (error) {
  console.error(error.stdout ?? '', error.stderr ?? '', error)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
