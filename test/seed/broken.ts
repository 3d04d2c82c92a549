import assert from 'node:assert/strict'
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import t from 'tap'
import { type Fixture, FixtureError, type Issue, startMock } from '../../src/index.js'
import { idFrom } from '../../src/pipelines/ids.js'
import { formatPath, formatPlace } from '../../src/diagnostics/issue.js'
import { loadSeed } from '../../src/fixtures/load.js'
import { runs } from '../support/runs.js'
import { NOW } from '../support/serve.js'

const FOLDER = 'test/fixtures/broken'
const EXPECTED = readFileSync('test/fixtures/broken-issues.txt', 'utf8').trimEnd().split('\n')

type Sources = Parameters<typeof loadSeed>[0]

const issuesOf = async (...sources: Sources): Promise<readonly Issue[]> =>
  loadSeed(sources, NOW).then(
    () => [],
    (error: unknown) => {
      if (error instanceof FixtureError) return error.issues
      throw error
    },
  )

/** Returns the place, path and code of an issue, in the form `file:line:col path code`. */
const summaryOf = ({ path = [], code, ...place }: Issue) =>
  [formatPlace(place), formatPath(path), code].filter((part) => part !== '').join(' ')

const summariesOf = async (...sources: Sources) => (await issuesOf(...sources)).map(summaryOf)

/** Returns the quoted words in the message of an issue. */
const quotedIn = ({ message }: Issue) => [...message.matchAll(/"([^"]+)"/g)].map(([, word]) => word)

t.test('a FixtureError lists every issue with its position, path and code', async (t) => {
  t.strictSame(await summariesOf(FOLDER), EXPECTED)
})

t.test('`startMock` rejects each broken fixture file', async (t) => {
  const files = readdirSync(FOLDER).map((name) => `${FOLDER}/${name}`)
  t.ok(files.length >= 20)
  // Each of the two files named duplicate-across-… is valid without the other file.
  for (const file of files.filter((name) => !name.includes('duplicate-across'))) {
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

t.test('the message of an issue contains the missing key, or the known word closest to a misspelled one', async (t) => {
  t.strictSame((await issuesOf(`${FOLDER}/missing-keys.yaml`)).map(quotedIn), [['name'], ['name']])
  t.strictSame((await issuesOf(`${FOLDER}/misspelt-keys.yaml`)).map(quotedIn), [
    ['$schema'],
    ['status'],
    ['options'],
    ['element_type'],
    ['job_config'],
    [],
    [],
    ['user_id'],
  ])
  t.strictSame((await issuesOf(`${FOLDER}/misspelt-values.yaml`)).map(quotedIn), [
    ['runing', 'running'],
    ['SOLVER_EROR', 'SOLVER_ERROR'],
    ['data-fit', 'data_fit'],
    ['cancelled', 'canceled'],
    ['Optimisation'],
    ['Running', 'running'],
  ])
})

t.test('the message of a duplicate id has the position of the first use', async (t) => {
  const [across] = await issuesOf(`${FOLDER}/duplicate-across-1.json`, `${FOLDER}/duplicate-across-2.yaml`)
  t.match(across, { file: `${FOLDER}/duplicate-across-2.yaml`, message: `${FOLDER}/duplicate-across-1.json:1:25` })
  const file = `${FOLDER}/duplicate-ids.yaml`
  const firsts = [`${file}:2:42`, `${file}:2:42`, `${file}:2:11`, `${file}:2:11`, `${file}:2:11`]
  t.match(
    await issuesOf(file),
    firsts.map((message) => ({ code: 'duplicate_id', message })),
  )
})

t.test('a setting that differs from that of an earlier fixture gets an issue', async (t) => {
  const folder = t.testdir({
    'a.yaml': 'mock: { clock: real, progress: manual }\npipelines: []',
    'b.json': '{"mock":{"clock":\n"frozen","progress":"manual"},"pipelines":[]}',
    'c.yaml': 'pipelines: []\nmock:\n  progress: after=1s\n  clock: real',
  })
  t.strictSame(await summariesOf(folder), [
    `${folder}/b.json:2:1 mock.clock contradictory_setting`,
    `${folder}/c.yaml:3:13 mock.progress contradictory_setting`,
  ])
})

t.test('an unusable path gets an issue whose code says why', async (t) => {
  const folder = t.testdir({
    empty: {},
    'no-fixtures': { 'README.md': '', '.hidden.yaml': 'x', '.git': { 'a.yaml': 'x' }, deeper: { 'a.txt': '' } },
    'a.txt': 'pipelines: []',
    broken: { 'gone.yaml': t.fixture('symlink', 'nowhere.yaml') },
    secret: { 'a.yaml': 'pipelines: []' },
  })
  writeFileSync(`${folder}/huge.json`, '')
  truncateSync(`${folder}/huge.json`, 2 ** 28 + 1)
  writeFileSync(`${folder}/huge.yml`, `pipelines: [] #${' '.repeat(2 ** 21)}`)
  for (const [path, code] of [
    ['missing', 'file_not_found'],
    ['empty', 'no_fixtures'],
    ['no-fixtures', 'no_fixtures'],
    ['a.txt', 'no_fixtures'],
    ['broken/gone.yaml', 'file_not_found'],
    ['huge.json', 'file_too_large'],
    ['huge.yml', 'file_too_large'],
    ['a.txt/b.yaml', 'unreadable_file'],
  ] as const)
    t.strictSame(await summariesOf(`${folder}/${path}`), [`${folder}/${path} ${code}`], path)
  t.strictSame(await summariesOf(`${folder}/broken`), [`${folder}/broken/gone.yaml file_not_found`])
  t.match(
    await issuesOf(`${folder}/a.txt/b.yaml`),
    [{ message: 'ENOTDIR' }],
    'the message has the error code of the system',
  )
})

t.test('an issue in a fixture object has a path and no position', async (t) => {
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

t.test('in a fixture object, a value that JSON cannot represent gets an issue with its path', async (t) => {
  class Cell {
    capacity = 5
  }
  for (const value of [() => 1, Symbol('x'), 5n, new Date(), new Map(), new Cell(), Number.NaN, [[new Set()]]]) {
    const job_config = { cell: value } as Record<string, unknown>
    const issues = await issuesOf({ pipelines: [{ name: 'a', elements: [{ name: 'e', job_config }] }] })
    t.match(issues, [{ code: 'not_json', path: ['pipelines', 0, 'elements', 0, 'job_config', 'cell'] }], inspect(value))
  }
  const plans = [5, { result: { cell: Number.NaN } }] as NonNullable<Fixture['plans']>
  t.strictSame(await summariesOf({ pipelines: [], plans }), ['plans[0] invalid_value', 'plans[1].result.cell not_json'])
})

t.test('in the data of a job, a value that JSON cannot represent gets one issue with its path', async (t) => {
  const trace = { name: 'data', x: [1, Number.NaN], y: [1, 2] }
  const table: [mock: object, ...issues: string[]][] = [
    [{ metadata: { samples: new Map() } }, 'metadata.samples not_json'],
    [{ metadata: new Date(0) }, 'metadata not_json'],
    [{ series: { a: new Map() } }, 'series.a not_json'],
    [{ series: { a: { optimal: new Map() } } }, 'series.a.optimal not_json'],
    [{ series: { a: { optimal: { x: [1, Infinity] } } } }, 'series.a.optimal.x[1] invalid_value'],
    [{ plots: { a: [{ traces: [trace], layout: {} }] } }, 'plots.a[0].traces[0].x[1] invalid_value'],
    [
      { plots: { a: [{ traces: [{ ...trace, x: [] }], layout: { run: () => 1 } }] } },
      ...['plots.a[0].traces[0].y length_mismatch', 'plots.a[0].layout.run not_json'],
    ],
  ]
  for (const [mock, ...issues] of table) {
    const elements = [{ name: 'e', mock }] as Fixture['pipelines'][number]['elements']
    const ofElement = issues.map((issue) => `pipelines[0].elements[0].mock.${issue}`)
    t.strictSame(
      (await summariesOf({ pipelines: [{ name: 'a', ...(elements && { elements }) }] })).sort(),
      ofElement.sort(),
    )
    t.strictSame(
      (await summariesOf({ pipelines: [], plans: [mock] })).sort(),
      issues.map((issue) => `plans[0].${issue}`).sort(),
    )
  }
})

t.test('a fixture object that contains itself gets an issue', async (t) => {
  const job_config: Record<string, unknown> = {}
  job_config.self = [job_config]
  t.strictSame(await summariesOf({ pipelines: [{ name: 'a', elements: [{ name: 'e', job_config }] }] }), [
    'pipelines[0].elements[0].job_config.self[0] circular_reference',
  ])
})

t.test('a fixture object may come from another realm, such as a `vm` context', async (t) => {
  const text = `({ pipelines: [{ name: 'a', elements: [{ name: 'e', job_config: { a: [{}] }, mock: { result: {} } }] }] })`
  const fixture = runInNewContext(text) as Fixture
  const { seed } = await loadSeed([fixture], NOW)
  t.strictSame(seed.pipelines[0]?.elements[0]?.job_config, { a: [{}] })
})

t.test('a file URL may come from another realm', async (t) => {
  const { href, protocol } = pathToFileURL(t.testdir({ 'a.yaml': 'pipelines: [{ name: a }]' }))
  t.equal((await loadSeed([{ href, protocol }], NOW)).seed.pipelineCount, 1)
})

t.test(
  'a fixture object may contain the same object twice, and later changes of this object have no effect',
  async (t) => {
    const shared = { a: [1], ...(JSON.parse('{"__proto__":2}') as object) }
    const fixture = { pipelines: [{ name: 'a', elements: ['e', 'f'].map((name) => ({ name, job_config: shared })) }] }
    const { seed } = await loadSeed([fixture], NOW)
    shared.a.push(2)
    for (const element of seed.pipelines[0]?.elements ?? [])
      t.equal(JSON.stringify(element.job_config), '{"a":[1],"__proto__":2}')
  },
)

t.test('a long value is truncated in the message', async (t) => {
  const [whole] = await issuesOf({ pipelines: [{ name: 'a', status: 'x'.repeat(58) as 'running' }] })
  t.match(whole?.message, `found "${'x'.repeat(58)}",`)
  for (const value of ['x'.repeat(1000), 10n ** 1000n]) {
    const [issue] = await issuesOf({ pipelines: [{ name: 'a', status: value as 'running' }] })
    t.equal(issue?.code, 'invalid_value')
    t.ok(String(issue?.message).length < 250)
    t.equal(issue?.message.split('"').length, typeof value === 'string' ? 3 : 1, 'only a string is in quotes')
  }
})

/**
 * A number of levels that is more than half of the limit for YAML. One block of this depth is accepted. Two such
 * blocks, one inside the other, are too deep.
 */
const DEPTH = 150

/** Returns nested YAML sequences with one level per line. The first line is indented by `indent` spaces. */
const lines = (depth: number, indent = 0) =>
  Array.from({ length: depth }, (_, i) => `${' '.repeat(indent + i)}-\n`).join('')

t.test('deeply nested input gets an issue and does not exhaust the stack', async (t) => {
  const deep = (open: string, close: string, n = 50_000) => open.repeat(n) + close.repeat(n)
  const around = (value: string) => `{"pipelines":[{"name":"a","elements":[{"name":"e","result":{"x":${value}}}]}]}`
  // If the YAML parser exhausted the stack, the code would be invalid_yaml instead of too_deep.
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
    ['k.yaml', Array.from({ length: 1500 }, (_, i) => `${' '.repeat(i)}- \n\n# x\n`).join(''), '1:1 too_deep'],
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
    ['v.yaml', `pipelines: [\n${'- '.repeat(20_000)}x`, '1:1 too_deep'],
    ['w.yaml', `pipelines:\n  - {id: [{\n${lines(2 * DEPTH)}`, '1:1 too_deep'],
  ]
  const folder = t.testdir(Object.fromEntries(table))
  for (const [name, , expected] of table) {
    const [first] = await summariesOf(`${folder}/${name}`)
    t.equal(first, `${folder}/${name}:${expected}`, name)
  }
})

t.test('a JSON value of the maximum depth is accepted, and a value that is one level deeper is rejected', async (t) => {
  for (const [depth, expected] of [
    [1000, []],
    [1001, ['too_deep']],
  ] as const) {
    const text = `{"pipelines":[{"name":"a","elements":[{"name":"e","result":${'{"x":'.repeat(depth)}1${'}'.repeat(depth)}}]}]}`
    const folder = t.testdir({ 'a.json': text })
    for (const source of [folder, JSON.parse(text) as Fixture])
      t.strictSame(
        (await issuesOf(source)).map(({ code }) => code),
        expected,
        `${depth} levels`,
      )
  }
})

t.test('YAML of the maximum depth is accepted, and YAML that is one level deeper is rejected', async (t) => {
  // With one dash per line, the first two dashes count as one level, so one more dash is accepted.
  const shapes: Record<string, [deepest: number, nested: (depth: number) => string]> = {
    'brackets in one line': [250, (depth) => '['.repeat(depth) + ']'.repeat(depth)],
    'one bracket per line': [250, (depth) => '[\n'.repeat(depth) + ']\n'.repeat(depth)],
    'braces in one line': [250, (depth) => `${'{a: '.repeat(depth)}1${'}'.repeat(depth)}`],
    'one brace per line': [250, (depth) => `${'{a:\n'.repeat(depth)}1${'}\n'.repeat(depth)}`],
    'braces in brackets': [
      250,
      (depth) =>
        `${'[{a: '.repeat(depth / 2)}${'['.repeat(depth % 2)}${']'.repeat(depth % 2)}${'}]'.repeat(depth / 2)}`,
    ],
    'dashes in one line': [250, (depth) => '- '.repeat(depth)],
    'one dash per line': [251, (depth) => lines(depth)],
    'one colon per line': [251, (depth) => lines(depth).replaceAll('-', ':')],
    'one key per line, with all colons in one column': [
      250,
      (depth) => Array.from({ length: depth }, (_, i) => `${' '.repeat(i)}${'k'.repeat(depth - i)}:\n`).join(''),
    ],
    'one dash per line after dashes in one line': [
      250,
      (depth) => `${'- '.repeat(DEPTH)}\n${lines(depth - DEPTH, 2 * DEPTH)}`,
    ],
    'dashes in one line after one dash per line': [
      251,
      (depth) => `${lines(DEPTH)}${' '.repeat(DEPTH)}${'- '.repeat(depth - DEPTH)}`,
    ],
    'brackets after dashes in one line': [
      250,
      (depth) => '- '.repeat(DEPTH) + '['.repeat(depth - DEPTH) + ']'.repeat(depth - DEPTH),
    ],
    'braces after one dash per line': [
      251,
      (depth) => `${lines(DEPTH)}${' '.repeat(DEPTH)}${'{a: '.repeat(depth - DEPTH)}1${'}'.repeat(depth - DEPTH)}`,
    ],
  }
  for (const [title, [deepest, nested]] of Object.entries(shapes)) {
    const folder = t.testdir({ 'deepest.yaml': nested(deepest), 'deeper.yaml': nested(deepest + 1) })
    const codesOf = async (name: string) => (await issuesOf(`${folder}/${name}`)).map(({ code }) => code)
    t.notMatch((await codesOf('deepest.yaml')).join(), /too_deep|invalid_yaml/, `${title}: ${deepest}`)
    t.strictSame(await codesOf('deeper.yaml'), ['too_deep'], `${title}: ${deepest + 1}`)
  }
})

t.test(
  'if there are more than 1000 issues, the first listed issue says so, and 1000 other issues follow',
  async (t) => {
    const unknown = Array.from({ length: 5000 }, (_, i) => `"k${i}":1`).join()
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
    const elements = Array.from({ length: 1500 }, () => ({ name: 'e' }))
    t.equal((await issuesOf({ pipelines: [{ name: 'a', elements }] })).length, 1001)
  },
)

t.test('the message of a FixtureError lists 200 issues, and says how many more there are', async (t) => {
  const fixture = { pipelines: Array.from({ length: 150 }, () => ({})) } as Fixture
  const linesFor = async (...sources: Sources) => {
    const error: unknown = await loadSeed(sources, NOW).catch((error: unknown) => error)
    return (error as FixtureError).message.split('\n')
  }
  t.equal((await linesFor(fixture)).length, 151)
  const lines = await linesFor(fixture, fixture)
  t.equal(lines.length, 202)
  t.match(lines[0], /\b300\b/)
  t.match(lines.at(-1), /\b100\b/)
})

t.test('a pipeline with 200,000 elements of the same name gets issues', async (t) => {
  const elements = Array.from({ length: 200_000 }, () => ({ name: 'e', element_order: 1 }))
  const codes = new Set((await issuesOf({ pipelines: [{ name: 'a', elements }] })).map(({ code }) => code))
  t.ok(codes.has('duplicate_name'))
})

t.test('a YAML issue has the line and column that an editor shows', async (t) => {
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

t.test('the issue for invalid UTF-8 has the position at which the first invalid sequence starts', async (t) => {
  const table: [hex: string, column: number][] = [
    ['ff', 1],
    ['61 ef', 2],
    ['61 ef bf', 2],
    ['61 ef bf 41', 2],
    ['61 f0 90 80', 2],
    ['61 ef bf bd ef bf', 3],
    ['ef bf bd ff ef bf bd', 2],
    ['c3 a9 f0 9f 98 80 e9', 4],
    ['ef bb bf 61 ed a0 80', 2],
  ]
  for (const [hex, column] of table) {
    const folder = t.testdir({ 'a.yaml': Buffer.from(hex.replaceAll(' ', ''), 'hex') })
    t.strictSame(await summariesOf(folder), [`${folder}/a.yaml:1:${column} not_utf8`], hex)
  }
})

t.test('the message of a duplicate element id has the position of the first element with the id', async (t) => {
  const first = '- { name: a, elements: [{ name: d }, { name: e, id: x }] }'
  const folder = t.testdir({ 'a.yaml': `pipelines:\n${first}\n- { name: b, elements: [{ name: f, id: x }] }` })
  const message = `${folder}/a.yaml:2:${first.indexOf('x }') + 1}`
  t.match(await issuesOf(folder), [{ code: 'duplicate_id', position: { line: 3, column: 40 }, message }])
})

t.test('an explicit id that equals the default id of an element is a duplicate', async (t) => {
  const id = idFrom('a', 'e')
  const folder = t.testdir({
    'a.yaml': 'pipelines:\n- { id: a, name: a, elements: [{ name: d }, { name: e }] }\n',
    'b.yaml': `pipelines:\n- { name: b, elements: [{ name: x, id: ${id} }] }\n`,
  })
  const issues = await issuesOf(folder)
  t.strictSame(issues.map(summaryOf), [`${folder}/b.yaml:2:40 pipelines[0].elements[0].id duplicate_id`])
  t.match(issues, [{ message: `${folder}/a.yaml:2:45` }], 'the message has the position of the first id')
})

t.test('a pipeline or element with a lone surrogate in its name gets a default id', async (t) => {
  const { seed } = await loadSeed([{ pipelines: [{ name: '\ud800', elements: [{ name: '\udfff' }] }] }], NOW)
  t.equal(seed.pipelines[0]?.elements[0]?.id.length, 36)
})

t.test('a JSON syntax error has a position, and a message that depends on the kind of error', async (t) => {
  const table: [text: string, position: string, error: string][] = [
    ['{"a": x}', '1:7', 'an invalid value'],
    ['{"a": -}', '1:7', 'an invalid value'],
    ['{"a": 1.}', '1:7', 'an incomplete number'],
    ['{"a": 01}', '1:8', 'no comma'],
    ['{,}', '1:2', 'no value'],
    ['{"a" 1}', '1:6', 'no colon'],
    ['{"a": 1 "b": 2}', '1:9', 'no comma'],
    ['{"a":\r\n[1,', '2:4', 'no value'],
    ['{"a": "\\x"}', '1:7', 'an invalid escape'],
    ['{"a": "\\u12"}', '1:7', 'an invalid code point'],
    ['{"a": "\t"}', '1:7', 'a control character'],
    ['{"a": 1} /* */', '1:10', 'a comment'],
    ['{"a": 1} /*', '1:10', 'a comment'],
    ['[1}', '1:3', 'no comma'],
  ]
  const folder = t.testdir(Object.fromEntries(table.map(([text], i) => [`${i}.json`, text])))
  const messages = new Map<string, string>()
  for (const [i, [text, position, error]] of table.entries()) {
    const issues = await issuesOf(`${folder}/${i}.json`)
    t.strictSame(issues.map(summaryOf), [`${folder}/${i}.json:${position} invalid_json`], text)
    const message = String(issues[0]?.message)
    t.equal(message, messages.get(error) ?? message, `${text}: ${error}`)
    messages.set(error, message)
  }
  t.equal(new Set(messages.values()).size, messages.size, 'different errors have different messages')
})

t.test('a JSON text gets an issue for each key that repeats an earlier key of its object', async (t) => {
  const space = fc.constantFrom('', ' ', '\n\t', '\r\n')
  const key = fc.constantFrom('', 'a', 'b', ':', '"', '\\', '":1,"', ' ')
  const { object } = fc.letrec<{ object: { text: string; repeats: number }; value: { text: string; repeats: number } }>(
    (tie) => ({
      object: fc.array(fc.tuple(key, space, tie('value')), { maxLength: 5 }).map((members) => ({
        text: `{${members.map(([key, space, { text }]) => JSON.stringify(key) + space + ':' + space + text).join()}}`,
        repeats:
          members.length -
          new Set(members.map(([key]) => key)).size +
          members.reduce((sum, [, , { repeats }]) => sum + repeats, 0),
      })),
      value: fc.oneof(
        { maxDepth: 3 },
        key.map((text) => ({ text: JSON.stringify(text), repeats: 0 })),
        tie('object'),
      ),
    }),
  )
  const folder = t.testdir({})
  const property = fc.asyncProperty(object, async ({ text, repeats }) => {
    writeFileSync(`${folder}/a.json`, `{"pipelines":[{"name":"a","elements":[{"name":"e","result":${text}}]}]}`)
    const codes = (await issuesOf(`${folder}/a.json`)).map(({ code }) => code)
    assert.deepEqual(codes, Array(repeats).fill('duplicate_key'))
  })
  await fc.assert(property, {
    ...runs(5),
    examples: [[{ text: '{"":{"":{"":"","":{"":""},"":""},"":""}}', repeats: 3 }]],
  })
  t.pass()
})

t.test('the issue for a duplicate default id has the position of the pipeline', async (t) => {
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
    t.match(issues, [{ message: `${folder}/${name}:${first}` }], 'the message has the position of the first id')
  }
})

t.test('an issue in a YAML text has a position, and a message that depends on the kind of error', async (t) => {
  const table: [text: string, issue: string][] = [
    ['---\n', '1:1 invalid_value'],
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
  t.equal(messages.size, table.length, 'different errors have different messages')
})

t.test('a duplicate name among many elements gets an issue', async (t) => {
  const many = Array.from({ length: 40 }, (_, i) => ({ name: `e${i % 39}` }))
  const issues = await issuesOf({ pipelines: [{ name: 'a', elements: many }] })
  t.strictSame(issues.map(summaryOf), ['pipelines[0].elements[39].name duplicate_name'])
  t.match(issues, [{ message: 'elements[0]' }], 'the message has the path of the first element')
})

t.test('a duplicate order after an invalid element gets an issue', async (t) => {
  const elements = [{ name: 'e', element_order: 3 }, null, { name: 'f' }] as unknown as { name: string }[]
  t.strictSame(await summariesOf({ pipelines: [{ name: 'a', elements }] }), [
    'pipelines[0].elements[1] invalid_value',
    'pipelines[0].elements[2] duplicate_order',
  ])
})

t.test('at most 1000 issues about values that JSON cannot represent are listed', async (t) => {
  const job_config = { x: Array.from({ length: 1500 }, () => Number.NaN) }
  const issues = await issuesOf({ pipelines: [{ name: 'a', elements: [{ name: 'e', job_config }] }] })
  t.equal(issues.length, 1001)
  t.equal(issues[0]?.code, 'too_many_issues')
  t.ok(issues.slice(1).every(({ code }) => code === 'not_json'))
})
