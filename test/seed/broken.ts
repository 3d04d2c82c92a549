import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { FixtureError, type Issue, startMock } from '../../src/index.js'
import { idFrom } from '../../src/pipelines/ids.js'
import { formatPath, formatPlace } from '../../src/diagnostics/issue.js'
import { loadSeed } from '../../src/fixtures/load.js'
import { NOW } from '../fixtures/serve.js'

const FOLDER = 'test/fixtures/broken'
const EXPECTED = readFileSync('test/fixtures/broken-issues.txt', 'utf8').trimEnd().split('\n')

type Sources = Parameters<typeof loadSeed>[0]

const issuesOf = async (...sources: Sources): Promise<readonly Issue[]> =>
  loadSeed(sources, NOW).then(
    () => [],
    (error) => {
      if (error instanceof FixtureError) return error.issues
      throw error
    },
  )

/** `file:line:col path code` */
const summaryOf = ({ path = [], code, ...place }: Issue) =>
  [formatPlace(place), formatPath(path), code].filter((part) => part !== '').join(' ')

const summariesOf = async (...sources: Sources) => (await issuesOf(...sources)).map(summaryOf)

/** The words that a message has in quotes: what was found, what is missing, what was meant. */
const quotedIn = ({ message }: Issue) => [...message.matchAll(/"([^"]+)"/g)].map(([, word]) => word)

t.test('every issue of every broken file is listed, with its place, its path and its code', async (t) => {
  t.strictSame(await summariesOf(FOLDER), EXPECTED)
})

t.test('no mock starts from any of the broken files', async (t) => {
  const files = readdirSync(FOLDER).map((name) => `${FOLDER}/${name}`)
  t.ok(files.length >= 20)
  // This one is broken only beside its twin.
  for (const file of files.filter((name) => !/duplicate-across/.test(name))) {
    await t.rejects(startMock({ fixtures: file, listen: false }), FixtureError, file)
    const issues = await issuesOf(file)
    t.ok(issues.length > 0, file)
    for (const issue of issues) {
      t.match(issue, { file, position: { line: Number, column: Number } })
      t.not(issue.message, '')
    }
  }
  await t.rejects(startMock({ fixtures: files, listen: false }), FixtureError)
})

t.test('a message names the key that is missing, and the word that was probably meant', async (t) => {
  t.strictSame((await issuesOf(`${FOLDER}/missing-keys.yaml`)).map(quotedIn), [['name'], ['name']])
  t.strictSame((await issuesOf(`${FOLDER}/misspelt-keys.yaml`)).map(quotedIn), [
    ['$schema'],
    ['status'],
    ['options'],
    ['live_progress_updates'],
    ['element_type'],
    ['job_config'],
    [],
    [],
    ['user_id'],
  ])
  t.strictSame((await issuesOf(`${FOLDER}/misspelt-values.yaml`)).map(quotedIn), [
    ['runing', 'running'],
    ['SOLVER_EROR', 'SOLVER_ERROR'],
    ['data_fit', 'Data Fit'],
    ['cancelled', 'canceled'],
    ['Optimisation'],
    ['Running', 'running'],
  ])
})

t.test('a message about an id that is used twice gives the place of its first use', async (t) => {
  const [across] = await issuesOf(`${FOLDER}/duplicate-across-1.json`, `${FOLDER}/duplicate-across-2.yaml`)
  t.match(across, { file: `${FOLDER}/duplicate-across-2.yaml`, message: `${FOLDER}/duplicate-across-1.json:1:25` })
  const file = `${FOLDER}/duplicate-ids.yaml`
  const firsts = [`${file}:2:42`, `${file}:2:42`, `${file}:2:11`, `${file}:2:11`, `${file}:2:11`]
  t.match(
    await issuesOf(file),
    firsts.map((message) => ({ code: 'duplicate_id', message })),
  )
})

t.test('paths that lead to no fixtures are told apart', async (t) => {
  const folder = t.testdir({
    empty: {},
    'no-fixtures': { 'README.md': '', '.hidden.yaml': 'x', '.git': { 'a.yaml': 'x' }, deeper: { 'a.txt': '' } },
    'a.txt': 'pipelines: []',
    broken: { 'gone.yaml': t.fixture('symlink', 'nowhere.yaml') },
    secret: { 'a.yaml': 'pipelines: []' },
  })
  writeFileSync(`${folder}/huge.json`, '')
  truncateSync(`${folder}/huge.json`, 2 ** 28 + 1)
  for (const [path, code] of [
    ['missing', 'file_not_found'],
    ['empty', 'no_fixtures'],
    ['no-fixtures', 'no_fixtures'],
    ['a.txt', 'no_fixtures'],
    ['broken/gone.yaml', 'file_not_found'],
    ['huge.json', 'file_too_large'],
    ['a.txt/b.yaml', 'unreadable_file'],
  ] as const)
    t.strictSame(await summariesOf(`${folder}/${path}`), [`${folder}/${path} ${code}`], path)
  t.strictSame(await summariesOf(`${folder}/broken`), [`${folder}/broken/gone.yaml file_not_found`])
  t.match(await issuesOf(`${folder}/a.txt/b.yaml`), [{ message: 'ENOTDIR' }], 'the error of the system is named')
})

t.test('issues of objects have a path, but no place', async (t) => {
  t.strictSame(await summariesOf({ pipelines: [{ name: 'a', status: 'runing' as 'running' }] }), [
    'pipelines[0].status invalid_value',
  ])
  t.strictSame(await summariesOf({ pipelines: [{ name: 'a', id: 'x' }] }, { pipelines: [{ name: 'b', id: 'x' }] }), [
    'pipelines[0].id duplicate_id',
  ])
  const job_config = { when: new Date(0), big: 1n as unknown }
  t.strictSame(await summariesOf({ pipelines: [{ name: 'a', elements: [{ name: 'e', job_config }] }] }), [
    'pipelines[0].elements[0].job_config.when not_json',
    'pipelines[0].elements[0].job_config.big not_json',
  ])
})

t.test('an object that is more than data is refused as a whole', async (t) => {
  const job_config = { run: () => 1 }
  t.strictSame(await summariesOf({ pipelines: [{ name: 'a', elements: [{ name: 'e', job_config }] }] }), ['not_json'])
})

t.test('a value that is long is cut in the message', async (t) => {
  const [issue] = await issuesOf({ pipelines: [{ name: 'a', status: 'x'.repeat(1000) as 'running' }] })
  t.equal(issue?.code, 'invalid_value')
  t.ok(String(issue?.message).length < 250)
})

/** More than half of the depth at which YAML is refused, and less than all of it. */
const DEPTH = 150

/** Blocks in blocks, each in a line of its own; the first is indented by `indent`. */
const lines = (depth: number, indent = 0) =>
  Array.from({ length: depth }, (_, i) => `${' '.repeat(indent + i)}-\n`).join('')

t.test('documents nested without end are refused, not followed', async (t) => {
  const deep = (open: string, close: string, n = 50_000) => open.repeat(n) + close.repeat(n)
  const around = (value: string) => `{"pipelines":[{"name":"a","elements":[{"name":"e","result":{"x":${value}}}]}]}`
  // An overflow of the parser of YAML would be an invalid_yaml: it must not get so far.
  const table: [name: string, text: string, ...firstIssues: string[]][] = [
    ['a.json', around(deep('[', ']')), '1:65 pipelines[0].elements[0].result.x too_deep'],
    ['b.json', around('['.repeat(50_000)), '1:1 too_deep'],
    ['c.yaml', `pipelines: ${deep('[', ']')}`, '1:1 too_deep'],
    ['d.yaml', `pipelines: ${'['.repeat(50_000)}`, '1:1 too_deep'],
    ['e.yaml', `pipelines:\n  ${'- '.repeat(50_000)}x`, '1:1 too_deep'],
    ['f.json', around(`${'{"a":1,"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`), '1:1 too_many_issues'],
    ['g.json', `{"$schema":${deep('[', ']')},"pipelines":[{"name":1}]}`, '1:1 pipelines[0].name invalid_value'],
    ['h.yaml', `pipelines: ${deep('[', ']')} # ] ]`, '1:1 too_deep'],
    ['i.yaml', '? '.repeat(20_000), '1:1 too_deep'],
    ['j.yaml', '- - '.repeat(20_000), '1:1 too_deep'],
    ['k.yaml', Array.from({ length: 3000 }, (_, i) => `${' '.repeat(i)}- \n\n# x\n`).join(''), '1:1 too_deep'],
    ['l.json', '['.repeat(100_000), '1:1 too_deep'],
    ['m.yaml', `pipelines: ${'{'.repeat(80)}`, '1:13 invalid_yaml'],
    ['n.yaml', `pipelines:\n  - id: ${'? '.repeat(20_000)}x`, '1:1 too_deep'],
    ['o.yaml', `${'- '.repeat(DEPTH)}\n${lines(DEPTH, 2 * DEPTH)}`, '1:1 too_deep'],
    ['p.yaml', `${lines(DEPTH)}${' '.repeat(DEPTH)}${'- '.repeat(DEPTH)}x`, '1:1 too_deep'],
    ['q.yaml', `pipelines: ${deep('[', ']', 300)}`, '1:1 too_deep'],
    ['r.yaml', `]\n${'- '.repeat(50_000)}x`, '1:1 too_deep'],
    ['s.yaml', `${'] '.repeat(5000)}${'['.repeat(5900)}`, '1:1 too_deep'],
    ['t.yaml', `${'}'.repeat(3000)}\n${lines(2 * DEPTH)}`, '1:1 too_deep'],
    [
      'u.yaml',
      `${lines(DEPTH)}${' '.repeat(DEPTH)}- |\n${' '.repeat(DEPTH + 2)}x\n${lines(DEPTH, DEPTH)}`,
      '1:1 too_deep',
    ],
  ]
  const folder = t.testdir(Object.fromEntries(table))
  for (const [name, , expected] of table) {
    const [first] = await summariesOf(`${folder}/${name}`)
    t.equal(first, `${folder}/${name}:${expected}`, name)
  }
})

t.test('the dashes of one line, and the lines below, may be many if they are not too many together', async (t) => {
  const folder = t.testdir({ 'a.yaml': '- '.repeat(DEPTH), 'b.yaml': lines(DEPTH) })
  for (const name of ['a.yaml', 'b.yaml'])
    t.strictSame(await summariesOf(`${folder}/${name}`), [`${folder}/${name}:1:1 invalid_value`], 'read, and refused')
})

t.test('of very many issues the first are listed, and that there are more', async (t) => {
  const unknown = Array.from({ length: 5000 }, (_, i) => `"k${i}":1`)
  const folder = t.testdir({
    'a.json': `{"pipelines":[{"name":"a",${unknown}}]}`,
    'b.json': `{${unknown},${unknown}}`,
    'c.yaml': 'k: 1\n'.repeat(5000),
  })
  for (const name of readdirSync(folder)) {
    const summaries = await summariesOf(`${folder}/${name}`)
    t.equal(summaries.length, 1001)
    t.equal(summaries[0], `${folder}/${name}:1:1 too_many_issues`)
    t.equal(summaries.filter((summary) => summary.endsWith(' too_many_issues')).length, 1)
  }
  t.equal((await issuesOf({ pipelines: Array.from({ length: 1500 }, () => ({})) } as never)).length, 1001)
})

t.test('a place in YAML is where an editor shows it', async (t) => {
  const folder = t.testdir({ 'a.yaml': "''}t\nn: " })
  t.match(
    await issuesOf(folder),
    [
      [1, 3],
      [1, 4],
      [2, 2],
    ].map(([line, column]) => ({ code: 'invalid_yaml', position: { line, column } })),
  )
})

t.test('an id that an element is given is its own too', async (t) => {
  const id = idFrom('a', 'e')
  const folder = t.testdir({
    'a.yaml': 'pipelines:\n- { id: a, name: a, elements: [{ name: d }, { name: e }] }\n',
    'b.yaml': `pipelines:\n- { name: b, elements: [{ name: x, id: ${id} }] }\n`,
  })
  const issues = await issuesOf(folder)
  t.strictSame(issues.map(summaryOf), [`${folder}/b.yaml:2:40 pipelines[0].elements[0].id duplicate_id`])
  t.match(issues, [{ message: `${folder}/a.yaml:2:45` }], 'with the place of the first')
})

t.test('a name that is no Unicode text has an id all the same', async (t) => {
  const { seed } = await loadSeed([{ pipelines: [{ name: '\ud800', elements: [{ name: '\udfff' }] }] }], NOW)
  t.equal(seed.pipelines[0]?.elements[0]?.id.length, 36)
})

t.test('each way to break JSON is found at its place, and told apart', async (t) => {
  const table: [text: string, position: string, way: string][] = [
    ['{"a": x}', '1:7', 'a value that is none'],
    ['{"a": -}', '1:7', 'a value that is none'],
    ['{"a": 1.}', '1:7', 'an incomplete number'],
    ['{"a": 01}', '1:8', 'no comma'],
    ['{,}', '1:2', 'no value'],
    ['{"a" 1}', '1:6', 'no colon'],
    ['{"a": 1 "b": 2}', '1:9', 'no comma'],
    ['{"a":\r\n[1,', '2:4', 'no value'],
    ['{"a": "\\x"}', '1:7', 'an escape that is none'],
    ['{"a": "\\u12"}', '1:7', 'a code point that is none'],
    ['{"a": "\t"}', '1:7', 'a control character'],
    ['{"a": 1} /* */', '1:10', 'a comment'],
    ['{"a": 1} /*', '1:10', 'a comment'],
    ['[1}', '1:3', 'no comma'],
  ]
  const folder = t.testdir(Object.fromEntries(table.map(([text], i) => [`${i}.json`, text])))
  const messages = new Map<string, string>()
  for (const [i, [text, position, way]] of table.entries()) {
    const issues = await issuesOf(`${folder}/${i}.json`)
    t.strictSame(issues.map(summaryOf), [`${folder}/${i}.json:${position} invalid_json`], text)
    const message = String(issues[0]?.message)
    t.equal(message, messages.get(way) ?? message, `${text} has the message of ${way}`)
    messages.set(way, message)
  }
  t.equal(new Set(messages.values()).size, messages.size, 'each way has a message of its own')
})

t.test('an id that was left out can clash too; the issue is where the pipeline is', async (t) => {
  const { seed } = await loadSeed([{ pipelines: [{ name: 'a' }] }], NOW)
  const id = seed.pipelines[0]?.pipeline.id
  const folder = t.testdir({
    'a.json': `{"pipelines":[\n  {"name":"b","id":"${id}"},\n  {"name":"a"}]}`,
    'b.yaml': `pipelines:\n  - { name: b, id: ${id} }\n  - name: a\n`,
  })
  for (const [name, position, first] of [
    ['a.json', '3:3', '2:20'],
    ['b.yaml', '3:5', '2:20'],
  ] as const) {
    const issues = await issuesOf(`${folder}/${name}`)
    t.strictSame(issues.map(summaryOf), [`${folder}/${name}:${position} pipelines[1].id duplicate_id`])
    t.match(issues, [{ message: `${folder}/${name}:${first}` }], 'with the place of the first')
  }
})

t.test('each way to break YAML is found at its place, and told apart', async (t) => {
  const table: [text: string, issue: string][] = [
    ['---\n', '1:4 invalid_value'],
    ['pipelines: [', '1:13 invalid_yaml'],
    ['pipelines: []\n\tx: 1', '2:1 invalid_yaml'],
    ['pipelines: "\\q"', '1:13 invalid_yaml'],
    ['pipelines: @x', '1:12 invalid_yaml'],
    ['pipelines: &a &b []', '1:15 invalid_yaml'],
    ['? [a]\n: 1', '1:3 invalid_yaml'],
    ['%TAG x\n---\npipelines: []', '1:1 invalid_yaml'],
    ['pipelines:\n  - { <<: 5, name: a }', '1:1 invalid_yaml'],
  ]
  const folder = t.testdir(Object.fromEntries(table.map(([text], i) => [`${i}.yaml`, text])))
  const messages = new Set<string>()
  for (const [i, [text, expected]] of table.entries()) {
    const [first] = await issuesOf(`${folder}/${i}.yaml`)
    t.equal(first && summaryOf(first), `${folder}/${i}.yaml:${expected}`, text)
    messages.add(String(first?.message))
  }
  t.equal(messages.size, table.length, 'each has a message of its own')
})

t.test('clashes are found among many elements, and beside what is no element', async (t) => {
  const many = Array.from({ length: 40 }, (_, i) => ({ name: `e${i % 39}` }))
  const issues = await issuesOf({ pipelines: [{ name: 'a', elements: many }] })
  t.strictSame(issues.map(summaryOf), ['pipelines[0].elements[39].name duplicate_name'])
  t.match(issues, [{ message: 'elements[0]' }], 'with the element that has the name first')
  const elements = [{ name: 'e', element_order: 3 }, null, { name: 'f' }] as unknown as { name: string }[]
  t.strictSame(await summariesOf({ pipelines: [{ name: 'a', elements }] }), [
    'pipelines[0].elements[1] invalid_value',
    'pipelines[0].elements[2] duplicate_order',
  ])
})

t.test('of issues without number, a thousand are listed', async (t) => {
  const job_config = { x: Array.from({ length: 1500 }, () => Number.NaN) }
  const issues = await issuesOf({ pipelines: [{ name: 'a', elements: [{ name: 'e', job_config }] }] })
  t.equal(issues.length, 1000)
  t.ok(issues.every(({ code }) => code === 'not_json'))
})
