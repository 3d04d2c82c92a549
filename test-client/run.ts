// Runs test_client.py against a mock, with the newest official Python client (`npm run test:client`) or with a given
// version (`npm run test:client -- 0.31.0`).
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { startCommand } from '../test/support/command.js'
import { BUNDLED_COMMAND, ROOT } from '../test/support/paths.js'
import { endOf, exitOnSignals, killOnExit } from '../test/support/processes.js'
import { virtualEnvironment } from '../test/support/python.js'

/**
 * Version of the package ionworks-schema that an older client needs, by the version of the client. Without this
 * requirement, pip would install the newest version of ionworks-schema. The metadata of the older client allows the
 * newest version of ionworks-schema, but the client does not work with this version.
 */
const SCHEMAS: Readonly<Record<string, string>> = { '0.31.0': 'ionworks-schema==0.33.0' }

exitOnSignals()
const [, , version] = process.argv
const client = version === undefined ? 'ionworks-api' : `ionworks-api==${version}`
const schema = SCHEMAS[version ?? ''] ?? []
const binaries = await virtualEnvironment(`client-${version ?? 'newest'}`, ['pytest', client, ...[schema].flat()])

const seeds = ['--fixtures', 'fixtures', '--fixtures', 'test-client/story.yaml', '--clock', 'frozen']
const command = [process.execPath, BUNDLED_COMMAND] as const
const mock = await startCommand(['--log-level', 'warn', ...seeds], { command })
const environment = {
  ...process.env,
  IONWORKS_API_URL: mock.url,
  IONWORKS_API_KEY: 'mock_default',
  PYTHONDONTWRITEBYTECODE: '1',
}
const suite = spawn(join(binaries, 'python'), ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', 'test-client'], {
  cwd: ROOT,
  env: environment,
  stdio: 'inherit',
})
const code = await endOf(killOnExit(suite))
await mock.stop()
process.stderr.write(mock.output().err)
process.exitCode = code === 0 ? 0 : 1
