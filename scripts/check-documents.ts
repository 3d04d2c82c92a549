// The command `npm run test:documents`. Checks the OpenAPI documents of the mocked API and of the control API with
// linters and code generators. Installs the tools in a temporary folder, and uses the generated clients with a mock.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startCommand } from '../test/support/command.js'
import { send } from '../test/support/http.js'
import { ROOT } from '../test/support/paths.js'
import { exitOnSignals, finish, run, temporaryFolder } from '../test/support/processes.js'
import { virtualEnvironment } from '../test/support/python.js'
import { Report } from '../test/support/report.js'

exitOnSignals()
const report = new Report()
const folder = join(temporaryFolder(), 'test-documents')
cpSync(join(ROOT, 'test-documents'), folder, { recursive: true })
const mock = await startCommand(['--log-level', 'warn', '--fixtures', join(folder, 'fixtures.yaml')])
const other = await startCommand(['--log-level', 'warn', '--strict', '--unknown-pipeline', '404', '--require-key'])

const environment = {
  ...process.env,
  MOCK_URL: mock.url,
  REDOCLY_TELEMETRY: 'off',
  REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
}
const inFolder = (command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  run(command, args, { cwd: folder, env: { ...environment, ...env } })

/** Runs a tool that is installed in the folder. Rejects if the exit code is not 0. */
const tool = (name: string, ...args: string[]) => inFolder('npx', ['--no', '--', name, ...args])

/** Runs a code generator. Also rejects if the generator prints a warning. */
async function generate(name: string, ...args: string[]): Promise<void> {
  const { out, err, code } = await finish('npx', ['--no', '--', name, ...args], { cwd: folder, env: environment })
  if (code !== 0 || /warn/i.test(out + err))
    throw new Error(`${name} failed or printed a warning (exit code ${code})\n${out}\n${err}`)
}

/** The documents that the linters check. The generators use the first two. */
const DOCUMENTS = {
  api: `${mock.url}/openapi.json`,
  control: `${mock.url}/_mock/openapi.json`,
  'api-strict': `${other.url}/openapi.json`,
}

await inFolder('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'])
mkdirSync(join(folder, 'generated'))
for (const [name, url] of Object.entries(DOCUMENTS)) {
  writeFileSync(join(folder, `${name}.json`), (await send(url)).body)
  await report.run(`Redocly finds no error in ${name}.json`, () => tool('redocly', 'lint', `${name}.json`))
  await report.run(`Spectral finds no error in ${name}.json`, () =>
    tool('spectral', 'lint', '--fail-severity', 'error', `${name}.json`),
  )
}
for (const name of ['api', 'control']) {
  await report.run(`openapi-typescript generates types from ${name}.json without a warning`, () =>
    generate('openapi-typescript', `${name}.json`, '-o', `generated/openapi-typescript/${name}.ts`),
  )
  await report.run(`@hey-api/openapi-ts generates a client from ${name}.json without a warning`, () =>
    generate('openapi-ts', '-i', `${name}.json`, '-o', `generated/hey-api/${name}`),
  )
}
await report.run('the generated TypeScript compiles', () => tool('tsc'))
for (const name of ['openapi-typescript', 'hey-api'])
  await report.run(`calls of both APIs work with the code of ${name}`, () =>
    inFolder(process.execPath, [`build/${name}.js`]),
  )

const binaries = await virtualEnvironment('documents', ['openapi-python-client', 'httpx', 'attrs', 'python-dateutil'])
const inEnvironment = { PATH: `${binaries}:${process.env.PATH}`, PYTHONPATH: 'generated/api:generated/control' }
for (const name of ['api', 'control'])
  await report.run(`openapi-python-client generates a client from ${name}.json without a warning`, () =>
    inFolder(
      join(binaries, 'openapi-python-client'),
      ['generate', '--fail-on-warning', '--path', `${name}.json`, '--output-path', `generated/${name}`],
      inEnvironment,
    ),
  )
await report.run('the generated Python compiles', () =>
  inFolder(join(binaries, 'python'), ['-m', 'compileall', '-q', 'generated'], inEnvironment),
)
await report.run('the code that openapi-python-client generates can call both APIs', () =>
  inFolder(join(binaries, 'python'), ['generated_clients.py'], inEnvironment),
)

await Promise.all([mock.stop(), other.stop()])
process.exitCode = report.failed.length === 0 ? 0 : 1
