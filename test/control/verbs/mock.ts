import { connect, ControlError, FixtureError, type MockControl } from '../../../src/index.js'
import { NOW } from '../../support/serve.js'
import { cancel, exactly, testControl, refused, statuses } from '../../support/control.js'

testControl('`env` has the URL, an API key and the project id', async (t, mock) => {
  t.match(mock.env, { IONWORKS_API_URL: mock.url, IONWORKS_API_KEY: /^mock_\w+$/, IONWORKS_PROJECT_ID: 'cells' })
})

testControl('`url` is the address of the mocked API', async (t, mock) => {
  t.equal((await fetch(`${mock.url}/pipelines/fit`)).status, 200)
})

const PARTS = ['data', 'journal', 'faults', 'clock'] as const

/** Changes every part of the state. */
async function change(mock: MockControl) {
  await cancel(mock, 'fit')
  await mock.faults.add({ hang: true })
  await mock.clock.advance('1s')
  await mock.snapshot('later')
}

/** For each part of the state, returns whether the part has its initial value. */
const restored = async (mock: MockControl) => ({
  data: (await mock.pipelines.get('fit')).status === 'running',
  journal: (await mock.requests.list()).length === 0,
  faults: (await mock.faults.list()).length === 0,
  clock: (await mock.clock.now()) === NOW,
})
const CHANGED = { data: false, journal: false, faults: false, clock: false }

testControl('`reset` restores the initial state', async (t, mock) => {
  await change(mock)
  t.strictSame(await restored(mock), CHANGED)
  await mock.reset()
  t.strictSame(await restored(mock), { data: true, journal: true, faults: true, clock: true })
})

testControl('`reset` with names of parts restores only these parts', async (t, mock) => {
  for (const part of PARTS) {
    await change(mock)
    t.strictSame(await restored(mock), CHANGED)
    await mock.reset(part)
    t.strictSame(await restored(mock), { ...CHANGED, [part]: true }, part)
    await mock.reset()
  }
})

testControl('`reset` deletes snapshots', async (t, mock) => {
  await mock.snapshot('later')
  await mock.reset()
  await t.rejects(mock.restore('later'), refused(404, 'snapshot_not_found'))
})

testControl('`reset` with names of parts keeps snapshots', async (t, mock) => {
  await mock.snapshot('later')
  await mock.reset(...PARTS)
  await mock.restore('later')
  t.equal((await mock.pipelines.get('fit')).status, 'running')
})

testControl('after `reset`, the ids of faults start again at 1', async (t, mock) => {
  await mock.faults.add({ hang: true })
  await mock.reset()
  t.equal((await mock.faults.add({ hang: true })).id, 'fault-1')
})

testControl('`reset` rejects the name of an unknown part', async (t, mock) => {
  await t.rejects(mock.reset('date' as never), refused(400, 'invalid_request', ['invalid_value', 'only', 0]))
})

testControl('`seed` replaces all pipelines', async (t, mock) => {
  t.match(await mock.seed([{ pipelines: [{ id: 'x', name: 'x' }] }, 'fixtures/second-team.json']), {
    pipelines: 2,
    documents: 2,
    warnings: [],
  })
  t.equal((await mock.pipelines.list()).length, 2)
})

testControl('`seed` rejects an invalid fixture with every issue', async (t, mock) => {
  const bad = mock.seed(['test/fixtures/broken/five-faults.yaml', 'nowhere.json'])
  await t.rejects(bad, FixtureError)
  await t.rejects(bad, {
    code: 'invalid_fixture',
    issues: [{ position: { line: Number } }, {}, {}, {}, {}, { code: 'file_not_found' }],
  })
})

testControl('a `seed` that is rejected changes nothing', async (t, mock) => {
  await mock.seed({ pipelines: [{ id: 'x', name: 'x' }] })
  await t.rejects(mock.seed(['test/fixtures/broken/five-faults.yaml', 'nowhere.json']), FixtureError)
  t.equal((await mock.pipelines.get('x')).id, 'x')
})

testControl('`reset` undoes a `seed`', async (t, mock) => {
  await mock.seed({ pipelines: [{ id: 'x', name: 'x' }] })
  await mock.reset()
  await t.rejects(mock.pipelines.get('x'), ControlError)
})

testControl('`restore` affects the data but not the clock', async (t, mock) => {
  const view = async () => [await mock.state(), await statuses(mock, 'timed'), await statuses(mock, 'fit')]
  await mock.clock.advance('4s')
  const before = await view()
  await mock.snapshot('before')
  await cancel(mock, 'fit')
  await mock.clock.advance('7s')
  t.equal(await statuses(mock, 'timed'), 'running completed running')
  await mock.restore('before')
  t.equal(await mock.clock.now(), '2026-10-01T12:00:11Z')
  t.strictSame(await view(), before)
})

testControl('`restore` brings back the remaining times of elements', async (t, mock) => {
  await mock.clock.advance('4s')
  await mock.snapshot('before')
  await mock.clock.advance('7s')
  await mock.restore('before')
  await mock.clock.advance('5999ms')
  t.equal(await statuses(mock, 'timed'), 'running running pending')
  await mock.clock.advance('1ms')
  t.equal(await statuses(mock, 'timed'), 'running completed running')
})

testControl('an exported state includes the remaining times of elements', async (t, mock) => {
  await mock.clock.advance('10s')
  t.equal(await statuses(mock, 'timed'), 'running completed running')
  await mock.seed(await mock.state())
  await mock.clock.advance('10s')
  t.equal(await statuses(mock, 'timed'), 'completed completed completed')
})

testControl('an exported state includes the plans of pipelines and of their elements', async (t, mock) => {
  const plans = [{ takes: '5000ms', ends_as: 'failed', error: 'why' }, undefined] as const
  const elements = plans.map((plan, i) => ({ name: `e${i}`, ...(plan && { mock: plan }) }))
  await mock.seed({ pipelines: [{ id: 'p', name: 'p', mock: { takes: '10000ms', cancel_takes: '3000ms' }, elements }] })
  const [exported] = (await mock.state()).pipelines
  t.strictSame(exported?.mock, { takes: '10000ms', cancel_takes: '3000ms' })
  t.strictSame(
    exported?.elements?.map((element) => element.mock),
    plans,
  )
})

testControl('`restore` rejects an unknown name', async (t, mock) => {
  await t.rejects(mock.restore('x'), refused(404, 'snapshot_not_found'))
})

testControl(
  'in a sandbox with 100 snapshots, a snapshot can be replaced, but no snapshot can be added',
  async (t, mock) => {
    for (let i = 0; i < 100; i++) await mock.snapshot(`s${i}`)
    await mock.snapshot('s0')
    await t.rejects(mock.snapshot('one-more'), refused(422, 'too_many_snapshots'))
  },
)

testControl('`snapshot` rejects an invalid name', async (t, mock) => {
  for (const name of ['x'.repeat(65), '..', 'a/b']) await t.rejects(mock.snapshot(name), { name: 'ControlError' }, name)
})

const createPipeline = async (mock: MockControl) => {
  const body = JSON.stringify({ project_id: 'q', elements: { a: { element_type: 'entry' } } })
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${mock.url}/pipelines`, { method: 'POST', headers, body })
  return ((await response.json()) as { id: string }).id
}

testControl('a pipeline that is created after a `seed` gets an unused id', async (t, mock) => {
  const first = await createPipeline(mock)
  await mock.seed(await mock.state())
  t.not(await createPipeline(mock), first)
  t.equal(new Set((await mock.pipelines.list()).map(({ id }) => id)).size, 5)
})

testControl('a created pipeline and its elements get ids that no added or seeded record has', async (t, mock) => {
  for (const load of ['add', 'seed'] as const) {
    await mock.reset()
    const id = await createPipeline(mock)
    const [element] = await mock.pipelines.elements(id)
    await mock.reset()
    const fixture = { pipelines: [{ id, name: 'p', elements: [{ id: String(element?.id), name: 'e' }] }] }
    await (load === 'add' ? mock.pipelines.add(fixture) : mock.seed(fixture))
    const { length } = await mock.pipelines.list()
    await createPipeline(mock)
    const pipelines = await mock.pipelines.list()
    const elements = await Promise.all(pipelines.map(({ id }) => mock.pipelines.elements(id)))
    const ids = [...pipelines, ...elements.flat()].map(({ id }) => id)
    t.strictSame([pipelines.length, new Set(ids).size], [length + 1, ids.length], load)
  }
})

testControl(
  'after `restore`, a status change before the snapshot keeps its time, even if no request read the pipeline',
  async (t, mock) => {
    await mock.clock.advance('12s')
    await mock.snapshot('before')
    await mock.clock.advance('1h')
    await mock.restore('before')
    t.match(await mock.pipelines.elements('timed'), [
      { status: 'completed', updated_at: '2026-10-01T12:00:10Z' },
      { status: 'running', updated_at: '2026-10-01T12:00:10Z' },
    ])
  },
)

testControl('a fixture with the key `mock` sets the clock and the progress of the seeded sandbox', async (t, mock) => {
  const elements = [{ name: 'a' }, { name: 'b' }]
  const settings = { clock: 'frozen@2026-11-01T00:00:00Z', progress: 'after=30s' }
  await mock.seed({ mock: settings, pipelines: [{ id: 'p', name: 'p', created_at: '-PT1H', elements }] })
  t.equal(await mock.clock.now(), '2026-11-01T00:00:00Z')
  t.equal((await mock.pipelines.get('p')).created_at, '2026-10-31T23:00:00Z')
  t.strictSame((await mock.state()).mock, { progress: 'after=30000ms' })
  await mock.clock.advance('30s')
  t.equal(await statuses(mock, 'p'), 'running completed running')
  await mock.reset()
  t.equal(await mock.clock.now(), NOW)
  t.strictSame((await mock.state()).mock, { progress: 'manual' })
})

testControl('a fixture with the key `mock` cannot be added to a sandbox', async (t, mock) => {
  const fixture = { mock: { progress: 'manual' }, pipelines: [] }
  await t.rejects(mock.pipelines.add(fixture), refused(422, 'settings_not_addable'))
})

testControl('fixtures that set the clock to different values are rejected', async (t, mock) => {
  const fixtures = ['real', 'real', 'frozen'].map((clock) => ({ mock: { clock }, pipelines: [] }))
  await t.rejects(mock.seed(fixtures), {
    name: 'FixtureError',
    issues: exactly([{ code: 'contradictory_setting', path: exactly(['mock', 'clock']) }]),
  })
})

testControl('`seed` with the scope `all` changes the state to which every sandbox is reset', async (t, mock) => {
  const fixture = {
    mock: { clock: 'frozen@2026-11-01T00:00:00Z' },
    pipelines: [{ id: 'x', name: 'x', project_id: 'y' }],
  }
  await mock.clock.advance('1s')
  await mock.seed({ pipelines: [] })
  t.match(await mock.seed(fixture, { scope: 'all' }), { pipelines: 1 })
  for (const state of ['seeded', 'reset']) {
    t.strictSame(
      (await mock.pipelines.list()).map(({ id }) => id),
      ['x'],
      state,
    )
    t.equal(await mock.clock.now(), '2026-11-01T00:00:00Z', state)
    await mock.clock.advance('1s')
    await mock.reset()
  }
  const url = mock.url.replace(/\/_sandbox.*/, '')
  const other = await connect(`${url}/_sandbox/other`)
  t.strictSame(
    (await other.pipelines.list()).map(({ id }) => id),
    ['x'],
  )
  t.equal(other.env.IONWORKS_PROJECT_ID, 'y')
  t.match(await (await fetch(`${url}/_mock/info`)).json(), { pipelines: 1, project_id: 'y' })
  await mock.seed({ pipelines: [] }, { scope: 'all' })
  t.equal(await mock.clock.now(), '2026-11-01T00:00:00Z', 'a fixture without a clock does not change the clock')
  t.strictSame(await other.pipelines.list(), [])
})

testControl('`seed` rejects an unknown scope', async (t, mock) => {
  const seeding = mock.seed({ pipelines: [] }, { scope: 'everything' as 'all' })
  await t.rejects(seeding, refused(400, 'invalid_request', ['invalid_value', 'scope']))
})
