// Builds `dist`. The file `core.cjs` contains the library and the command, with nearly all npm packages that they
// use. The entry points for `import`, `require` and the command load this file, so that a process has only one copy
// of the library. Packages that few processes need are in `dist/vendor`. With --if-changed, builds only if a source
// is newer than the last build, and writes no declarations. This file is JavaScript, because it runs before
// TypeScript is compiled.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { clearInterval, setInterval } from 'node:timers'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild-wasm'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const DIST = join(ROOT, 'dist')
const STAMP = join(DIST, '.built')
const INPUTS = [
  'src',
  'fixtures',
  'scripts/build.js',
  'scripts/declarations.js',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
]

/** The packages that are bundled separately, and loaded only when they are needed. */
const VENDOR = ['yaml', 'pino-pretty', '@fastify/swagger']
const vendorFile = (/** @type {string} */ name) => `${name.replace('@', '').replace('/', '-')}.cjs`

/** The entry points of the package. An entry point has the same exports as the file with this name in `src`. */
const ENTRIES = ['index', 'client']

/**
 * Returns the time of the last change to a file, or to a folder and everything in it. The folder itself counts,
 * because its time changes when a file in it is removed or renamed.
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

/** Options that all bundles share. @satisfies {import('esbuild-wasm').BuildOptions} */
const COMMON = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: /** @type {const} */ ('node'),
  target: 'node20.19',
  metafile: /** @type {const} */ (true),
  logLevel: /** @type {const} */ ('warning'),
  legalComments: /** @type {const} */ ('none'),
  // Only white space is removed, so that the names in stack traces stay readable.
  minifyWhitespace: true,
  lineLimit: 120,
  // Replaces `import()` with `require`, because Jest does not support `import()` in a CommonJS file.
  supported: { 'dynamic-import': false },
}

/**
 * Returns a plugin that replaces the contents of some modules of `src`.
 * @param {Readonly<Record<string, string>>} contents the new contents, by the path of the module in `src`
 * @returns {import('esbuild-wasm').Plugin}
 */
const replace = (contents) => ({
  name: 'replace',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const found = contents[path.slice(join(ROOT, 'src/').length).replaceAll('\\', '/')]
      return found === undefined ? undefined : { loader: 'ts', contents: found, resolveDir: join(ROOT, 'src') }
    }),
})

/**
 * Returns a plugin that leaves packages out of a bundle. The bundle loads these packages from `dist/vendor`.
 * @param {readonly string[]} packages
 * @param {string} folder the path of `dist/vendor`, relative to the bundle
 * @returns {import('esbuild-wasm').Plugin}
 */
const external = (packages, folder) => ({
  name: 'external',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^[@\w]/ }, ({ path }) =>
      packages.includes(path) ? { path: `${folder}/${vendorFile(path)}`, external: true } : undefined,
    ),
})

/** The sources whose exports the build uses. */
const USED = [
  'contract/index.ts',
  'contract/control.ts',
  'control/verbs/faults.ts',
  'control/verbs/requests.ts',
  'control/verbs/sandboxes.ts',
  'fixtures/load.ts',
  'fixtures/schema.ts',
  'options/options.ts',
]

/**
 * Imports the sources in USED and the entry points. Returns the exports of all sources in USED as one object. Its
 * keys `index` and `client` contain the exports of the entry points.
 */
async function importSources() {
  const outfile = join(ROOT, 'build/for-build.mjs')
  const lines = [
    ...USED.map((path) => `export * from './src/${path}'`),
    ...ENTRIES.map((entry) => `export * as ${entry} from './src/${entry}.ts'`),
  ]
  await build({
    ...COMMON,
    stdin: { contents: lines.join('\n'), resolveDir: ROOT },
    format: 'esm',
    packages: 'external',
    outfile,
  })
  return import(pathToFileURL(outfile).href)
}

/**
 * Bundles the library and the command. Returns the paths of all inputs.
 * @param {(paths: readonly string[]) => Promise<readonly { value: unknown }[]>} openFixtures
 */
async function bundle(openFixtures) {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const lab = (await openFixtures([join(ROOT, 'fixtures')])).map(({ value }) => value)
  const options = /** @type {import('esbuild-wasm').BuildOptions} */ ({ ...COMMON, format: 'cjs' })

  const core = await build({
    ...options,
    stdin: {
      contents: "export * from './src/index.ts'\nexport { explain, runCommand } from './src/cli/run.ts'",
      resolveDir: ROOT,
    },
    outfile: join(DIST, 'core.cjs'),
    inject: ['src/time/timers.ts'],
    mainFields: ['module', 'main'],
    // Fastify loads these packages only to compile schemas. The mock has compilers of its own (`http/compilers.ts`).
    external: ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler'],
    plugins: [
      replace({
        'options/package.ts': `declare const __dirname: string
          export const PACKAGE_ROOT = __dirname.slice(0, -'/dist'.length)
          export const version = () => ${JSON.stringify(version)}`,
        'options/shipped.ts': `export const SHIPPED_FIXTURES = 'the battery lab'
          export const SHIPPED_SOURCES = ${JSON.stringify(lab)}`,
      }),
      external(VENDOR, './vendor'),
    ],
  })
  const vendor = await Promise.all(
    VENDOR.map((name) =>
      build({
        ...options,
        stdin: { contents: `module.exports = require('${name}')`, resolveDir: ROOT },
        outfile: join(DIST, 'vendor', vendorFile(name)),
        plugins: [
          external(
            VENDOR.filter((other) => other !== name),
            '.',
          ),
        ],
      }),
    ),
  )
  const command = await build({
    ...COMMON,
    entryPoints: [join(ROOT, 'src/cli/main.ts')],
    format: 'esm',
    outfile: join(DIST, 'cli.js'),
    // The core and the packages in this bundle are CommonJS, and need `require`.
    banner: { js: "import { createRequire as of } from 'node:module'\nconst require = of(import.meta.url)" },
    external: ['./core.cjs'],
    plugins: [
      replace({
        'cli/run.ts': "declare const require: any\nexport const { explain, runCommand } = require('./core.cjs')",
      }),
    ],
  })
  return [core, ...vendor, command].flatMap(({ metafile }) => Object.keys(metafile.inputs))
}

/**
 * Writes the modules that users import or require.
 * @param {Record<string, any>} sources the result of `importSources`
 */
function writeEntries(sources) {
  for (const entry of ENTRIES) {
    const names = Object.keys(sources[entry]).join(', ')
    // With `module.exports = require(…)`, Node.js would search the whole core for the names that can be imported.
    const lines = ["'use strict'", `const { ${names} } = require('./core.cjs')`, `module.exports = { ${names} }`, '']
    writeFileSync(join(DIST, `${entry}.cjs`), lines.join('\n'))
    writeFileSync(join(DIST, `${entry}.js`), `import core from './${entry}.cjs'\nexport const { ${names} } = core\n`)
  }
}

/**
 * Writes the TypeScript declarations.
 * @param {Record<string, any>} sources the result of `importSources`
 */
async function writeDeclarations({ OPTIONS, ...sources }) {
  const { compile, declarationsOf, exportsOf } = await import('./declarations.js')
  const settings = Object.entries(OPTIONS).map(([name, { help }]) => [name, { description: help }])
  const schemas = new Map(Object.entries({ ...sources, Settings: { properties: Object.fromEntries(settings) } }))
  const program = compile(join(ROOT, 'tsconfig.build.json'))
  const text = declarationsOf(program, schemas)
  const client = exportsOf(program, 'client.ts').map(({ name }) => name)
  for (const [types, extension] of Object.entries({ '.d.ts': '.js', '.d.cts': '.cjs' })) {
    writeFileSync(join(DIST, `index${types}`), text)
    writeFileSync(join(DIST, `client${types}`), `export { ${client.join(', ')} } from './index${extension}'\n`)
  }
}

/**
 * Writes the licenses of the packages in the bundles to `dist/LICENSES.txt`.
 * @param {readonly string[]} inputs the paths of all bundled files
 */
function writeLicenses(inputs) {
  const folders = new Set(inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []))
  const licenses = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'))
    const file = readdirSync(join(ROOT, folder)).find((entry) => /^licen[cs]e/i.test(entry))
    return `${name} ${version} (${license})\n\n${file ? readFileSync(join(ROOT, folder, file), 'utf8').trim() : ''}\n`
  })
  writeFileSync(join(DIST, 'LICENSES.txt'), licenses.join(`\n${'-'.repeat(80)}\n\n`))
}

const isForUse = process.argv.includes('--if-changed')
if (isForUse && isBuilt()) process.exit(0)
if (isForUse) process.stderr.write('building ionworks-mock, because dist is missing or older than the sources ')
const progress = setInterval(() => process.stderr.write('.'), 1000)
const began = new Date()
rmSync(DIST, { recursive: true, force: true })
mkdirSync(DIST)
const sources = await importSources()
writeLicenses(await bundle(sources.openFixtures))
writeEntries(sources)
clearInterval(progress)
process.stderr.write('\n')
// A mock that runs in this folder needs no declarations. Writing declarations takes some seconds.
if (!isForUse) await writeDeclarations(sources)
// The stamp gets the time at which the build began, so that a source that was changed during the build counts as
// newer.
writeFileSync(STAMP, '')
utimesSync(STAMP, began, began)
