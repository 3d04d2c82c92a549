import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const SRC = fileURLToPath(new URL('../src', import.meta.url))

/** What each room may import from, besides itself. A file beside the rooms is a room of its own. */
const MAY_IMPORT: Record<string, string[]> = {
  contract: [],
  pipelines: ['contract'],
  seed: ['contract', 'pipelines'],
  state: ['contract', 'pipelines', 'seed'],
  api: ['contract', 'pipelines', 'seed', 'state'],
  control: ['contract', 'pipelines', 'seed', 'state'],
  'server.ts': ['api', 'control', 'sandbox-name.ts', 'connections.ts'],
  'sandbox-name.ts': ['api', 'state'],
  'version.ts': [],
  'client.ts': ['control', 'seed'],
  'shipped.ts': ['seed'],
  'options.ts': ['contract', 'pipelines', 'seed', 'state', 'shipped.ts'],
  'connections.ts': [],
  'library-options.ts': ['seed', 'options.ts'],
  'handle.ts': ['control'],
  'mock.ts': [
    'contract',
    'pipelines',
    'seed',
    'state',
    'control',
    'server.ts',
    'options.ts',
    'shipped.ts',
    'library-options.ts',
    'connections.ts',
    'handle.ts',
    'version.ts',
  ],
  'arguments.ts': ['seed', 'options.ts'],
  'help.ts': ['options.ts'],
  'command.ts': [
    'seed',
    'state',
    'options.ts',
    'shipped.ts',
    'handle.ts',
    'mock.ts',
    'arguments.ts',
    'help.ts',
    'version.ts',
  ],
  'cli.ts': ['command.ts'],
  'index.ts': ['contract', 'client.ts', 'options.ts', 'library-options.ts', 'handle.ts', 'mock.ts'],
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
const roomOf = (file: string) => (dirname(file) === '.' ? basename(file) : (file.split('/')[0] as string))

const wrongImports = (file: string, source: string) =>
  [...source.matchAll(/(?:from|import)\s*\(?'(\.[^']+)'/g)]
    .map(([, target = '']) => normalize(join(dirname(file), target.replace(/\.js$/, '.ts'))))
    .filter((target) => roomOf(target) !== roomOf(file) && !MAY_IMPORT[roomOf(file)]?.includes(roomOf(target)))

t.test('imports go the way that the rooms are laid out', async (t) => {
  t.ok(files.length > 30)
  for (const file of files) {
    t.ok(roomOf(file) in MAY_IMPORT, `${file} is in a room that is known`)
    t.strictSame(wrongImports(file, readFileSync(join(SRC, file), 'utf8')), [], file)
  }
})

t.test('a wrong import is found', async (t) => {
  t.strictSame(wrongImports('api/x.ts', "import { y } from '../control/index.js'"), ['control/index.ts'])
  t.strictSame(wrongImports('pipelines/x.ts', "export * from '../seed/load.js'"), ['seed/load.ts'])
  t.strictSame(wrongImports('contract/x.ts', "const y = await import('../state/clock.js')"), ['state/clock.ts'])
})

t.test('only mock.ts listens, only cli.ts touches the process, and nobody prints but the command', async (t) => {
  for (const file of files) {
    const source = readFileSync(join(SRC, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
    t.equal(/\.listen\(/.test(source), file === 'mock.ts', `${file} and listening`)
    t.equal(/(?<!-)\bprocess\./.test(source), file === 'cli.ts', `${file} and the process`)
    t.notMatch(source, /\bconsole\./, `${file} does not print`)
  }
})
