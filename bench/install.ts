// Installs the programs that the benchmark needs (Prism, Mockoon and a newer Node.js) in a cache folder outside the
// repository.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { run } from '../test/support/processes.js'

const { XDG_CACHE_HOME = '' } = process.env
const CACHE = join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'ionworks-mock', 'bench')

/** The version of Node.js that is installed if the current Node.js is too old for a program or for a measurement. */
const NEWER_NODE = '24.21.0'

/**
 * A program in an npm package. `spec` is the name of the package, `bin` the name of the command in the package, and
 * `needs` the oldest version of Node.js that can run the program.
 */
export type Program = Record<'name' | 'spec' | 'version' | 'bin' | 'needs', string>

/** Installs a package unless it is in the cache. Returns the path of `file` in `node_modules`. */
async function install(name: string, spec: string, version: string, file: string): Promise<string> {
  const folder = join(CACHE, `${name}-${version}`)
  const done = join(folder, 'installed')
  if (!existsSync(done)) {
    console.error(`installing ${spec}@${version} into ${folder}`)
    mkdirSync(folder, { recursive: true })
    const quiet = ['--no-audit', '--no-fund', '--no-save', '--loglevel', 'error', '--fetch-retries', '1']
    await run('npm', ['install', ...quiet, '--prefix', folder, `${spec}@${version}`], { cwd: folder })
    writeFileSync(done, '')
  }
  return join(folder, 'node_modules', file)
}

/**
 * Returns the path of a Node.js that is not older than `needed`. This is the current Node.js if it is new enough.
 * Otherwise it is `NEWER_NODE`, which is installed unless it is in the cache.
 */
export async function nodeFor(needed: string): Promise<string> {
  if (process.versions.node.localeCompare(needed, 'en', { numeric: true }) >= 0) return process.execPath
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const file = process.platform === 'win32' ? 'node.exe' : 'node'
  return install('node', name, NEWER_NODE, join(name, 'bin', file))
}

/** Installs a program, and returns the command that runs it: the path of Node.js and the path of a script. */
export async function commandOf({ name, spec, version, bin, needs }: Program): Promise<[string, string]> {
  const script = await install(name, spec, version, join('.bin', bin))
  return [await nodeFor(needs), script]
}
