import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import ts from 'typescript'
import { readArguments } from '../src/cli/arguments.js'
import { loadSeed } from '../src/fixtures/load.js'
import { finishCommand, startCommand } from './support/command.js'
import { send } from './support/http.js'
import { anchorsOf, type Block, linksOf, page, PAGES } from './support/markdown.js'
import { ROOT } from './support/paths.js'
import { run } from './support/processes.js'
import { NOW, serve } from './support/serve.js'

const URL_SHOWN = 'http://127.0.0.1:4669'
const PACKAGE = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>
  devDependencies: Record<string, string>
}

const blocks = PAGES.flatMap((one) => one.blocks)
const blocksIn = (...languages: string[]) => blocks.filter(({ language }) => languages.includes(language))
const placeOf = ({ page, line }: Block) => `${page}:${line}`

/** Splits a shell command into words, and removes their quotes. */
const wordsOf = (command: string) =>
  Array.from(command.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g), ([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, (_, single?: string, double?: string) => single ?? double ?? ''),
  )

t.test('every code block of a document has a language that these tests know', async (t) => {
  const known = ['sh', 'console', 'ts', 'js', 'python', 'yaml', 'json']
  t.strictSame(blocks.filter(({ language }) => !known.includes(language)).map(placeOf), [])
})

/** Returns the commands of a console block, each with the output that the block shows. */
const sessionOf = ({ text }: Block) =>
  text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = '', ...output] = part.split('\n')
      return { command, output: output.join('\n').trimEnd() }
    })

/** Returns a pattern for the output that a block shows. `…` in the output stands for any text. */
const patternOf = (output: string) =>
  new RegExp(
    `^${output
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('[^]*?')}$`,
  )

/** Sends the request that a curl command would send, and returns the body of the response. */
async function curl(args: readonly string[], url: string): Promise<string> {
  const valueOf = (flag: string) => args.flatMap((arg, i) => (args[i - 1] === flag ? [arg] : []))
  const [body] = valueOf('-d')
  const [method = body === undefined ? 'GET' : 'POST'] = valueOf('-X')
  const headers = Object.fromEntries(valueOf('-H').map((header) => header.split(': ') as [string, string]))
  const target = String(args.find((arg) => arg.startsWith(URL_SHOWN))).slice(URL_SHOWN.length)
  return (await send(url, { method, path: target, headers, ...(body !== undefined && { body }) })).body
}

for (const { path, blocks } of PAGES) {
  const consoles = blocks.filter(({ language }) => language === 'console')
  if (consoles.length === 0) continue
  t.test(`the console commands in ${path} print the output shown there`, async (t) => {
    const files = blocks.filter(({ name }) => name !== '').map(({ name, text }) => [name, text])
    const folder = t.testdir(Object.fromEntries(files) as Record<string, string>)
    const { mock } = await serve(t, { clock: `frozen@${NOW}` })
    for (const block of consoles)
      for (const { command, output } of sessionOf(block)) {
        const [program, ...args] = wordsOf(command)
        if (program === 'curl') t.match(await curl(args, mock.url), patternOf(output), `${placeOf(block)}: ${command}`)
        else {
          t.equal(program, 'ionworks-mock', placeOf(block))
          const { out, err } = await finishCommand(args, { cwd: folder })
          t.match((out + err).trimEnd(), patternOf(output), `${placeOf(block)}: ${command}`)
        }
      }
  })
}

/**
 * Checks a shell command without running it. Returns a message if its npm script or program is unknown. Throws if an
 * option is invalid.
 */
function checkCommand(command: string): string | undefined {
  const [program = '', first = '', ...rest] = wordsOf(command.replace(/^\w+=\S+ /, ''))
  if (program === 'npm') {
    const script = first === 'run' ? rest.find((word) => !word.startsWith('-')) : first
    return script === 'ci' || script === 'install' || PACKAGE.scripts[String(script)] ? undefined : 'unknown npm script'
  }
  const args = program === 'docker' ? rest.slice(rest.lastIndexOf('ionworks-mock') + 1) : [first, ...rest]
  if (program === 'ionworks-mock' || (program === 'docker' && first === 'run')) readArguments(args, {})
  else if (program !== 'docker') return 'unknown program'
  return undefined
}

t.test('every shell command in a document uses existing npm scripts and valid options', async (t) => {
  for (const block of blocksIn('sh'))
    for (const line of block.text.trimEnd().replace(/ +#.*/gm, '').split('\n'))
      for (const command of line.split(' && '))
        t.equal(checkCommand(command), undefined, `${placeOf(block)}: ${command}`)
  const inText = PAGES.flatMap(({ text }) => [...text.matchAll(/`npm run ([\w:]+)/g)].map(([, script]) => script))
  t.strictSame(
    inText.filter((script) => !PACKAGE.scripts[String(script)]),
    [],
  )
})

t.test('the tests in the documents and in examples/node-test/story.test.js pass', async (t) => {
  const folder = t.testdir()
  const { url } = (await serve(t)).mock
  const built = (name: string) => JSON.stringify(pathToFileURL(join(ROOT, 'build/src', name)))
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
  const sources = [...blocksIn('ts').map(({ text }) => text), readFileSync('examples/node-test/story.test.js', 'utf8')]
  const files = sources.map((source, i) => {
    const local = source
      .replace("'ionworks-mock/client'", built('client.js'))
      .replace("'ionworks-mock'", built('index.js'))
      .replaceAll(URL_SHOWN, url)
    writeFileSync(join(folder, `example${i}.mjs`), ts.transpileModule(local, { compilerOptions }).outputText)
    return `import './example${i}.mjs'`
  })
  writeFileSync(join(folder, 'all.mjs'), files.join('\n'))
  const tests = sources.join('\n').match(/^ *(?:test|it)\(/gm)?.length
  // All files run in one process, because the start of a process takes long.
  const stdout = await run(process.execPath, ['--test-reporter=tap', join(folder, 'all.mjs')])
  t.match(stdout, new RegExp(`# tests ${tests}\n[^]*# pass ${tests}\n# fail 0\n`))
})

t.test('the code that the documents show for other test runners is part of the examples', async (t) => {
  const examples = ['vitest/cancel.test.js', 'tap/cancel.test.js', 'pytest/conftest.py', 'pytest/test_cancel.py']
  const files = [...examples.map((name) => join('examples', name)), 'test-package/jest/timers.test.js']
  const text = files.map((name) => readFileSync(name, 'utf8')).join('\n')
  for (const block of blocksIn('js', 'python'))
    for (const part of block.text.replace(/ *\/\/ …\n[^]*/, '').split('\n\n\n'))
      t.ok(text.includes(part.trimEnd()), placeOf(block))
})

t.test('the fixtures in the documents load without warnings, except the fixture with a deliberate typo', async (t) => {
  const fixtures = blocksIn('yaml').filter(({ name }) => name !== 'typo.yaml')
  t.ok(fixtures.length > 2)
  for (const block of fixtures) {
    const { warnings } = await loadSeed([t.testdir({ 'fixture.yaml': block.text })], NOW)
    t.strictSame(warnings, [], placeOf(block))
  }
})

t.test('the line that `--json` prints has the keys that the documents show', async (t) => {
  const [shown] = blocksIn('json')
  const { output, stop } = await startCommand()
  await stop()
  t.strictSame(Object.keys(JSON.parse(output().out)), Object.keys(JSON.parse(String(shown?.text))))
})

t.test('every link from a document to the repository leads to a file and a heading that exist', async (t) => {
  for (const one of PAGES)
    for (const { target, anchor } of linksOf(one)) {
      t.ok(existsSync(join(ROOT, target)), `${one.path}: ${target}`)
      if (anchor !== '' && target.endsWith('.md'))
        t.ok(anchorsOf(page(target)).includes(anchor), `${one.path}: #${anchor}`)
    }
})

t.test('CONTRIBUTING.md lists every dependency', async (t) => {
  const { text } = page('CONTRIBUTING.md')
  for (const name of Object.keys(PACKAGE.devDependencies)) t.match(text, `\`${name}\``)
})
