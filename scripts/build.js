// Builds `dist`. One file, `core.cjs`, has the library and the command with all their packages; the entry points for
// `import`, `require` and the command load it, so that a process has one copy. Packages that few starts need are in
// `dist/vendor`. With --if-changed, builds only if a source is newer than the last build. In JavaScript, because it runs
// before any compilation.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
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

/** The packages that are loaded when they are needed. */
const VENDOR = ['yaml', 'pino-pretty', '@fastify/swagger']
const vendorFile = (/** @type {string} */ name) => `${name.replace('@', '').replace('/', '-')}.cjs`

/** The entry points of the package, and the sources of which they have the exports. */
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
  // Names and lines stay, so that a stack trace can be read.
  minifyWhitespace: true,
  lineLimit: 120,
  // In a CommonJS file, Jest does not support `import()`.
  supported: { 'dynamic-import': false },
}

/**
 * Returns a plugin that replaces the contents of some modules of `src`.
 * @param {Readonly<Record<string, string>>} contents by the path of the module in `src`
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
 * Returns a plugin that leaves packages out of a bundle, which loads them from `dist/vendor`.
 * @param {readonly string[]} packages
 * @param {string} folder the path of `dist/vendor` from the bundle
 * @returns {import('esbuild-wasm').Plugin}
 */
const external = (packages, folder) => ({
  name: 'external',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^[@\w]/ }, ({ path }) =>
      packages.includes(path) ? { path: `${folder}/${vendorFile(path)}`, external: true } : undefined,
    ),
})

/** The sources that the build itself uses. */
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

/** Imports the sources that the build uses, and returns all their exports. */
async function importSources() {
  const outfile = join(ROOT, 'build/for-build.mjs')
  await build({
    ...COMMON,
    stdin: { contents: USED.map((path) => `export * from './src/${path}'`).join('\n'), resolveDir: ROOT },
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
    // Fastify loads these only to compile schemas itself, which the mock does not do.
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
    // The core and the packages of the command are CommonJS.
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

/** Writes the modules that users import or require, which have the exports of the core. */
function writeEntries(/** @type {Readonly<Record<string, readonly string[]>>} */ exported) {
  const core = createRequire(import.meta.url)(join(DIST, 'core.cjs'))
  for (const entry of ENTRIES) {
    const names = exported[entry]?.filter((name) => name in core).join(', ')
    // As one assignment, `module.exports = require(…)` would make Node.js search the whole core for names to import.
    writeFileSync(
      join(DIST, `${entry}.cjs`),
      `'use strict'\nconst { ${names} } = require('./core.cjs')\nmodule.exports = { ${names} }\n`,
    )
    writeFileSync(join(DIST, `${entry}.js`), `import core from './${entry}.cjs'\nexport const { ${names} } = core\n`)
  }
}

/**
 * Writes the declarations. Returns the names that each entry exports.
 * @param {Record<string, any>} sources the exports of the sources
 */
async function writeDeclarations({ OPTIONS, ...sources }) {
  const { compile, declarationsOf, exportsOf } = await import('./declarations.js')
  const settings = Object.entries(OPTIONS).map(([name, { help }]) => [name, { description: help }])
  const schemas = new Map(Object.entries({ ...sources, Settings: { properties: Object.fromEntries(settings) } }))
  const program = compile(join(ROOT, 'tsconfig.build.json'))
  const text = declarationsOf(program, schemas)
  const exported = Object.fromEntries(
    ENTRIES.map((entry) => [entry, exportsOf(program, `${entry}.ts`).map(({ name }) => name)]),
  )
  for (const [types, extension] of [
    ['.d.ts', '.js'],
    ['.d.cts', '.cjs'],
  ]) {
    writeFileSync(join(DIST, `index${types}`), text)
    writeFileSync(
      join(DIST, `client${types}`),
      `export { ${exported.client?.join(', ')} } from './index${extension}'\n`,
    )
  }
  return exported
}

/**
 * Writes the licenses of the packages in the bundles to `dist/LICENSES.txt`.
 * @param {readonly string[]} inputs
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

if (process.argv.includes('--if-changed')) {
  if (isBuilt()) process.exit(0)
  console.error('building ionworks-mock, because its sources have changed; this takes some seconds …')
}
const began = new Date()
rmSync(DIST, { recursive: true, force: true })
mkdirSync(DIST)
const sources = await importSources()
writeLicenses(await bundle(sources.openFixtures))
writeEntries(await writeDeclarations(sources))
// The stamp has the time when the build began, so that a source changed during the build counts as newer.
writeFileSync(STAMP, '')
utimesSync(STAMP, began, began)
