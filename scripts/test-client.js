// Runs the official Python client's suite against a mock: `npm run test:client`, or `npm run test:client -- 0.31.0`.
// The client is installed from PyPI into a virtual environment outside the tree, one for each version.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The schema package that an older client was seen to work with, for it does not bound that itself. */
const SCHEMAS = { '0.31.0': '0.33.0' }

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const version = process.argv[2] ?? 'newest'
const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
const environment = join(cache, 'ionworks-mock', `client-${version}`)
const python = join(environment, 'bin', 'python')

function run(what, command, ...args) {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' })
  if (status !== 0) {
    console.error(`test:client could not ${what} (${error?.message ?? `exit code ${status}`})`)
    process.exit(1)
  }
}

if (!existsSync(python))
  run('make a virtual environment: is Python 3.11 or newer here?', 'python3', '-m', 'venv', environment)
const pin = version === 'newest' ? [] : [`ionworks-api==${version}`]
const schema = SCHEMAS[version] ? [`ionworks-schema==${SCHEMAS[version]}`] : []
run(
  'install the client: is the package index reachable?',
  python,
  '-m',
  'pip',
  'install',
  '--quiet',
  '--upgrade',
  '--disable-pip-version-check',
  'pytest',
  ...(pin.length > 0 ? pin : ['ionworks-api']),
  ...schema,
)

const seeds = ['--fixtures', 'fixtures', '--fixtures', 'test-client/story.yaml', '--clock', 'frozen']
const mock = spawn(process.execPath, ['dist/cli.js', '--port', '0', '--json', '--log-level', 'warn', ...seeds], {
  cwd: ROOT,
  stdio: ['ignore', 'pipe', 'inherit'],
})
const [ready] = await once(mock.stdout.setEncoding('utf8'), 'data')
const env = { ...process.env, IONWORKS_API_URL: JSON.parse(ready).url, IONWORKS_API_KEY: 'mock_default' }
const suite = spawn(python, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', 'test-client'], {
  cwd: ROOT,
  env: { ...env, PYTHONDONTWRITEBYTECODE: '1' },
  stdio: 'inherit',
})
const [code] = await once(suite, 'exit')
mock.kill('SIGTERM')
process.exitCode = code ?? 1
