import t from 'tap'
import { formatPath } from '../../src/diagnostics/issue.js'
import type { ControlError, Fixture } from '../../src/index.js'
import { refused } from '../support/control.js'
import { inProcess, serve } from '../support/serve.js'

const DEFAULT_ORGANIZATION = { id: 'c2b7e4d8-0a3f-4f61-8d59-7e1c6b3a9f20', name: 'Battery lab' }
const DEFAULTS = {
  description: null,
  organization_id: DEFAULT_ORGANIZATION.id,
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
  cell_spec_project_mappings: null,
  user_project_roles: null,
}

const pipelineIn = (project_id: string) => ({ id: `in ${project_id}`, name: 'a', project_id })

const FIXTURE: Fixture = {
  projects: [
    { id: 'cells', name: 'Cells', created_at: '2026-03-01T00:00:00Z' },
    { id: 'packs', name: 'Packs', description: 'of cells', updated_at: '2026-02-01T00:00:00Z' },
  ],
  pipelines: [pipelineIn('packs'), pipelineIn('modules')],
}

t.test('GET /projects/{project_id} returns the project with the defaults of the fields that are not set', async (t) => {
  const { ask } = await serve(t, { fixtures: FIXTURE })
  const body = async (id: string) => (await ask('GET', `/projects/${id}`)).body
  const cells = { id: 'cells', name: 'Cells', ...DEFAULTS, created_at: '2026-03-01T00:00:00Z' }
  t.equal(await body('cells'), JSON.stringify({ ...cells, updated_at: cells.created_at }))
  t.equal(
    await body('packs'),
    JSON.stringify({
      id: 'packs',
      name: 'Packs',
      ...DEFAULTS,
      description: 'of cells',
      updated_at: '2026-02-01T00:00:00Z',
    }),
  )
  t.equal(await body('modules'), JSON.stringify({ id: 'modules', name: 'modules', ...DEFAULTS }))
})

t.test('an unknown project gets a 404, whatever the option `unknownPipeline` is', async (t) => {
  for (const unknownPipeline of [422, 404] as const) {
    const { ask } = await serve(t, { fixtures: FIXTURE, unknownPipeline })
    const { status, json } = await ask('GET', '/projects/nobody')
    t.equal(status, 404)
    t.match(json(), { error_code: 'NOT_FOUND' })
  }
})

t.test('GET /projects applies its query parameters for filters, order and paging', async (t) => {
  const { ask } = await serve(t, { fixtures: FIXTURE })
  const table: [query: string, ids: string[]][] = [
    ['', ['cells', 'packs', 'modules']],
    ['order=asc', ['packs', 'modules', 'cells']],
    ['order_by=name', ['modules', 'Packs', 'Cells'].map((name) => name.toLowerCase())],
    ['order_by=id&order=asc', ['cells', 'modules', 'packs']],
    ['order_by=description&order=asc', ['packs', 'cells', 'modules']],
    ['order_by=updated_at', ['cells', 'packs', 'modules']],
    ['limit=2', ['cells', 'packs']],
    ['limit=2&offset=1', ['packs', 'modules']],
    ['offset=2', ['modules']],
    ['offset=3', []],
    ['name=Cells', ['cells']],
    ['name=eq.Cells', ['cells']],
    ['name=ilike.%25C%25&order_by=name', ['packs', 'cells']],
    ['created_at_gt=2026-03-01', ['cells']],
    ['created_at_lt=2026-02-28', ['packs', 'modules']],
    ['updated_at_gt=2026-01-02&updated_at_lt=2026-02-02', ['packs']],
    ['id=cells&project_id=x', ['cells', 'packs', 'modules']],
  ]
  for (const [query, ids] of table) {
    const { status, json } = await ask('GET', `/projects?${query}`)
    t.equal(status, 200)
    t.strictSame(
      (json() as { id: string }[]).map(({ id }) => id),
      ids,
      query,
    )
  }
})

t.test('the example of a 422 to GET /projects is about its limit', async (t) => {
  const { ask } = await serve(t, { fixtures: FIXTURE })
  const { json } = await ask('GET', '/projects', { headers: { prefer: 'code=422' } })
  t.match(json(), { detail: [{ type: 'greater_than_equal', loc: ['query', 'limit'] }] })
})

t.test('GET /projects rejects invalid query parameters with all their errors', async (t) => {
  const { ask } = await serve(t, { fixtures: FIXTURE })
  const table: [query: string, types: string[]][] = [
    ['limit=0', ['greater_than_equal']],
    ['limit=101&offset=-1', ['less_than_equal', 'greater_than_equal']],
    ['limit=x', ['int_parsing']],
    ['order_by=status&order=up', ['literal_error', 'literal_error']],
    ['created_at_gt=soon&name=fts.x', ['value_error', 'datetime_parsing']],
  ]
  for (const [query, types] of table) {
    const { status, json } = await ask('GET', `/projects?${query}`)
    t.equal(status, 422)
    t.strictSame(
      (json() as { detail: { type: string }[] }).detail.map(({ type }) => type),
      types,
      query,
    )
  }
})

t.test(
  'the project of a created pipeline exists until the data is reset, even after the pipeline is deleted',
  async (t) => {
    const { mock, inject } = await inProcess(t, { fixtures: FIXTURE })
    const payload = { project_id: 'new', elements: { a: { element_type: 'entry' } } }
    const ids = async () =>
      (JSON.parse((await inject('GET', '/projects')).body) as { id: string }[]).map(({ id }) => id)
    t.equal((await inject('GET', '/projects/new')).statusCode, 404)
    const { id } = (await mock.inject({ method: 'POST', url: '/pipelines', payload })).json() as { id: string }
    await mock.inject({ method: 'POST', url: '/pipelines', payload })
    t.strictSame(await ids(), ['cells', 'packs', 'modules', 'new'])
    t.equal(
      (await mock.sandbox('other').state()).projects?.some((project) => project.id === 'new'),
      false,
    )
    await mock.inject({ method: 'DELETE', url: `/pipelines/${id}` })
    t.equal((await inject('GET', '/projects/new')).statusCode, 200)
    await mock.snapshot('s')
    await mock.reset('data')
    t.strictSame(await ids(), ['cells', 'packs', 'modules'])
    await mock.restore('s')
    t.strictSame(await ids(), ['cells', 'packs', 'modules', 'new'])
  },
)

t.test('a test can add projects, but neither an existing project nor users', async (t) => {
  const { mock, inject } = await inProcess(t, { fixtures: FIXTURE })
  await mock.pipelines.add({
    projects: [{ id: 'cars', name: 'Cars' }],
    pipelines: [pipelineIn('cars'), pipelineIn('bikes')],
  })
  t.match((await inject('GET', '/projects/cars')).json(), { name: 'Cars' })
  t.match((await inject('GET', '/projects/bikes')).json(), { name: 'bikes' })
  for (const id of ['cells', 'modules', 'cars', 'bikes'])
    await t.rejects(mock.pipelines.add({ projects: [{ id, name: 'again' }], pipelines: [] }), refused(409, 'id_taken'))
  await t.rejects(mock.pipelines.add({ users: [{ email: 'a' }], pipelines: [] }), refused(422, 'settings_not_addable'))
  await mock.pipelines.add({ users: [], projects: [], pipelines: [] })
})

t.test('an exported state has the projects and the users unless they are the defaults for its pipelines', async (t) => {
  const { mock, inject } = await inProcess(t, { fixtures: { pipelines: [pipelineIn('p'), pipelineIn('q')] } })
  t.notOk('projects' in (await mock.state()))
  t.notOk('users' in (await mock.state()))
  await mock.inject({ method: 'DELETE', url: '/pipelines/in%20p' })
  t.strictSame(
    (await mock.state()).projects?.map(({ id }) => id),
    ['p', 'q'],
  )
  const projects = (await inject('GET', '/projects')).body
  await mock.seed(await mock.state())
  t.equal((await inject('GET', '/projects')).body, projects)
  const users = [{ email: 'a@example.com', mock: { api_key: 'key' } }]
  await mock.seed({ users, pipelines: [] })
  t.strictSame((await mock.state()).users, users)
})

t.test('an exported state can be seeded, whatever the ids of its projects are', async (t) => {
  const { mock } = await inProcess(t, { fixtures: FIXTURE })
  for (const project_id of ['x/y', '', '\ud800x', '__proto__']) {
    const payload = { project_id, elements: {} }
    const { id } = (await mock.inject({ method: 'POST', url: '/pipelines', payload })).json() as { id: string }
    await mock.inject({ method: 'DELETE', url: `/pipelines/${id}` })
  }
  const { projects } = await mock.state()
  t.equal(projects?.length, 7)
  await mock.seed(await mock.state())
  t.strictSame((await mock.state()).projects, projects)
})

t.test('without pipelines, the project of the mock is the first project, or a default project', async (t) => {
  const info = async (fixtures: Fixture) =>
    ((await (await inProcess(t, { fixtures })).mock.inject('/_mock/info')).json() as { project_id: string }).project_id
  t.equal(await info({ projects: [{ id: 'p', name: 'P' }], pipelines: [] }), 'p')
  t.equal(await info({ pipelines: [] }), '6f1d3b1e-52a4-4c8e-9b0d-2e7f5a9c4d10')
  t.equal(await info(FIXTURE), 'packs')
})

t.test('GET /users/me returns a default user if the fixtures have no users', async (t) => {
  const { ask } = await serve(t, { fixtures: { pipelines: [] } })
  t.equal(
    (await ask('GET', '/users/me')).body,
    JSON.stringify({
      id: '93a5c7e1-4b2d-4e8f-a6c0-1d9f8b7e5a30',
      email: 'owner@example.com',
      authorized_organization: DEFAULT_ORGANIZATION,
      organizations: [DEFAULT_ORGANIZATION],
    }),
  )
})

t.test('GET /users/me returns the user of the API key or, for another key, the first user', async (t) => {
  const organization = { id: 'o', name: 'O' }
  const users: Fixture['users'] = [
    { email: 'ana@example.com', authorized_organization: null },
    { id: 'ben', email: 'ben@example.com', mock: { api_key: 'iwk_ben' } },
    { id: 'chidi', email: 'chidi@example.com', organizations: [organization], mock: { api_key: 'mock_chidi' } },
  ]
  const { ask } = await serve(t, { fixtures: { users, pipelines: [] } })
  const me = async (headers: Record<string, string>) => (await ask('GET', '/users/me', { headers })).json() as object
  const table: [headers: Record<string, string>, email: string][] = [
    [{}, 'ana@example.com'],
    [{ 'x-api-key': 'other' }, 'ana@example.com'],
    [{ 'x-api-key': 'undefined' }, 'ana@example.com'],
    [{ 'x-api-key': 'iwk_ben' }, 'ben@example.com'],
    [{ authorization: 'Bearer iwk_ben' }, 'ben@example.com'],
    [{ 'x-api-key': 'mock_chidi' }, 'chidi@example.com'],
  ]
  for (const [headers, email] of table) t.match(await me(headers), { email }, JSON.stringify(headers))
  t.match(await me({}), { authorized_organization: null, organizations: [] })
  t.match(await me({ 'x-api-key': 'mock_chidi' }), { organizations: [organization] })
})

t.test('a user keeps keys that the mock does not know, and loses the key `mock`', async (t) => {
  const { ask } = await serve(t, {
    fixtures: {
      users: [{ email: 'a', plan: { seats: 3 }, constructor: 1, mock: {} } as { email: string }],
      pipelines: [],
    },
  })
  const user = (await ask('GET', '/users/me')).json() as object
  t.strictSame(Object.keys(user), ['id', 'email', 'authorized_organization', 'organizations', 'plan', 'constructor'])
})

t.test(
  'two projects, or two users, with the same id are rejected, and so are values that JSON cannot represent',
  async (t) => {
    const { mock } = await inProcess(t, { fixtures: FIXTURE })
    const codesOf = async (fixture: object) => {
      const error = await mock.seed({ pipelines: [], ...fixture }).then(
        () => undefined,
        (error: unknown) => error as ControlError,
      )
      return error?.issues.map(({ code, path }) => `${code} ${formatPath(path ?? [])}`)
    }
    t.strictSame(await codesOf({ projects: [{ name: 'a' }, { name: 'b' }, { name: 'a' }] }), [
      'duplicate_id projects[2]',
    ])
    t.strictSame(
      await codesOf({
        projects: [
          { id: 'x', name: 'a' },
          { id: 'x', name: 'b' },
        ],
      }),
      ['duplicate_id projects[1]'],
    )
    t.strictSame(await codesOf({ users: [{ email: 'a' }, { id: 'x', email: 'a' }, { email: 'a' }] }), [
      'duplicate_id users[2]',
    ])
    t.strictSame(await codesOf({ users: [{ email: 'a', x: [NaN] }] }), ['not_json users[0].x[0]'])
    t.strictSame(await codesOf({ projects: [null, { id: 5, name: 5 }] }), [
      'invalid_value projects[0]',
      'invalid_value projects[1].id',
      'invalid_value projects[1].name',
    ])
    t.strictSame(await codesOf({ projects: 'none' }), ['invalid_value projects'])
    t.strictSame(await codesOf({ projects: [{ name: 'a' }], users: [{ email: 'a' }] }), undefined)
  },
)

t.test('an element has the key `progress` in responses only if a fixture sets it', async (t) => {
  const elements = [
    { id: 'a', name: 'a', progress: { best_cost: 0.5 } },
    { id: 'b', name: 'b', progress: null },
    { id: 'c', name: 'c' },
  ]
  const { mock, ask } = await serve(t, { fixtures: { pipelines: [{ id: 'p', name: 'p', elements }] } })
  const progress = async () =>
    (JSON.parse((await ask('GET', '/pipelines/p/elements')).body) as object[]).map((one) =>
      Object.entries(one).slice(16),
    )
  const expected = [[['progress', { best_cost: 0.5 }]], [['progress', null]], []]
  t.strictSame(await progress(), expected)
  await mock.pipelines.set('p', { element: 'a', status: 'completed' })
  t.strictSame(await progress(), expected)
  await mock.seed(await mock.state())
  t.strictSame(await progress(), expected)
})
