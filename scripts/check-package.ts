// Packs the package and uses it as users do: `npm run test:package`. Installs test runners and compilers in a
// temporary folder. Runs package managers other than npm with npx, which keeps them in the npm cache.
import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { startCommand } from '../test/support/command.js'
import { FIT, cancelPath } from '../test/support/lab.js'
import { send } from '../test/support/http.js'
import { page } from '../test/support/markdown.js'
import { pack } from '../test/support/package.js'
import { ROOT } from '../test/support/paths.js'
import { exitOnSignals, run, temporaryFolder } from '../test/support/processes.js'
import { Report } from '../test/support/report.js'

exitOnSignals()
const report = new Report()
const root = temporaryFolder()

/** Creates a folder with the given files. Returns its path, and a function that runs a command in the folder. */
function project(name: string, files: Readonly<Record<string, string>> = {}) {
  const folder = join(root, name)
  mkdirSync(folder, { recursive: true })
  for (const [file, text] of Object.entries({ 'package.json': '{ "private": true }', ...files }))
    writeFileSync(join(folder, file), text)
  const inFolder = (command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    run(command, args, { cwd: folder, env: { ...process.env, ...env } })
  return { folder, inFolder }
}

const check = (title: string, use: () => Promise<unknown>) => report.run(title, use)

const tarball = await pack(root)

async function checkContents(): Promise<void> {
  const { folder, inFolder } = project('production')
  await inFolder('npm', ['install', '--no-audit', '--no-fund', '--omit=dev', tarball])
  const installed = join(folder, 'node_modules/ionworks-mock')
  await check(`${basename(tarball)} has only the expected files, and no dependencies`, async () => {
    const packages = readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))
    assert.deepEqual(packages, ['ionworks-mock'])
    assert.deepEqual(readdirSync(installed).sort(), [
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist',
      'fixture.schema.json',
      'fixtures',
      'openapi.json',
      'package.json',
    ])
  })
  await check('the package is at most 2.0 MB in size, and contains no source maps', async () => {
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8', withFileTypes: true }).filter((file) =>
      file.isFile(),
    )
    const bytes = files.reduce((sum, { parentPath, name }) => sum + readFileSync(join(parentPath, name)).length, 0)
    report.note(`${files.length} files, ${bytes} bytes`)
    assert.ok(bytes <= 2_000_000, `${bytes} bytes`)
    assert.deepEqual(
      files.filter(({ name }) => name.endsWith('.map')),
      [],
    )
  })
  await check('npx ionworks-mock --port 0 --json starts a mock', async () => {
    const mock = await startCommand([], { command: ['npx', 'ionworks-mock'], cwd: folder })
    assert.equal(mock.event, 'ready')
    const canceled = await send(mock.url, { method: 'POST', path: cancelPath(FIT) })
    assert.equal(JSON.parse(canceled.body).status, 'canceled')
    process.kill(mock.pid, 'SIGTERM')
    await mock.ended
  })
  await check('the fixture schema accepts the shipped fixtures, and the package exports openapi.json', async () => {
    const require = createRequire(join(folder, 'x.js'))
    const validate = new Ajv2020({ allErrors: true }).compile(require('ionworks-mock/fixture.schema.json'))
    const shipped = readdirSync(join(installed, 'fixtures')).filter((name) => !name.endsWith('.md'))
    assert.ok(shipped.length >= 3)
    for (const name of shipped)
      assert.ok(
        validate(parse(readFileSync(join(installed, 'fixtures', name), 'utf8'))),
        `${name}: ${JSON.stringify(validate.errors)}`,
      )
    assert.equal(require('ionworks-mock/openapi.json').openapi, '3.1.0')
  })
}

interface Runner {
  readonly title: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

const VM_MODULES = { NODE_OPTIONS: '--experimental-vm-modules' }
const vitest = (...args: string[]): Runner => ({
  title: `Vitest ${args.join(' ')}`,
  args: ['vitest', 'run', '--dir', 'vitest', ...args],
})

/** Programs that run the tests in `test-package`. Each program must exit by itself with the exit code 0. */
const RUNNERS: readonly Runner[] = [
  { title: 'Jest', args: ['jest', 'jest/cjs.test.js', 'jest/timers.test.js'] },
  { title: 'Jest with ES modules', args: ['jest', 'jest/esm.test.mjs'], env: VM_MODULES },
  { title: 'Jest with jsdom', args: ['jest', 'jest/jsdom.test.js'] },
  { title: 'ts-jest', args: ['jest', '--config', 'jest/typescript.config.json'] },
  vitest('--pool', 'forks'),
  vitest('--pool', 'threads'),
  vitest('--pool', 'vmThreads'),
  vitest('--environment', 'happy-dom'),
  { title: 'node:test', args: ['node', '--test', 'runners/node.test.mjs'] },
  { title: 'tap', args: ['tap', '--disable-coverage', '--allow-empty-coverage', 'runners/tap.mjs'] },
  { title: 'Mocha', args: ['mocha', 'runners/mocha.mjs'] },
  { title: 'Playwright', args: ['playwright', 'test', 'runners/playwright.spec.mjs'] },
]

/**
 * Compilers and flags that must accept the types of the package. `use` is the extension of the file that uses the
 * types.
 */
const COMPILERS: readonly { compiler: string; use: string; flags: string }[] = [
  { compiler: 'typescript', use: 'ts', flags: '--module commonjs' },
  { compiler: 'typescript-5', use: 'ts', flags: '--module commonjs --moduleResolution node10' },
  { compiler: 'typescript', use: 'cts', flags: '--module node16' },
  { compiler: 'typescript', use: 'mts', flags: '--module node16' },
  { compiler: 'typescript-5', use: 'cts', flags: '--module node16' },
  { compiler: 'typescript', use: 'cts', flags: '--module nodenext' },
  { compiler: 'typescript', use: 'mts', flags: '--module nodenext' },
  { compiler: 'typescript', use: 'ts', flags: '--module esnext --moduleResolution bundler' },
  { compiler: 'typescript-5', use: 'ts', flags: '--module esnext --moduleResolution bundler' },
]

const STRICT =
  '--strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess --verbatimModuleSyntax ' +
  '--module nodenext --target es2022 --lib es2022,esnext.disposable --types node'

async function checkRunners(): Promise<void> {
  const { folder, inFolder } = project('runners')
  cpSync(join(ROOT, 'test-package'), folder, { recursive: true })
  await inFolder('npm', ['install', '--no-audit', '--no-fund', '--save-dev', tarball])
  for (const { title, args, env } of RUNNERS)
    await check(`${title} runs its tests, and exits`, () => inFolder('npx', ['--no', '--', ...args], env))

  const [example] = page('README.md').blocks.filter(({ language }) => language === 'ts')
  writeFileSync(join(folder, 'types/readme.mts'), String(example?.text))
  for (const extension of ['cts', 'mts']) cpSync(join(folder, 'types/use.ts'), join(folder, `types/use.${extension}`))
  for (const { compiler, use, flags } of COMPILERS)
    await check(`tsc --strict accepts the types: ${compiler}, ${flags}, .${use}`, () => {
      const args = `--strict --noEmit --target es2022 --skipLibCheck false ${flags} types/use.${use}`
      return inFolder(process.execPath, [`node_modules/${compiler}/bin/tsc`, ...args.split(' ')])
    })
  await check('with strict options, the first test in the README and types/run.mts compile and run', async () => {
    const files = ['types/readme.mts', 'types/run.mts']
    await inFolder(process.execPath, ['node_modules/typescript/bin/tsc', ...STRICT.split(' '), ...files])
    await inFolder(process.execPath, ['--test', 'types/readme.mjs'])
    await inFolder(process.execPath, ['types/run.mjs'])
  })
  await check('publint and attw have no findings', async () => {
    await inFolder('npx', ['--no', '--', 'publint', '--strict', 'node_modules/ionworks-mock'])
    await inFolder('npx', ['--no', '--', 'attw', tarball, '--format', 'ascii'])
  })
}

const USE = `const { startMock } = require('ionworks-mock')
startMock({ fixtures: { pipelines: [{ id: 'a', name: 'a', status: 'running' }] } }).then(async (mock) => {
  const { body } = await mock.inject({ method: 'POST', url: '/pipelines/a/cancel' })
  await mock.close()
  process.exitCode = JSON.parse(body).status === 'canceled' ? 0 : 1
})
`
const YARN_PNP = 'nodeLinker: pnp\nenableTelemetry: false\nenableGlobalCache: false\n'

/** The package managers, each with the commands that install the package and use it. */
const MANAGERS: readonly { title: string; commands: readonly string[]; files?: Readonly<Record<string, string>> }[] = [
  {
    title: 'npm',
    commands: [`npm install --engine-strict --no-audit --no-fund ${tarball}`, 'node --throw-deprecation use.cjs'],
  },
  {
    title: 'pnpm with engine-strict',
    commands: [`npx -y pnpm@10 add --config.engine-strict=true ${tarball}`, 'node use.cjs'],
  },
  { title: 'Yarn 1', commands: [`npx -y yarn@1 add file:${tarball}`, 'node use.cjs'] },
  {
    title: "Yarn with Plug'n'Play",
    commands: [
      `npx -y @yarnpkg/cli-dist@4 add ionworks-mock@file:${tarball}`,
      'npx -y @yarnpkg/cli-dist@4 node use.cjs',
    ],
    files: { '.yarnrc.yml': YARN_PNP, 'yarn.lock': '' },
  },
]

async function checkManagers(): Promise<void> {
  for (const [i, { title, commands, files = {} }] of MANAGERS.entries())
    await check(`${title} installs the package on Node.js ${process.version}`, async () => {
      const { inFolder } = project(`manager-${i}`, { 'use.cjs': USE, ...files })
      for (const command of commands) {
        const [program = '', ...args] = command.split(' ')
        await inFolder(program, args, { CI: '' })
      }
    })
}

await checkContents()
await checkRunners()
await checkManagers()
process.exitCode = report.failed.length === 0 ? 0 : 1
