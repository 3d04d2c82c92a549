import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import ts from 'typescript'
import { shownDefault } from '../src/cli/help.js'
import { flagOf, OPTION_NAMES, OPTIONS, variableOf } from '../src/options/options.js'
import { formatIssue } from '../src/diagnostics/issue.js'
import type { FixtureError } from '../src/fixtures/error.js'
import { loadSeed } from '../src/fixtures/load.js'
import { ROOT } from './support/paths.js'
import { run } from './support/processes.js'
import { NOW, serve } from './support/serve.js'

const README = readFileSync('README.md', 'utf8')
const PACKAGE = JSON.parse(readFileSync('package.json', 'utf8'))

const block = (text: string, language: string, after = '') =>
  new RegExp(`${after}[\\s\\S]*?\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1] ?? ''

t.test('the first call of the README cancels, and gets the response that is shown', async (t) => {
  const { mock, ask } = await serve(t)
  const [, path = ''] = /curl -X POST http:\/\/127\.0\.0\.1:4669(\S+)/.exec(README) ?? []
  const shown = block(README, 'json')
  const before = await mock.pipelines.elements(path.split('/')[2] as string)
  const { body } = await ask('POST', path)
  const time = /"updated_at":"[^"]+"/
  t.equal(body.replace(time, ''), shown.trim().replace(time, ''))

  const [, reads = ''] = /curl http:\/\/127\.0\.0\.1:4669(\S+)/.exec(README) ?? []
  const after = (await ask('GET', reads)).json() as { status: string }[]
  const statuses = (elements: readonly { status: string }[]) => elements.map(({ status }) => status).join(' ')
  t.match(README, `before \`${statuses(before)}\`, are \`${statuses(after)}\` now`)
  for (const [i, element] of before.entries())
    if (element.status === 'completed') t.strictSame(after[i], element, `element ${i + 1} is as it was`)
})

t.test('the README shows the default port', async (t) => {
  t.match(README, `http://127.0.0.1:${OPTIONS.port.default}`)
})

t.test('the tests in the README pass', async (t) => {
  t.testdir()
  const blocks = [...README.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, source]) => String(source))
  t.equal(blocks.length, 4)
  const { url } = (await serve(t)).mock
  const client = String(blocks[2]).replace('http://127.0.0.1:4669', url)
  const sources = [
    ...[0, 1, 3].map((i) => String(blocks[i])),
    `import { test } from 'node:test'\ntest('it connects', () => undefined)\n${client}`,
    readFileSync('examples/node-test/story.test.js', 'utf8'),
  ]
  const built = (name: string) => JSON.stringify(pathToFileURL(`${ROOT}/build/src/${name}`))
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
  const files = sources.map((source, i) => {
    const local = source
      .replace("'ionworks-mock/client'", built('client.js'))
      .replace("'ionworks-mock'", built('index.js'))
    const { outputText } = ts.transpileModule(local, { compilerOptions })
    writeFileSync(`${t.testdirName}/example${i}.mjs`, outputText)
    return `import './example${i}.mjs'`
  })
  writeFileSync(`${t.testdirName}/all.mjs`, files.join('\n'))
  // In one process, because each takes long to start.
  const stdout = await run(process.execPath, ['--test-reporter=tap', `${t.testdirName}/all.mjs`])
  t.match(stdout, /# pass 6\n# fail 0/)
})

t.test('the patterns for other runners are in their examples', async (t) => {
  const examples = ['vitest/cancel.test.js', 'tap/cancel.test.js', 'pytest/conftest.py', 'pytest/test_cancel.py']
  const text = examples.map((name) => readFileSync(`examples/${name}`, 'utf8')).join('\n')
  const blocks = [...README.matchAll(/```(?:js|python)\n([\s\S]*?)```/g)].map(([, source]) => String(source))
  t.equal(blocks.length, 3)
  for (const block of blocks)
    for (const part of block.replace(/ *\/\/ …\n[\s\S]*/, '').split('\n\n\n'))
      t.ok(text.includes(part.trimEnd()), part.slice(0, 200))
})

t.test('the fixture in the section on time can be seeded', async (t) => {
  const { seed, warnings } = await loadSeed([t.testdir({ 'time.yaml': block(README, 'yaml') })], NOW)
  t.strictSame(warnings, [])
  t.match(seed.pipelines[0]?.plan, { takes: 10_000, cancel_takes: 3000, steps: { length: 3 } })
})

t.test('the README lists every option with its variable, default and help', async (t) => {
  const rows = OPTION_NAMES.map(
    (name) => `| \`${flagOf(name)}\` | \`${variableOf(name)}\` | ${shownDefault(name)} | ${OPTIONS[name].help} |`,
  )
  const [, table = ''] = /<!-- options -->\n([\s\S]*?)\n<!-- \/options -->/.exec(README) ?? []
  t.equal(table, ['| flag | variable | default | what it does |', '| --- | --- | --- | --- |', ...rows].join('\n'))
})

t.test('the README lists every operation of the document', async (t) => {
  const { paths } = JSON.parse(readFileSync('openapi.json', 'utf8'))
  const declared = Object.entries<object>(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const listed = [...README.matchAll(/^\| `((?:GET|POST|PATCH|DELETE) \/[^`]*)` \|/gm)].map(
    ([, operation]) => operation,
  )
  t.strictSame(listed.sort(), declared.sort())
})

t.test('every script, file and dependency that the README names exists', async (t) => {
  for (const text of [README, readFileSync('.ci/run', 'utf8')])
    for (const [, script = ''] of text.matchAll(/npm run ([\w:]+)/g)) t.ok(PACKAGE.scripts[script], `npm run ${script}`)
  for (const [, target = ''] of README.matchAll(/\]\((?!http)([^)]+)\)/g)) t.ok(existsSync(target), target)
  for (const name of Object.keys(PACKAGE.dependencies)) t.match(README, `\`${name}\``)
})

t.test('the examples in fixtures/README.md load, and fail as shown', async (t) => {
  const text = readFileSync('fixtures/README.md', 'utf8')
  const folder = t.testdir({ 'lab.yaml': block(text, 'yaml') })
  const { seed, warnings } = await loadSeed([folder], NOW)
  t.strictSame(warnings, [])
  t.match(seed.pipelines[0], { pipeline: { created_at: '2026-10-01T10:00:00Z' }, elements: { length: 3 } })

  const broken = t.testdir({ 'lab.yaml': block(text, 'yaml').replace('status: running', 'status: runing') })
  const error = await loadSeed([`${broken}/lab.yaml`], NOW).catch((error: unknown) => error as FixtureError)
  const issues = 'issues' in error ? error.issues.map(formatIssue).join('\n') : ''
  t.equal(issues.replace(`${broken}/`, ''), block(text, '', 'would be right').trim())
})
