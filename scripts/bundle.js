// Bundles the command and all that it needs into `dist/cli.js`, so that it starts from one file instead of hundreds.
// What few starts need, as YAML and pretty printing, is in files of its own beside it, in `dist/bundled`.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild-wasm'
import { openFixtures } from '../dist/fixtures/load.js'
import { SHIPPED_FIXTURES } from '../dist/options/shipped.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Replaces `found`, which a source has once. */
function replaceIn(path, contents, found, replacement) {
  const parts = contents.split(found)
  if (parts.length !== 2) throw new Error(`${path} does not have ${found} once`)
  return parts.join(replacement)
}

/** Replaces the path of the shipped fixtures by their parsed contents; in the bundle, the root is one folder up. */
const packagePaths = {
  name: 'package paths',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/src\/options\/(shipped|version)\.ts$/ }, async ({ path }) => {
      const contents = replaceIn(path, readFileSync(path, 'utf8'), "'../../", "'../")
      if (!path.endsWith('shipped.ts')) return { loader: 'ts', contents }
      const values = (await openFixtures([SHIPPED_FIXTURES])).map(({ value }) => value)
      return { loader: 'ts', contents: replaceIn(path, contents, '[SHIPPED_FIXTURES]', JSON.stringify(values)) }
    }),
}

rmSync(`${ROOT}dist/bundled`, { recursive: true, force: true })
const { metafile } = await build({
  absWorkingDir: ROOT,
  entryPoints: [{ in: 'src/cli/main.ts', out: 'cli' }],
  outdir: 'dist',
  chunkNames: 'bundled/[name]-[hash]',
  bundle: true,
  splitting: true,
  allowOverwrite: true,
  metafile: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  mainFields: ['module', 'main'],
  // Fastify would load these for schemas that it compiles, of which there are none, and for injected requests.
  external: ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler', 'light-my-request'],
  banner: { js: "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)" },
  plugins: [packagePaths],
  logLevel: 'warning',
})

/** The licenses of what is inside ask to be passed on. */
const packages = new Set(
  Object.keys(metafile.inputs).flatMap((path) => path.match(/^node_modules\/(?:@[^/]+\/)?[^/]+/) ?? []),
)
const licenses = [...packages].sort().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(`${ROOT}${folder}/package.json`, 'utf8'))
  const file = readdirSync(`${ROOT}${folder}`).find((entry) => /^licen[cs]e/i.test(entry))
  return `${name} ${version} (${license})\n\n${file ? readFileSync(`${ROOT}${folder}/${file}`, 'utf8').trim() : ''}\n`
})
writeFileSync(`${ROOT}dist/bundled/LICENSES.txt`, licenses.join(`\n${'-'.repeat(80)}\n\n`))
