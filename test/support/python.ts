import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { run } from './processes.js'

/**
 * Installs packages from PyPI into the virtual environment `name`, and returns the folder with its programs. The
 * environment is in the cache folder of the user. Later runs use the same environment.
 */
export async function virtualEnvironment(name: string, requirements: readonly string[]): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  const folder = join(cache, 'ionworks-mock', name)
  const python = join(folder, 'bin', 'python')
  if (!existsSync(python)) await run('python3', ['-m', 'venv', '--clear', folder])
  const quiet = ['--quiet', '--disable-pip-version-check']
  await run(python, ['-m', 'pip', 'install', ...quiet, '--upgrade', ...requirements])
  return join(folder, 'bin')
}
