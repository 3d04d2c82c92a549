import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { Fixture, PipelineStatus } from '../../src/index.js'
import { runs } from '../support/runs.js'
import { inProcess, serve } from '../support/serve.js'

const pipeline = (name: string, status: PipelineStatus, created_at: string, more: object = {}) => ({
  id: name,
  project_id: 'p',
  name,
  status,
  created_at,
  updated_at: created_at,
  ...more,
})

/** Pipeline `a` was created 0.5 s after `b` and `c`. If times were compared as strings, `a` would seem older. */
const FIXTURE: Fixture = {
  pipelines: [
    pipeline('b', 'running', '2026-01-02T00:00:00Z', { description: 'x' }),
    pipeline('a', 'completed', '2026-01-02T00:00:00.5Z', { description: null }),
    pipeline('d', 'running', '2026-01-01T00:00:00Z', { description: 'y', created_by_email: null }),
    pipeline('c', 'pending', '2026-01-02T00:00:00Z', { description: null, created_by_email: 'a@example.com' }),
    { ...pipeline('other', 'running', '2026-01-03T00:00:00Z'), project_id: 'q' },
  ],
}

t.test('GET /pipelines applies its query parameters for filters, order and paging', async (t) => {
  const { ask } = await serve(t, { fixtures: FIXTURE })
  const table: [query: string, names: string, total: number][] = [
    ['project_id=p', 'abcd', 4],
    ['project_id=p&order=asc', 'dbca', 4],
    ['project_id=p&order_by=name', 'dcba', 4],
    ['project_id=p&order_by=name&order=asc', 'abcd', 4],
    ['project_id=p&order_by=id&order=asc', 'abcd', 4],
    ['project_id=p&order_by=status&order=asc', 'acbd', 4],
    ['project_id=p&order_by=status', 'bdca', 4],
    ['project_id=p&order_by=updated_at', 'abcd', 4],
    ['project_id=p&order_by=description&order=asc', 'bdac', 4],
    ['project_id=p&order_by=description', 'acdb', 4],
    ['project_id=p&order_by=created_by_email&order=asc', 'cbad', 4],
    ['project_id=p&limit=2', 'ab', 4],
    ['project_id=p&limit=2&skip=2', 'cd', 4],
    ['project_id=p&limit=2&skip=3', 'd', 4],
    ['project_id=p&skip=4', '', 4],
    ['project_id=p&skip=99999999999999999999', '', 4],
    ['project_id=p&status=running', 'bd', 2],
    ['project_id=p&status=running&limit=1', 'b', 2],
    ['project_id=p&status=canceled', '', 0],
    ['project_id=p&status=Running', '', 0],
    ['project_id=p&status=none', '', 0],
    ['project_id=p&status=', '', 0],
    ['project_id=p&name=a', 'a', 1],
    ['project_id=p&name=a&status=running', '', 0],
    ['project_id=p&name=A', '', 0],
    ['project_id=q', 'other', 1],
    ['project_id=nobody', '', 0],
    ['project_id=', '', 0],
    ['project_id=q&project_id=p&name=x&name=a', 'a', 1],
    ['project_id=p&id=a', 'a', 1],
    ['project_id=p&id=in.(a,d,nobody)', 'ad', 2],
    ['project_id=p&status=eq.running', 'bd', 2],
    ['project_id=p&status=neq.running', 'ac', 2],
    ['project_id=p&status=in.(completed,pending)', 'ac', 2],
    ['project_id=p&name=in.("a",%20"b,c"%20,d)', 'ad', 2],
    ['project_id=p&name=in.("\\"")', '', 0],
    ['project_id=p&name=in.()', '', 0],
    ['project_id=p&created_at=in.()', '', 0],
    ['project_id=p&description=not.in.()', 'bd', 2],
    ['project_id=p&name=gt.b', 'cd', 2],
    ['project_id=p&name=gte.b&order=asc', 'dbc', 3],
    ['project_id=p&name=lt.b', 'a', 1],
    ['project_id=p&name=lte.b', 'ab', 2],
    ['project_id=p&name=ilike.A', 'a', 1],
    ['project_id=p&name=like.A', '', 0],
    ['project_id=p&name=like.*', 'abcd', 4],
    ['project_id=p&name=like._', 'abcd', 4],
    ['project_id=p&name=like.__', '', 0],
    ['project_id=p&status=like.%25n%25n%25', 'bcd', 3],
    ['project_id=p&status=like.run%25', 'bd', 2],
    ['project_id=p&status=like.%25ed', 'a', 1],
    ['project_id=p&status=like.run', '', 0],
    ['project_id=p&description=is.null', 'ac', 2],
    ['project_id=p&description=x', 'b', 1],
    ['project_id=p&description=neq.x', 'd', 1],
    ['project_id=p&description=is.NULL', 'ac', 2],
    ['project_id=p&description=is.not_null', 'bd', 2],
    ['project_id=p&description=not.is.null', 'bd', 2],
    ['project_id=p&description=not.is.not_null', 'ac', 2],
    ['project_id=p&description=not.eq.x', 'd', 1],
    ['project_id=p&description=not.neq.x', 'b', 1],
    ['project_id=p&description=not.in.(x,z)', 'd', 1],
    ['project_id=p&description=isdistinct.x', 'acd', 3],
    ['project_id=p&description=not.isdistinct.x', 'b', 1],
    ['project_id=p&name=not.like.a', 'bcd', 3],
    ['project_id=p&created_at=not.gte.2026-01-02', 'd', 1],
    ['project_id=p&created_at=is.not_null', 'abcd', 4],
    ['project_id=p&created_by_email=ilike.%25EXAMPLE.com', 'abc', 3],
    ['project_id=p&created_at=2026-01-02', 'bc', 2],
    ['project_id=p&created_at=gt.2026-01-02T00:00:00', 'a', 1],
    ['project_id=p&created_at=gte.2026-01-02T02:00:00%2B02:00', 'abc', 3],
    ['project_id=p&created_at=in.(2026-01-01,2026-01-02+00:00:00.5Z)', 'ad', 2],
    ['project_id=p&created_at=like.2026-01-01%25', 'd', 1],
    ['project_id=p&created_at_gt=2026-01-02&created_at_lt=2026-01-02', 'bc', 2],
    ['project_id=p&updated_at_gt=2026-01-02T00:00:00.5Z', 'a', 1],
    ['project_id=p&updated_at_lt=2026-01-01', 'd', 1],
    ['project_id=p&updated_at=lt.2026-01-02&status=running', 'd', 1],
    ['project_id=p&unknown=1&__proto__=2', 'abcd', 4],
    ['project_id=p&limit=%2B1_0.0&skip=%200%20', 'abcd', 4],
  ]
  for (const [query, names, total] of table) {
    const { status, json } = await ask('GET', `/pipelines?${query}`)
    t.equal(status, 200, query)
    const { pipelines, ...counts } = json()
    t.equal(pipelines.map(({ name }: { name: string }) => name).join(''), names, query)
    t.strictSame(counts, { count: pipelines.length, total }, query)
  }
})

t.test('a filter without an operator selects by the whole value, even if the value contains dots', async (t) => {
  const names = [
    'a.b',
    '.',
    '.eq',
    'eq',
    'not',
    'v1.eq.2',
    'Eq.x',
    'notes.md',
    'all.b',
    'in (a).b',
    'eq(a).b',
    'is_.null',
  ]
  const { ask } = await serve(t, { fixtures: { pipelines: names.map((name) => ({ name, project_id: 'p' })) } })
  for (const name of names)
    for (const filter of [name, `eq.${name}`, `in.("${name}")`]) {
      const { pipelines } = (await ask('GET', `/pipelines?project_id=p&name=${encodeURIComponent(filter)}`)).json()
      t.strictSame(
        pipelines.map((one: { name: string }) => one.name),
        [name],
        filter,
      )
    }
})

t.test(
  '`not.` before an operator selects all other pipelines, except pipelines in which the field is null',
  async (t) => {
    const { inject } = await inProcess(t, { fixtures: FIXTURE })
    const select = async (field: string, filter: string) => {
      const response = await inject('GET', `/pipelines?project_id=p&${field}=${encodeURIComponent(filter)}`)
      return response.json().pipelines.map(({ name }: { name: string }) => name) as string[]
    }
    const operand = fc.oneof(fc.constantFrom('x', 'y', 'a', '%', 'x%'), fc.string())
    const operator = fc.constantFrom('eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'like', 'ilike')
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('name', 'description'), operator, operand, async (field, operator, operand) => {
        const filter = `${operator}.${operand}`
        const both = [...(await select(field, filter)), ...(await select(field, `not.${filter}`))]
        assert.deepEqual(both.sort(), (await select(field, 'is.not_null')).sort())
      }),
      runs(),
    )
  },
)

t.test('the 422 to a filter with an unsupported operator lists the supported operators', async (t) => {
  const { ask } = await serve(t, { fixtures: FIXTURE })
  const operators = [
    'fts',
    'plfts',
    'phfts',
    'wfts',
    'match',
    'imatch',
    'cs',
    'cd',
    'ov',
    'sl',
    'sr',
    'nxr',
    'nxl',
    'adj',
  ]
  const modified = ['fts(english).x', 'eq(any).{a,b}', 'gte(all).{a,b}', 'lt(any).{a}', 'not.ilike(all).{a}']
  const incomplete = ['in.x', 'in.(x', 'not.in.x', 'is.x', 'is.true', 'not.x', 'not.not.eq.x', 'not.']
  for (const filter of [...operators.map((name) => `${name}.x`), ...modified, ...incomplete]) {
    const path = `/pipelines?project_id=p&name=${encodeURIComponent(filter)}&created_at=${encodeURIComponent(filter)}`
    const { status, json } = await ask('GET', path)
    t.equal(status, 422, filter)
    const { detail } = json()
    t.match(
      detail,
      ['name', 'created_at'].map((name) => ({ type: 'value_error', loc: ['query', name], input: filter })),
    )
    for (const { msg } of detail)
      for (const name of [
        'eq',
        'neq',
        'gt',
        'gte',
        'lt',
        'lte',
        'like',
        'ilike',
        'isdistinct',
        'in',
        'is.null',
        'not.',
      ])
        t.ok(msg.includes(name), `${filter}: ${name}`)
  }
})

t.test('the status filter of GET /pipelines finds a canceled pipeline', async (t) => {
  const { ask } = await serve(t, { fixtures: FIXTURE })
  await ask('POST', '/pipelines/d/cancel')
  t.strictSame(
    (await ask('GET', '/pipelines?project_id=p&status=canceled')).json().pipelines.map(({ id }: { id: string }) => id),
    ['d'],
  )
})

t.test('GET /pipelines returns at most ten pipelines unless the query parameter `limit` is higher', async (t) => {
  const pipelines = Array.from({ length: 150 }, (_, i) => ({ name: `n${i}`, project_id: 'p' }))
  const { ask } = await serve(t, { fixtures: { pipelines } })
  for (const [query, count] of [
    ['', 10],
    ['&limit=100', 100],
    ['&limit=100&skip=100', 50],
  ] as const)
    t.match((await ask('GET', `/pipelines?project_id=p${query}`)).json(), { count, total: 150 })
})

t.test('the 422 of GET /pipelines lists every parameter that has an invalid time', async (t) => {
  const { ask } = await serve(t, { fixtures: FIXTURE })
  const issue = (name: string, input: string) => ({
    type: 'datetime_parsing',
    loc: ['query', name],
    msg: 'Input should be a valid datetime',
    input,
  })
  const { status, json } = await ask(
    'GET',
    '/pipelines?project_id=p&created_at=gte.soon&updated_at_lt=2026-02-30&updated_at=in.(2026-01-01,x)&name=gte.soon',
  )
  t.strictSame(
    [status, json().detail],
    [
      422,
      [issue('created_at', 'gte.soon'), issue('updated_at', 'in.(2026-01-01,x)'), issue('updated_at_lt', '2026-02-30')],
    ],
  )
})

t.test('a filter with the longest pattern or list does not block the mock', async (t) => {
  const name = 'a'.repeat(256 * 1024)
  const { ask } = await serve(t, { fixtures: { pipelines: [{ name, project_id: 'p' }] } })
  for (const pattern of ['%25a'.repeat(499) + 'b', `*${'a'.repeat(998)}b`, `*${'_a'.repeat(499)}`.slice(0, -1) + 'b'])
    for (const operator of ['like', 'ilike'])
      t.equal((await ask('GET', `/pipelines?project_id=p&name=${operator}.${pattern}`)).json().total, 0, operator)
  t.equal((await ask('GET', `/pipelines?project_id=p&name=in.(${'a,'.repeat(30_000)}a)`)).json().total, 0)
})

t.test('a filter with a pattern of more than 1,000 characters gets a 422', async (t) => {
  const { ask } = await serve(t, { fixtures: FIXTURE })
  for (const operator of ['like', 'ilike']) {
    const path = `/pipelines?project_id=p&name=${operator}.`
    t.equal((await ask('GET', path + 'a'.repeat(1000))).status, 200)
    const { status, json } = await ask('GET', path + 'a'.repeat(1001))
    const error = { type: 'string_too_long', loc: ['query', 'name'], ctx: { max_length: 1000 } }
    t.match([status, json()], [422, { detail: [error] }])
  }
})
