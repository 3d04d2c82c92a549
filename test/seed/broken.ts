import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { FixtureError, startMock } from '../../src/index.js'
import { idFrom } from '../../src/pipelines/ids.js'
import { formatFault } from '../../src/diagnostics/issue.js'
import { loadSeed } from '../../src/fixtures/load.js'
import { NOW } from '../fixtures/serve.js'

const FOLDER = 'test/fixtures/broken'
const EXPECTED = readFileSync('test/fixtures/broken-faults.txt', 'utf8').trimEnd().split('\n')

const faultsOf = async (...sources: Parameters<typeof loadSeed>[0]) =>
  loadSeed(sources, NOW).then(
    () => [],
    (error) => {
      if (error instanceof FixtureError) return error.faults.map(formatFault)
      throw error
    },
  )

t.test('every fault of every broken file is told, with its place and what would be right', async (t) => {
  t.strictSame(await faultsOf(FOLDER), EXPECTED)
})

t.test('no mock starts from any of the broken files', async (t) => {
  const files = readdirSync(FOLDER).map((name) => `${FOLDER}/${name}`)
  t.ok(files.length >= 20)
  // This one is broken only beside its twin.
  for (const file of files.filter((name) => !/duplicate-across/.test(name))) {
    await t.rejects(startMock({ fixtures: file, listen: false }), FixtureError, file)
    for (const fault of await faultsOf(file)) t.match(fault, /^test\/fixtures\/broken\/[\w.-]+:\d+:\d+: ./)
  }
  await t.rejects(startMock({ fixtures: files, listen: false }), FixtureError)
})

t.test('paths that lead to no fixtures are told apart', async (t) => {
  const folder = t.testdir({
    empty: {},
    'no-fixtures': { 'README.md': '', '.hidden.yaml': 'x', '.git': { 'a.yaml': 'x' }, deeper: { 'a.txt': '' } },
    'a.txt': 'pipelines: []',
    broken: { 'gone.yaml': t.fixture('symlink', 'nowhere.yaml') },
    secret: { 'a.yaml': 'pipelines: []' },
  })
  const nothing = 'there are no fixtures here: name .json, .yaml, .yml files, or a folder that holds some'
  for (const [path, fault] of [
    ['missing', 'there is no such file or folder: check the path'],
    ['empty', nothing],
    ['no-fixtures', nothing],
    ['a.txt', nothing],
    ['broken/gone.yaml', 'there is no such file or folder: check the path'],
  ] as const)
    t.strictSame(await faultsOf(`${folder}/${path}`), [`${folder}/${path}: ${fault}`], path)
  t.strictSame(await faultsOf(`${folder}/broken`), [
    `${folder}/broken/gone.yaml: there is no such file or folder: check the path`,
  ])
  writeFileSync(`${folder}/huge.json`, '')
  truncateSync(`${folder}/huge.json`, 2 ** 28 + 1)
  t.strictSame(await faultsOf(`${folder}/huge.json`), [
    `${folder}/huge.json: this file is larger than 256 MiB: split it`,
  ])
  t.match(await faultsOf(`${folder}/a.txt/b.yaml`), [
    /: this cannot be read \(ENOTDIR.*\): check the path and its permissions$/,
  ])
})

t.test('faults of objects have a path, but no place', async (t) => {
  t.strictSame(await faultsOf({ pipelines: [{ name: 'a', status: 'runing' as 'running' }] }), [
    'pipelines[0].status: found "runing", expected one of pending, running, completed, failed, canceled; did you mean "running"?',
  ])
  t.strictSame(await faultsOf({ pipelines: [{ name: 'a', id: 'x' }] }, { pipelines: [{ name: 'b', id: 'x' }] }), [
    'pipelines[0].id: another pipeline has the id "x" already: give each its own',
  ])
  const job_config = { when: new Date(0), big: 1n as unknown }
  t.strictSame(await faultsOf({ pipelines: [{ name: 'a', elements: [{ name: 'e', job_config }] }] }), [
    'pipelines[0].elements[0].job_config.when: found an object, which JSON has no form for: use a text, a number, a list or an object',
    'pipelines[0].elements[0].job_config.big: found 1, which JSON has no form for: use a text, a number, a list or an object',
  ])
})

t.test('an object that is no data is refused', async (t) => {
  const job_config = { run: () => 1 }
  t.match(await faultsOf({ pipelines: [{ name: 'a', elements: [{ name: 'e', job_config }] }] }), [
    /could not be cloned\.: a fixture holds nothing but data$/,
  ])
})

t.test('a value that is long is cut in the message', async (t) => {
  const [fault] = await faultsOf({ pipelines: [{ name: 'a', status: 'x'.repeat(1000) as 'running' }] })
  t.ok((fault as string).length < 250)
})

t.test('documents nested without end are refused, not followed', async (t) => {
  const deep = (open: string, close: string, n = 50_000) => open.repeat(n) + close.repeat(n)
  const around = (value: string) => `{"pipelines":[{"name":"a","elements":[{"name":"e","result":{"x":${value}}}]}]}`
  const folder = t.testdir({
    'a.json': around(deep('[', ']')),
    'b.json': around('['.repeat(50_000)),
    'c.yaml': `pipelines: ${deep('[', ']')}`,
    'd.yaml': `pipelines: ${'['.repeat(50_000)}`,
    'e.yaml': `pipelines:\n  ${'- '.repeat(50_000)}x`,
    'f.json': around(`${'{"a":1,"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`),
    'h.yaml': `pipelines: ${deep('[', ']')} # ] ]`,
    'i.yaml': '? '.repeat(20_000),
    'j.yaml': '- - '.repeat(20_000),
    'k.yaml': Array.from({ length: 3000 }, (_, i) => `${' '.repeat(i)}- \n\n# x\n`).join(''),
    'n.yaml': `pipelines:\n  - id: ${'? '.repeat(20_000)}x`,
    'm.yaml': `pipelines: ${'{'.repeat(80)}`,
    'l.json': '['.repeat(100_000),
    'g.json': `{"$schema":${deep('[', ']')},"pipelines":[{"name":1}]}`,
  })
  for (const file of readdirSync(folder))
    t.match(
      await faultsOf(`${folder}/${file}`),
      [/:\d+:\d+: .*(nested|twice|expected|a key is a text|more than)/],
      file,
    )
})

t.test('of very many faults the first are told, and that there are more', async (t) => {
  const unknown = Array.from({ length: 5000 }, (_, i) => `"k${i}":1`)
  const folder = t.testdir({
    'a.json': `{"pipelines":[{"name":"a",${unknown}}]}`,
    'b.json': `{${unknown},${unknown}}`,
    'c.yaml': 'k: 1\n'.repeat(5000),
  })
  for (const name of readdirSync(folder)) {
    const faults = await faultsOf(`${folder}/${name}`)
    t.equal(faults.length, 1001)
    t.match(faults[0], /:1:1: more than 1000 faults: the first are told$/)
  }
  t.equal((await faultsOf({ pipelines: Array.from({ length: 1500 }, () => ({})) } as never)).length, 1001)
})

t.test('a place in YAML is where an editor shows it', async (t) => {
  const folder = t.testdir({ 'a.yaml': "''}t\nn: " })
  t.match(await faultsOf(folder), [/a.yaml:1:3: /, /a.yaml:1:4: /, /a.yaml:2:2: /])
})

t.test('an id that an element is given is its own too', async (t) => {
  const id = idFrom('a', 'e')
  const folder = t.testdir({
    'a.yaml': 'pipelines:\n- { id: a, name: a, elements: [{ name: d }, { name: e }] }\n',
    'b.yaml': `pipelines:\n- { name: b, elements: [{ name: x, id: ${id} }] }\n`,
  })
  t.strictSame(await faultsOf(folder), [
    `${folder}/b.yaml:2:40: pipelines[0].elements[0].id: another element has the id "${id}" already: give each its own (first at ${folder}/a.yaml:2:45)`,
  ])
})

t.test('a name that is no Unicode text has an id all the same', async (t) => {
  const { seed } = await loadSeed([{ pipelines: [{ name: '\ud800', elements: [{ name: '\udfff' }] }] }], NOW)
  t.equal(seed.pipelines[0]?.elements[0]?.id.length, 36)
})

t.test('each way to break JSON is told apart', async (t) => {
  const table: [text: string, position: string, remedy: string][] = [
    ['{"a": x}', '1:7', 'this is no JSON value: texts want double quotes'],
    ['{"a": -}', '1:7', 'this is no JSON value: texts want double quotes'],
    ['{"a": 1.}', '1:7', 'this number is not complete'],
    ['{"a": 01}', '1:8', 'a comma is missing here'],
    ['{,}', '1:2', 'a value is missing here: is there a comma too many?'],
    ['{"a" 1}', '1:6', 'a colon is missing here'],
    ['{"a": 1 "b": 2}', '1:9', 'a comma is missing here'],
    ['{"a":\r\n[1,', '2:4', 'a value is missing here: is there a comma too many?'],
    ['{"a": "\\x"}', '1:7', 'JSON knows no such escape: write a backslash as \\\\'],
    ['{"a": "\\u12"}', '1:7', 'a \\u escape wants four hexadecimal digits'],
    ['{"a": "\t"}', '1:7', 'a text cannot hold a bare control character: write it as \\n, \\t or \\uXXXX'],
    ['{"a": 1} /* */', '1:10', 'JSON has no comments: remove it, or save the file as YAML'],
    ['{"a": 1} /*', '1:10', 'JSON has no comments: remove it, or save the file as YAML'],
    ['[1}', '1:3', 'a comma is missing here'],
  ]
  const folder = t.testdir(Object.fromEntries(table.map(([text], i) => [`${i}.json`, text])))
  for (const [i, [text, position, remedy]] of table.entries())
    t.strictSame(
      await faultsOf(`${folder}/${i}.json`),
      [`${folder}/${i}.json:${position}: broken JSON: ${remedy}`],
      text,
    )
})

t.test('an id that was left out can clash too; the fault is where the pipeline is', async (t) => {
  const { seed } = await loadSeed([{ pipelines: [{ name: 'a' }] }], NOW)
  const id = seed.pipelines[0]?.pipeline.id
  const folder = t.testdir({
    'a.json': `{"pipelines":[\n  {"name":"b","id":"${id}"},\n  {"name":"a"}]}`,
    'b.yaml': `pipelines:\n  - { name: b, id: ${id} }\n  - name: a\n`,
  })
  const fault = `pipelines[1].id: another pipeline has the id "${id}" already: give each its own`
  t.strictSame(await faultsOf(`${folder}/a.json`), [`${folder}/a.json:3:3: ${fault} (first at ${folder}/a.json:2:20)`])
  t.strictSame(await faultsOf(`${folder}/b.yaml`), [`${folder}/b.yaml:3:5: ${fault} (first at ${folder}/b.yaml:2:20)`])
})

t.test('each way to break YAML is told apart', async (t) => {
  const table: [text: string, fault: string][] = [
    ['---\n', '1:4: found null, expected an object with the key "pipelines"'],
    ['pipelines: [', '1:13: broken YAML: Flow sequence in block collection must be sufficiently indented'],
    ['pipelines: []\n\tx: 1', '2:1: broken YAML: '],
    [
      'pipelines: "\\q"',
      '1:13: broken YAML: Invalid escape sequence \\q: write a backslash as \\\\, or use single quotes',
    ],
    ['pipelines: @x', '1:12: broken YAML: Plain value cannot start with reserved character @: put the text in quotes'],
    [
      'pipelines: &a &b []',
      '1:15: broken YAML: A node can have at most one anchor: check the indentation and the quotes here',
    ],
    ['? [a]\n: 1', '1:3: broken YAML: With stringKeys, all keys must be strings: a key is a text'],
    ['%TAG x\n---\npipelines: []', '1:1: broken YAML: '],
    ['pipelines:\n  - { <<: 5, name: a }', '1:1: broken YAML: Merge sources must be maps'],
  ]
  const folder = t.testdir(Object.fromEntries(table.map(([text], i) => [`${i}.yaml`, text])))
  for (const [i, [text, fault]] of table.entries()) {
    const [first] = await faultsOf(`${folder}/${i}.yaml`)
    t.equal(first?.slice(`${folder}/${i}.yaml:`.length).slice(0, fault.length), fault, text)
  }
})

t.test('clashes are told among many elements, and beside what is none', async (t) => {
  const many = Array.from({ length: 40 }, (_, i) => ({ name: `e${i % 39}` }))
  t.strictSame(await faultsOf({ pipelines: [{ name: 'a', elements: many }] }), [
    'pipelines[0].elements[39].name: name "e0" is that of elements[0] too: give each element a name of its own',
  ])
  const elements = [{ name: 'e', element_order: 3 }, null, { name: 'f' }] as unknown as { name: string }[]
  t.strictSame(await faultsOf({ pipelines: [{ name: 'a', elements }] }), [
    'pipelines[0].elements[1]: found null, expected an object',
    'pipelines[0].elements[2]: element_order 3 is that of elements[0] too: give each its own; left out, it is the place in the list',
  ])
})

t.test('of faults without number, a thousand are told', async (t) => {
  const job_config = { x: Array.from({ length: 1500 }, () => Number.NaN) }
  t.equal((await faultsOf({ pipelines: [{ name: 'a', elements: [{ name: 'e', job_config }] }] })).length, 1000)
})
