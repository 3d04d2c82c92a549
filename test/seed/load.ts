import { pathToFileURL } from 'node:url'
import t from 'tap'
import { formatPath } from '../../src/diagnostics/issue.js'
import { loadSeed } from '../../src/fixtures/load.js'
import { exactly } from '../support/control.js'
import { NOW } from '../support/serve.js'

const load = async (...sources: Parameters<typeof loadSeed>[0]) => loadSeed(sources, NOW)
const one = async (pipeline: object) => {
  const { seed } = await load({ pipelines: [pipeline as { name: string }] })
  const state = seed.pipelines[0]
  if (!state) throw new Error('the seed is empty')
  return state
}

t.test('every field except the name has a default', async (t) => {
  const state = await one({ name: 'a', elements: [{ name: 'e' }] })
  t.strictSame(state, {
    pipeline: {
      id: 'c594cd8e-fbd3-506e-8d1c-792d1274a277',
      project_id: '6f1d3b1e-52a4-4c8e-9b0d-2e7f5a9c4d10',
      user_id: '93a5c7e1-4b2d-4e8f-a6c0-1d9f8b7e5a30',
      name: 'a',
      description: null,
      options: { live_progress_updates: null },
      status: 'pending',
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-01T00:00:00Z',
      error: null,
      error_code: null,
      created_by_email: 'owner@example.com',
      organization_id: 'c2b7e4d8-0a3f-4f61-8d59-7e1c6b3a9f20',
    },
    elements: [
      {
        id: '8e6e4e38-d061-5427-826a-5b546a5cf319',
        pipeline_id: 'c594cd8e-fbd3-506e-8d1c-792d1274a277',
        name: 'e',
        element_order: 1,
        element_type: 'Direct Entry',
        job_config: {},
        status: 'pending',
        created_at: '2026-01-01T00:00:00Z',
        updated_at: '2026-01-01T00:00:00Z',
        organization_id: 'c2b7e4d8-0a3f-4f61-8d59-7e1c6b3a9f20',
        job_id: null,
        result: null,
        error: null,
        error_code: null,
        error_detail: null,
        job_status: null,
      },
    ],
  })
})

t.test('the pipeline of a job is found by the default id of the job', async (t) => {
  const element_type = 'Data Fit'
  const elements = ['a', 'b'].map((name) => ({ name, element_type, status: 'completed' as const }) as const)
  const { seed } = await load({ pipelines: [{ name: 'empty' }, { name: 'fits', status: 'completed', elements }] })
  const [, fits] = seed.pipelines
  t.equal(fits?.elements.length, 2)
  for (const { job_id } of fits?.elements ?? []) t.equal(seed.pipelineOfJob(String(job_id)), fits)
  t.equal(seed.pipelineOfJob('00000000-0000-5000-8000-000000000000'), undefined)
})

t.test('a default id depends on the name of the pipeline or element, not on the position', async (t) => {
  const ids = async (...names: string[]) => {
    const { seed } = await load({ pipelines: names.map((name) => ({ name, elements: [{ name: 'e' }] })) })
    return Object.fromEntries(
      seed.pipelines.map(({ pipeline, elements }) => [pipeline.id, [pipeline.name, elements[0]?.id]]),
    )
  }
  t.same(await ids('a', 'b'), await ids('b', 'a'))
  t.equal(Object.keys(await ids('a', 'a', 'a')).length, 3, 'pipelines of the same name have different ids')
})

t.test('an element is found by its default id, also beside a pipeline without elements', async (t) => {
  const { seed } = await load({ pipelines: [{ name: 'a' }, { name: 'b', elements: [{ name: 'd' }, { name: 'e' }] }] })
  for (const { id } of seed.pipelines[1]?.elements ?? []) t.equal(seed.pipelineOfElement(id)?.pipeline.name, 'b')
})

t.test('by default, the status of an element fits its pipeline, and the job fits this status', async (t) => {
  const table = {
    pending: ['pending', null],
    running: ['pending', null],
    completed: ['completed', 'completed'],
    failed: ['skipped', null],
    canceled: ['canceled', null],
  }
  const element_type = 'Data Fit'
  for (const [status, [expected, job_status]] of Object.entries(table)) {
    const { elements } = await one({ name: 'a', status, elements: [{ name: 'e', element_type }, { name: 'f' }] })
    t.match(elements[0], { status: expected, job_status, job_id: job_status === null ? null : String }, status)
    t.match(elements[1], { status: expected, job_status: null, job_id: null }, `${status}: a Direct Entry has no job`)
  }
  const jobs: [given: object, expected: object][] = [
    [{ status: 'running' }, { job_status: 'processing', job_id: String }],
    [
      { status: 'failed', job_id: null },
      { job_status: null, job_id: null },
    ],
    [
      { job_id: 'j', job_status: null },
      { job_status: null, job_id: 'j' },
    ],
    [{ status: 'pending', job_id: 'j' }, { job_status: 'pending' }],
    [{ status: 'completed', job_id: 'j' }, { job_status: 'completed' }],
    [{ status: 'failed', job_id: 'j' }, { job_status: 'failed' }],
    [{ status: 'canceled', job_id: 'j' }, { job_status: 'canceled' }],
    [{ status: 'skipped', job_id: 'j' }, { job_status: 'canceled' }],
    [{ status: 'completed', job_id: 'j', job_status: 'any text' }, { job_status: 'any text' }],
  ]
  for (const [given, expected] of jobs) {
    const { elements } = await one({ name: 'a', status: 'running', elements: [{ name: 'e', element_type, ...given }] })
    t.match(elements[0], expected, JSON.stringify(given))
  }
})

t.test('a time in a fixture is absolute or relative to the current time', async (t) => {
  const table: [written: string, read: string][] = [
    ['2026-09-14T08:15:30Z', '2026-09-14T08:15:30Z'],
    ['2026-09-14t10:15:30.5+02:00', '2026-09-14T08:15:30.500000Z'],
    ['2026-09-14 08:15:30.123456789z', '2026-09-14T08:15:30.123456Z'],
    ['2026-09-14T08:15:30.000Z', '2026-09-14T08:15:30Z'],
    ['-PT2H', '2026-10-01T10:00:00Z'],
    ['PT0S', '2026-10-01T12:00:00Z'],
    ['-P1W2DT3H4M5.678S', '2026-09-22T08:55:54.322000Z'],
  ]
  for (const [written, read] of table)
    t.equal((await one({ name: 'a', created_at: written })).pipeline.created_at, read, written)
  const { pipeline, elements } = await one({
    name: 'a',
    created_at: '-PT2H',
    elements: [{ name: 'e' }, { name: 'f', created_at: '-PT1H' }, { name: 'g', updated_at: '-PT3H' }],
  })
  t.equal(pipeline.updated_at, '2026-10-01T10:00:00Z')
  t.strictSame(
    elements.map(({ created_at, updated_at }) => [created_at.slice(11, 13), updated_at.slice(11, 13)]),
    [
      ['10', '10'],
      ['11', '11'],
      ['10', '09'],
    ],
  )
})

t.test('elements are sorted by `element_order`, whose default is the position in the fixture', async (t) => {
  const { elements } = await one({
    name: 'a',
    elements: [{ name: 'third', element_order: 30 }, { name: 'second' }, { name: 'first', element_order: 1 }],
  })
  t.strictSame(
    elements.map(({ name, element_order }) => [name, element_order]),
    [
      ['first', 1],
      ['second', 2],
      ['third', 30],
    ],
  )
})

t.test('fixtures load in the order of the sources, and within a folder in the order of the file names', async (t) => {
  const folder = t.testdir({
    'b.yaml': '\uFEFFpipelines:\r\n  - name: b\r\n',
    'a.json': '\uFEFF{ "$schema": "x", "pipelines": [{ "name": "a" }] }',
    'notes.txt': 'not a fixture',
    '.hidden.yaml': 'broken: [',
    node_modules: { 'package.json': '{}', a: { 'package.json': '{}' }, '.bin': {} },
    c: { 'd.YML': 'pipelines: [{ name: d }]', self: t.fixture('symlink', '..') },
    'z.yaml': t.fixture('symlink', 'elsewhere/linked'),
    elsewhere: { linked: 'pipelines: [{ name: z }]' },
    'empty.yaml': 'pipelines: []',
  })
  const names = async (...sources: Parameters<typeof loadSeed>[0]) => {
    const { seed, documents } = await load(...sources)
    return [documents, seed.pipelines.map(({ pipeline }) => pipeline.name).join('')]
  }
  t.strictSame(await names(folder), [5, 'abdz'])
  t.strictSame(await names(`${folder}/b.yaml`, `${folder}/a.json`), [2, 'ba'])
  t.strictSame(await names(pathToFileURL(`${folder}/b.yaml`), { pipelines: [{ name: 'o' }] }), [2, 'bo'])
  t.strictSame(await names(), [0, ''])
  const inside = t.testdir({ node_modules: { lab: { 'a.json': '{"pipelines":[{"name":"n"}]}' } } })
  t.strictSame(await names(`${inside}/node_modules`), [1, 'n'], 'a folder that is named explicitly is read')
})

t.test('a byte order mark that is not at the start of a file is part of a text', async (t) => {
  const folder = t.testdir({
    'a.json': '{"pipelines":[{"name":"a\uFEFF"}]}',
    'b.yaml': '\uFEFFpipelines: [{ name: "b\uFEFF" }]',
  })
  const { seed } = await load(folder)
  t.strictSame(
    seed.pipelines.map(({ pipeline }) => pipeline.name),
    ['a\uFEFF', 'b\uFEFF'],
  )
})

t.test('brackets in strings and comments do not count as nesting', async (t) => {
  const text = `  - { name: "n", description: "SoC in [0, 1)" } # [\n`
  const pipelines = Array.from({ length: 2000 }, () => `${text}  - name: SoC in [0, 1)\n`).join('')
  const folder = t.testdir({ 'a.yaml': `pipelines:\n${pipelines}` })
  t.equal((await load(folder)).seed.pipelines.length, 4000)
})

t.test('YAML anchors, aliases and merge keys are resolved', async (t) => {
  const folder = t.testdir({
    'a.yaml':
      'pipelines:\n  - &base\n    name: a\n    project_id: p\n    elements:\n' +
      '      - { name: e, job_config: &config { 308.15: 2, x: [1] } }\n' +
      '      - { name: f, job_config: *config }\n  - <<: *base\n    name: b\n    elements: []\n',
  })
  const { seed } = await load(folder)
  t.match(
    seed.pipelines.map(({ pipeline }) => pipeline),
    [
      { name: 'a', project_id: 'p' },
      { name: 'b', project_id: 'p' },
    ],
  )
  t.strictSame(seed.pipelines[0]?.elements[1]?.job_config, { '308.15': 2, x: [1] })
})

t.test(
  'a YAML text is parsed as YAML 1.2, even with a directive for another version; empty documents are ignored',
  async (t) => {
    const pipeline = '{ name: yes, created_at: 2026-09-14T08:15:30Z, elements: [{ name: on, element_order: 1 }] }'
    const fixture = `pipelines: [${pipeline}]\n`
    const texts = [
      `%YAML 1.2\n---\n${fixture}`,
      `%YAML 1.1\n---\n${fixture}`,
      `${fixture}---\n`,
      `${fixture}---`,
      `${fixture}...\n`,
      `${fixture}...\n---\n# the end\n...\n`,
      `---\n---\n${fixture}`,
      `# the start\n---\n${fixture}---\n---\n`,
    ]
    for (const text of texts) {
      const folder = t.testdir({ 'a.yaml': text })
      const [state] = (await load(folder)).seed.pipelines
      t.match(
        state,
        { pipeline: { name: 'yes', created_at: '2026-09-14T08:15:30Z' }, elements: [{ name: 'on' }] },
        text,
      )
    }
  },
)

t.test('a YAML anchor can be used 10,000 times, and not more often', async (t) => {
  const fixtureWith = (uses: number) => `pipelines: [{ name: &n a },${'{ name: *n },'.repeat(uses - 1)}]`
  const folder = t.testdir({ 'a.yaml': fixtureWith(10_000), 'b.yaml': fixtureWith(10_001) })
  t.equal((await load(`${folder}/a.yaml`)).seed.pipelineCount, 10_000)
  const issues = exactly([{ code: 'too_many_aliases' }])
  await t.rejects(load(`${folder}/b.yaml`), { name: 'FixtureError', issues })
})

t.test('an issue inside an alias has the position of the alias', async (t) => {
  const folder = t.testdir({
    'a.yaml':
      'pipelines:\n  - name: a\n    elements:\n      - name: e\n        job_config: &c { x: .nan }\n      - name: f\n        result: *c\n',
  })
  t.match(await load(`${folder}/a.yaml`).catch((error: unknown) => error), {
    name: 'FixtureError',
    issues: [
      { code: 'not_json', path: ['pipelines', 0, 'elements', 0, 'job_config', 'x'], position: { line: 5, column: 29 } },
      { code: 'not_json', path: ['pipelines', 0, 'elements', 1, 'result', 'x'], position: { line: 7, column: 17 } },
    ],
  })
})

t.test('an inconsistent fixture loads, with warnings that have positions', async (t) => {
  const folder = t.testdir({
    'a.yaml': `pipelines:
  - name: ended with work left
    status: completed
    elements:
      - { name: e, status: running }
      - { name: f, status: failed }
  - name: pending but begun
    elements: [{ name: e, status: completed }]
  - name: at once
    status: running
    elements: [{ name: e, status: running }, { name: f, status: running }]
  - name: nothing left to run
    status: running
    elements: [{ name: e, status: completed }]
  - name: from the future
    created_at: PT1H
    updated_at: 2026-10-01T12:00:00.000001Z
  - name: error without failure
    status: running
    error_code: SOLVER_ERROR
    elements: [{ name: e, status: skipped, error: why }, { name: f }]
  - name: plans that contradict themselves
    elements:
      - { name: e, mock: { error: why } }
      - { name: f, mock: { ends_as: failed, result: {} } }
  - { name: failed with work left, status: failed, elements: [{ name: e, status: pending }] }
  - name: consistent plans
    elements:
      - { name: e, mock: { result: {} } }
      - { name: f, mock: { ends_as: failed, error: why } }
`,
  })
  const { seed, warnings } = await load(`${folder}/a.yaml`)
  t.equal(seed.pipelines.length, 9)
  t.ok(warnings.every(({ file }) => file === `${folder}/a.yaml`))
  t.strictSame(
    warnings.map(
      ({ code, path = [], position }) => `${position?.line}:${position?.column} ${formatPath(path)} ${code}`,
    ),
    [
      '5:28 pipelines[0].elements[0].status status_mismatch',
      '6:28 pipelines[0].elements[1].status status_mismatch',
      '8:35 pipelines[1].elements[0].status status_mismatch',
      '10:13 pipelines[2].status several_running',
      '13:13 pipelines[3].status nothing_left',
      '16:17 pipelines[4].created_at time_in_future',
      '17:17 pipelines[4].updated_at time_in_future',
      '17:17 pipelines[4].updated_at times_reversed',
      '19:13 pipelines[5].status error_without_failure',
      '21:35 pipelines[5].elements[0].status error_without_failure',
      '24:26 pipelines[6].elements[0].mock unused_outcome',
      '25:26 pipelines[6].elements[1].mock unused_outcome',
      '26:82 pipelines[7].elements[0].status status_mismatch',
    ],
  )
  for (const { code, message } of warnings.filter(({ code }) => code.startsWith('time')))
    t.match(message, '2026-10-01T12:00:00', `the message of ${code} has the times`)
  const [error, result] = warnings.filter(({ code }) => code === 'unused_outcome')
  t.not(error?.message, result?.message, 'an unused error and an unused result have different messages')
})

t.test('the loaded pipelines are an immutable copy of the fixture', async (t) => {
  const deepest: number[] = [1]
  const job_config = { deep: [{ x: 1 }], deeper: Array.from({ length: 997 }).reduce((inner) => [inner], deepest) }
  const { elements, pipeline } = await one({ name: 'a', elements: [{ name: 'e', job_config }] })
  t.throws(() => Object.assign(pipeline, { status: 'canceled' }), TypeError)
  t.throws(() => (elements as object[]).push({}), TypeError)
  const { deep } = elements[0]?.job_config ?? {}
  t.throws(() => (deep as object[]).push({}), TypeError)
  job_config.deep.push({ x: 2 })
  deepest.push(2)
  t.strictSame(deep, [{ x: 1 }])
  t.match(JSON.stringify(elements[0]?.job_config), '[[[1]]]')
})

t.test('the names of inherited JavaScript properties, such as __proto__, are valid keys and names', async (t) => {
  const folder = t.testdir({
    'a.json':
      '{"pipelines":[{"name":"__proto__","elements":[{"name":"constructor","job_config":{"__proto__":{"x":1},"toString":2}}]}]}',
    'b.yaml': 'pipelines:\n  - { name: b, elements: [{ name: e, job_config: { __proto__: { x: 1 } } }] }\n',
  })
  const { seed } = await load(folder)
  t.equal(JSON.stringify(seed.pipelines[0]?.elements[0]?.job_config), '{"__proto__":{"x":1},"toString":2}')
  t.equal(JSON.stringify(seed.pipelines[1]?.elements[0]?.job_config), '{"__proto__":{"x":1}}')
})

t.test('a relative time outside the years 0 to 9999 gets an issue', async (t) => {
  const pipelines = [{ name: 'a', elements: [{ name: 'e', created_at: '-P9999999D' }] }]
  await t.rejects(loadSeed([{ pipelines }], NOW), {
    name: 'FixtureError',
    issues: exactly([{ code: 'time_out_of_range', path: exactly(['pipelines', 0, 'elements', 0, 'created_at']) }]),
  })
})
