// The programs of others that we are compared with, in a cache outside the tree.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { run } from './processes.js'

const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ionworks-mock', 'bench')

/** The Node.js for programs that need a newer one than this. */
const NEWER_NODE = '24.21.0'

/** Installs a package unless that has been done, and returns the path of a file in it. */
async function installed(name, spec, version, file) {
  const folder = join(CACHE, `${name}-${version}`)
  const done = join(folder, 'installed')
  if (!existsSync(done)) {
    process.stderr.write(`installing ${spec}@${version} into ${folder}\n`)
    mkdirSync(folder, { recursive: true })
    const quiet = ['--no-audit', '--no-fund', '--no-save', '--loglevel', 'error', '--fetch-retries', '1']
    await run('npm', ['install', ...quiet, '--prefix', folder, `${spec}@${version}`], { cwd: folder })
    writeFileSync(done, '')
  }
  return join(folder, 'node_modules', file)
}

/** The path of a Node.js that is as new as a program needs. */
export async function nodeFor(needed) {
  if (atLeast(process.versions.node, needed)) return process.execPath
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const file = process.platform === 'win32' ? 'node.exe' : 'node'
  return installed('node', name, NEWER_NODE, join(name, 'bin', file))
}

function atLeast(version, needed) {
  const [found, wanted] = [version, needed].map((text) => text.split('.').map(Number))
  const differs = found.findIndex((number, i) => number !== wanted[i])
  return differs === -1 || found[differs] > wanted[differs]
}

/** What runs a command of a package: the path of a Node.js, and the arguments that it needs first. */
export async function commandOf({ name, spec, version, bin, needs }) {
  const script = await installed(name, spec, version, join('.bin', bin))
  return [await nodeFor(needs), script]
}

/** The version of the Node.js that a command is run with. */
export const nodeVersion = async (node) => (await run(node, ['--version'])).trim()
