import { readFileSync } from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'
import t from 'tap'
import { ROOT, sourceFiles } from './support/paths.js'

const SRC = join(ROOT, 'src')

/**
 * The folders of src and the files directly in src, lowest layer first. Each folder or file imports only from earlier
 * layers and from itself.
 */
const LAYERS = [
  ['time'],
  ['contract'],
  ['diagnostics', 'pipelines'],
  ['projects'],
  ['fixtures'],
  ['state'],
  ['options', 'http'],
  ['api', 'control'],
  ['server.ts', 'client.ts'],
  ['mock.ts'],
  ['cli', 'index.ts'],
]

const files = sourceFiles()
const folderOf = (file: string) => (dirname(file) === '.' ? basename(file) : (file.split('/')[0] as string))
const layerOf = (file: string) => LAYERS.findIndex((layer) => layer.includes(folderOf(file)))

const wrongImports = (file: string, source: string) =>
  [...source.matchAll(/(?:from|import)\s*\(?'(\.[^']+)'/g)]
    .map(([, target = '']) => normalize(join(dirname(file), target.replace(/\.js$/, '.ts'))))
    .filter((target) => folderOf(target) !== folderOf(file) && layerOf(target) >= layerOf(file))

t.test('imports between the folders of src point in one direction', async (t) => {
  t.ok(files.length > 30)
  for (const file of files) {
    t.not(layerOf(file), -1, `${file} belongs to a layer`)
    t.strictSame(wrongImports(file, readFileSync(join(SRC, file), 'utf8')), [], file)
  }
})

t.test('the previous test would find an import in the wrong direction', async (t) => {
  t.strictSame(wrongImports('api/x.ts', "import { y } from '../control/index.js'"), ['control/index.ts'])
  t.strictSame(wrongImports('pipelines/x.ts', "export * from '../fixtures/load.js'"), ['fixtures/load.ts'])
  t.strictSame(wrongImports('contract/x.ts', "const y = await import('../state/journal.js')"), ['state/journal.ts'])
})

t.test('only mock.ts opens a port, only cli/main.ts uses `process`, and no source uses the console', async (t) => {
  for (const file of files) {
    const source = readFileSync(join(SRC, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
    t.equal(source.includes('.listen('), file === 'mock.ts', `${file}: only mock.ts opens a port`)
    t.equal(/(?<!-)\bprocess\./.test(source), file === 'cli/main.ts', `${file}: only cli/main.ts uses \`process\``)
    t.notMatch(source, /\bconsole\./, `${file} does not print`)
  }
})

/** Returns the names that a source exports. A name that is both a value and a type is included once. */
const exportedBy = (source: string) =>
  new Set(
    Array.from(
      source.matchAll(/^export (?:async )?(?:const|function|class|interface|type) (\w+)/gm),
      ([, name]) => name,
    ),
  )

t.test('no two files of src export the same name', async (t) => {
  const owners = new Map<string | undefined, string[]>()
  for (const file of files)
    for (const name of exportedBy(readFileSync(join(SRC, file), 'utf8')))
      owners.set(name, [...(owners.get(name) ?? []), file])
  t.ok(owners.size > 200)
  for (const [name, declaring] of owners) t.equal(declaring.length, 1, `${name} is exported by ${declaring.join(', ')}`)
  const source = 'export const A = 1\nexport type A = string\nexport async function b() {}'
  t.strictSame([...exportedBy(source)], ['A', 'b'])
})

/** Matches uses of undocumented fields of Node.js and Fastify. */
const PRIVATE = /\._\w+|\[k[A-Z]\w*\]|\bfinished\s*=/

/** Matches casts that bypass the type checker. */
const CAST = /\bas (unknown as|never|any)\b/g

t.test('sources use no undocumented fields and at most four unchecked casts', async (t) => {
  const sources = files.map((file) => readFileSync(join(SRC, file), 'utf8'))
  for (const [i, source] of sources.entries()) t.notMatch(source, PRIVATE, `${files[i]}`)
  t.ok(sources.flatMap((source) => source.match(CAST) ?? []).length <= 4)
  for (const bad of ['socket._httpMessage', 'reply[kReplyHeaders]', 'response.finished = true']) t.match(bad, PRIVATE)
  t.equal('x as unknown as Y, y as never'.match(CAST)?.length, 2)
})

t.test('no source is longer than 220 lines', async (t) => {
  for (const file of files) {
    const lines = readFileSync(join(SRC, file), 'utf8').trimEnd().split('\n').length
    t.ok(lines <= 220, `${file} has ${lines} lines`)
  }
})
