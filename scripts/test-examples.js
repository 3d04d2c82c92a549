// Packs the package, and runs the tests of every example with it as a user would: `npm run test:examples`.
// Each is copied and installed outside the tree; pytest comes from PyPI into a virtual environment that is kept.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { basename, delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const EXAMPLES = join(ROOT, 'examples')
const LEFT_BEHIND = ['node_modules', 'package-lock.json', '__pycache__', '.pytest_cache', '.tap']

const folder = mkdtempSync(join(tmpdir(), 'ionworks-mock-'))
const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
const environment = join(cache, 'ionworks-mock', 'examples-pytest')
const binaries = join(environment, 'bin')
const env = { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH}`, PYTHONDONTWRITEBYTECODE: '1' }

/** What the command prints; if it fails, that is in the error. */
function run(cwd, command, ...args) {
  const options = { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: Infinity }
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, options)
  if (status === 0) return stdout
  const reason = error?.message ?? (signal ? `ended by ${signal}` : `exit code ${status}`)
  throw new Error([`${[command, ...args].join(' ')}: ${reason}`, stdout, stderr].filter(Boolean).join('\n'))
}

/** Makes the environment if it is not whole. What is installed already is not looked up again. */
function installPython(requirements) {
  if (spawnSync(join(binaries, 'pytest'), ['--version']).status !== 0)
    run(ROOT, 'python3', '-m', 'venv', '--clear', environment)
  run(ROOT, join(binaries, 'pip'), 'install', '--quiet', '--disable-pip-version-check', '-r', requirements)
}

function runExample(name, tarball) {
  const copy = join(folder, name)
  cpSync(join(EXAMPLES, name), copy, { recursive: true, filter: (path) => !LEFT_BEHIND.includes(basename(path)) })
  run(copy, 'npm', 'install', '--no-audit', '--no-fund', '--include=dev', '--save-dev', tarball)
  const requirements = join(copy, 'requirements.txt')
  if (existsSync(requirements)) installPython(requirements)
  run(copy, 'npm', 'test')
}

try {
  const [tarball] = run(ROOT, 'npm', 'pack', '--silent', '--pack-destination', folder).trim().split('\n').slice(-1)
  for (const name of readdirSync(EXAMPLES).sort()) {
    try {
      runExample(name, join(folder, tarball))
      console.log(`ok examples/${name}`)
    } catch (error) {
      console.log(`failed examples/${name}\n${error.message}`)
      process.exitCode = 1
    }
  }
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
