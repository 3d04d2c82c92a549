// Bundles the command and all that it needs into `dist/cli.js`, so that it starts from one file instead of hundreds.
// What few starts need, as YAML and pretty printing, is in files of its own beside it, in `dist/bundled`.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild-wasm'
import { openFixtures } from '../dist/seed/load.js'
import { SHIPPED_FIXTURES } from '../dist/shipped.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Puts what the shipped fixtures hold into the place of their path. */
const parsedFixtures = {
  name: 'parsed fixtures',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/src\/shipped\.ts$/ }, async ({ path }) => {
      const values = (await openFixtures([SHIPPED_FIXTURES])).map(({ value }) => value)
      const parts = readFileSync(path, 'utf8').split('[SHIPPED_FIXTURES]')
      if (parts.length !== 2) throw new Error(`${path} does not say [SHIPPED_FIXTURES] once`)
      return { loader: 'ts', contents: parts.join(JSON.stringify(values)) }
    }),
}

rmSync(`${ROOT}dist/bundled`, { recursive: true, force: true })
const { metafile } = await build({
  absWorkingDir: ROOT,
  entryPoints: ['src/cli.ts'],
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
  plugins: [parsedFixtures],
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
