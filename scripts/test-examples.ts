// The command `npm run test:examples`. Packs the package with `npm pack`, and runs the tests of every example with it.
// Each example is copied to a folder outside the repository. There, the package is installed as a user would install
// it.
import { cpSync, existsSync, readdirSync } from 'node:fs'
import { basename, delimiter, join } from 'node:path'
import { pack } from '../test/support/package.js'
import { ROOT } from '../test/support/paths.js'
import { exitOnSignals, run, temporaryFolder } from '../test/support/processes.js'
import { virtualEnvironment } from '../test/support/python.js'
import { Report } from '../test/support/report.js'

const EXAMPLES = join(ROOT, 'examples')
const NOT_COPIED = ['node_modules', 'package-lock.json', '__pycache__', '.pytest_cache', '.tap']

/**
 * Returns the environment variables for an example. If the example needs Python packages, installs them and adds
 * their programs to the PATH.
 */
async function environmentOf(copy: string): Promise<NodeJS.ProcessEnv> {
  const requirements = join(copy, 'requirements.txt')
  if (!existsSync(requirements)) return process.env
  const binaries = await virtualEnvironment('examples-pytest', ['-r', requirements])
  return { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}`, PYTHONDONTWRITEBYTECODE: '1' }
}

async function runExample(name: string, folder: string, tarball: string): Promise<void> {
  const copy = join(folder, name)
  cpSync(join(EXAMPLES, name), copy, { recursive: true, filter: (path) => !NOT_COPIED.includes(basename(path)) })
  const env = await environmentOf(copy)
  await run('npm', ['install', '--no-audit', '--no-fund', '--include=dev', '--save-dev', tarball], { cwd: copy, env })
  await run('npm', ['test'], { cwd: copy, env })
}

exitOnSignals()
const report = new Report()
const folder = temporaryFolder()
const tarball = await pack(folder)
for (const name of readdirSync(EXAMPLES).sort()) {
  const issues = await runExample(name, folder, tarball).then(
    () => [],
    (error: unknown) => [(error as Error).message],
  )
  report.check(`the tests of examples/${name} pass`, issues)
}
process.exitCode = report.failed.length === 0 ? 0 : 1
