// Builds `dist`: the modules of the library with their declarations, and the bundled command. With --if-changed,
// builds only if a source is newer than the last build. This script is JavaScript, because it runs before the sources
// are compiled.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild-wasm'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const STAMP = join(ROOT, 'dist', '.built')
const INPUTS = [
  'src',
  'fixtures',
  'scripts/build.js',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
]

/**
 * Returns the time of the last change to a file, or to a folder and everything in it. The time of the folder itself
 * is included, because it changes when a file in the folder is removed or renamed.
 * @param {string} path
 * @returns {number}
 */
function changedAt(path) {
  const stat = statSync(path)
  const inside = stat.isDirectory() ? readdirSync(path).map((name) => changedAt(join(path, name))) : []
  return Math.max(stat.mtimeMs, ...inside)
}

function isBuilt() {
  if (!existsSync(STAMP)) return false
  const builtAt = statSync(STAMP).mtimeMs
  return INPUTS.every((path) => changedAt(join(ROOT, path)) <= builtAt)
}

/** Compiles the sources. If they have errors, the compiler prints the errors and this script exits with 1. */
function compile() {
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  const { status } = spawnSync(process.execPath, [compiler, '-b', 'tsconfig.build.json'], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) process.exit(1)
}

/**
 * Returns a plugin that replaces the path of the shipped fixtures with the parsed documents, so that the command does
 * not have to read and parse them.
 * @returns {Promise<import('esbuild-wasm').Plugin>}
 */
async function shippedFixtures() {
  const { openFixtures } = await import('../dist/fixtures/load.js')
  const documents = await openFixtures([join(ROOT, 'fixtures')])
  const values = JSON.stringify(documents.map((/** @type {{ value: unknown }} */ { value }) => value))
  return {
    name: 'shipped fixtures',
    setup: ({ onLoad }) =>
      onLoad({ filter: /\/src\/options\/shipped\.ts$/ }, ({ path }) => {
        const parts = readFileSync(path, 'utf8').split('[SHIPPED_FIXTURES]')
        if (parts.length !== 2) throw new Error(`invalid ${path}: expected [SHIPPED_FIXTURES] once`)
        return { loader: 'ts', contents: parts.join(values) }
      }),
  }
}

/** Bundles the command. Packages that few starts need, such as yaml, go into separate chunks in `dist/bundled`. */
async function bundle() {
  rmSync(join(ROOT, 'dist', 'bundled'), { recursive: true, force: true })
  return build({
    absWorkingDir: ROOT,
    entryPoints: [{ in: 'src/cli/main.ts', out: 'cli' }],
    outdir: 'dist',
    chunkNames: 'bundled/[name]-[hash]',
    bundle: true,
    splitting: true,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    mainFields: ['module', 'main'],
    // The command never loads these. Fastify uses them only to compile schemas itself and to inject requests.
    external: ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler', 'light-my-request'],
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'\nconst require = requireFrom(import.meta.url)",
    },
    plugins: [await shippedFixtures()],
    logLevel: 'warning',
  })
}

/**
 * Writes the licenses of the bundled packages to `dist/bundled/LICENSES.txt`.
 * @param {readonly string[]} inputs
 */
function writeLicenses(inputs) {
  const folders = new Set(inputs.flatMap((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []))
  const licenses = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'))
    const file = readdirSync(join(ROOT, folder)).find((entry) => /^licen[cs]e/i.test(entry))
    return `${name} ${version} (${license})\n\n${file ? readFileSync(join(ROOT, folder, file), 'utf8').trim() : ''}\n`
  })
  writeFileSync(join(ROOT, 'dist/bundled/LICENSES.txt'), licenses.join(`\n${'-'.repeat(80)}\n\n`))
}

if (process.argv.includes('--if-changed')) {
  if (isBuilt()) process.exit(0)
  console.error('building ionworks-mock, because dist is missing or out of date; this takes some seconds …')
}
const began = new Date()
compile()
const { metafile } = await bundle()
writeLicenses(Object.keys(metafile.inputs))
// The time of the stamp is the start of the build, so that a source that changed during the build is newer.
writeFileSync(STAMP, '')
utimesSync(STAMP, began, began)
