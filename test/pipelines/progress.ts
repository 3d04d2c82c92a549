import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { ElementType } from '../../src/contract/index.js'
import type { Fixture } from '../../src/index.js'
import { cancel } from '../../src/pipelines/cancel.js'
import { compareInstants, later } from '../../src/time/instant.js'
import { postpone, progressAt, settle, startClock } from '../../src/pipelines/progress.js'
import { hasEnded, type PipelineState } from '../../src/pipelines/state.js'
import { complete } from '../../src/fixtures/complete.js'
import { Sandbox } from '../../src/state/sandbox.js'
import { activePipeline, pipeline } from '../support/arbitraries.js'
import { runs } from '../support/runs.js'
import { sharedState } from '../support/sandbox.js'

const START = '2026-10-01T12:00:00Z'
type FixturePipeline = Fixture['pipelines'][number]

const after = (ms: number) => later(START, ms) as string

/**
 * Returns the state of a pipeline `ms` milliseconds after its start. `takes` is the default duration, in
 * milliseconds, of each element, or of a pipeline without elements.
 */
const stateAt = (fixture: FixturePipeline, ms: number, takes?: number): PipelineState =>
  settle(startClock(complete(fixture, 'p', START), START, takes), after(ms)).next

const statuses = ({ pipeline, elements }: PipelineState) =>
  [pipeline, ...elements].map(({ status }) => status).join(' ')

/** Returns a data fit for each of the given values of the key `mock`. */
const elementsWith = (...mocks: NonNullable<NonNullable<FixturePipeline['elements']>[number]['mock']>[]) =>
  mocks.map((mock, i) => ({ name: `e${i + 1}`, element_type: 'Data Fit' as const, mock }))

t.test('elements run one after another, each for the duration in its key `takes`', async (t) => {
  const elements = elementsWith({ takes: '10s' }, { takes: '1s' }, { takes: '0s' })
  const table: [ms: number, expected: string][] = [
    [0, 'running running pending pending'],
    [9_999, 'running running pending pending'],
    [10_000, 'running completed running pending'],
    [10_999, 'running completed running pending'],
    [11_000, 'completed completed completed completed'],
    [99_000, 'completed completed completed completed'],
  ]
  for (const [ms, expected] of table) t.equal(statuses(stateAt({ name: 'p', elements }, ms)), expected, `${ms} ms`)
  const { pipeline, elements: ended } = stateAt({ name: 'p', elements }, 99_000)
  t.strictSame(
    [pipeline, ...ended].map(({ updated_at }) => updated_at),
    [after(11_000), after(10_000), after(11_000), after(11_000)],
  )
})

t.test('a second `startClock` keeps the progress of a pipeline, but can add a default duration', async (t) => {
  const elements = elementsWith({ takes: '4s' }, {})
  const begun = startClock(complete({ name: 'p', elements }, 'p', START), START)
  t.equal(startClock(begun, after(1000)), begun)
  const taking = startClock(begun, after(1000), 2000)
  t.equal(statuses(settle(taking, after(5_999)).next), 'running completed running')
  t.equal(statuses(settle(taking, after(6_000)).next), 'completed completed completed')
})

t.test('a pipeline is canceled when the duration in its key `cancel_in` has passed', async (t) => {
  const fixture = { name: 'p', mock: { cancel_in: '3s' }, elements: elementsWith({ takes: '10s' }) }
  t.equal(statuses(stateAt(fixture, 2_999)), 'running running')
  t.equal(statuses(stateAt(fixture, 3_000)), 'canceled canceled')
})

t.test('the transitions before a pending cancel come before the transitions of the cancel', async (t) => {
  const fixture = { name: 'p', mock: { takes: '2s', cancel_in: '3s' }, elements: [{ name: 'a' }, { name: 'b' }] }
  const { transitions } = settle(startClock(complete(fixture, 'p', START), START), after(9000))
  t.strictSame(
    transitions.map(({ kind, to, at }) => [kind, to, at]),
    [
      ['pipeline', 'running', START],
      ['element', 'running', START],
      ['element', 'completed', after(2000)],
      ['element', 'running', after(2000)],
      ['pipeline', 'canceled', after(3000)],
      ['element', 'canceled', after(3000)],
    ],
  )
})

t.test('an element without `takes` runs for the `takes` of its pipeline, or for the default duration', async (t) => {
  const table: [fixture: FixturePipeline, takes: number | undefined, at3s: string][] = [
    [{ name: 'p', elements: elementsWith({}, {}) }, undefined, 'pending pending pending'],
    [{ name: 'p', elements: elementsWith({}, {}) }, 2000, 'running completed running'],
    [{ name: 'p', elements: [{ name: 'e' }] }, 2000, 'completed completed'],
    [{ name: 'p', mock: { takes: '3s' }, elements: elementsWith({}, {}) }, 2000, 'running completed running'],
    [{ name: 'p', mock: { takes: null }, elements: elementsWith({}, {}) }, 2000, 'pending pending pending'],
    [{ name: 'p', elements: elementsWith({ takes: null }, {}) }, 2000, 'pending pending pending'],
    [{ name: 'p', elements: elementsWith({ takes: '1s' }, { takes: null }) }, 1, 'running completed running'],
    [{ name: 'p', elements: elementsWith({ takes: '1s' }, {}) }, undefined, 'running completed running'],
    [{ name: 'p' }, undefined, 'pending'],
    [{ name: 'p' }, 4000, 'running'],
    [{ name: 'p' }, 3000, 'completed'],
    [{ name: 'p', status: 'running' }, 3000, 'completed'],
    [{ name: 'p', status: 'canceled', elements: elementsWith({ takes: '1s' }) }, 1000, 'canceled canceled'],
  ]
  for (const [fixture, takes, expected] of table)
    t.equal(statuses(stateAt(fixture, 3000, takes)), expected, `${JSON.stringify(fixture)} ${takes}`)
})

t.test('when an element fails, its pipeline fails, and later elements are skipped', async (t) => {
  const fails = { takes: '1s', ends_as: 'failed', error: 'no convergence', error_code: 'SOLVER_ERROR' } as const
  const state = stateAt({ name: 'p', elements: elementsWith({ takes: '1s' }, fails, { takes: '1s' }) }, 5000)
  t.equal(statuses(state), 'failed completed failed skipped')
  const error = { error: 'no convergence', error_code: 'SOLVER_ERROR', updated_at: after(2000) }
  t.match(state.pipeline, error)
  t.match(state.elements, [
    { error: null, error_code: null, job_status: 'completed' },
    { ...error, job_status: 'failed' },
    { error: null, job_id: null, job_status: null, updated_at: after(2000) },
  ])
  const withoutError = stateAt({ name: 'p', elements: elementsWith({ takes: '1s', ends_as: 'failed' }) }, 1000)
  t.match([withoutError.pipeline, withoutError.elements[0]], [{ error: null, error_code: null }, { error: null }])
})

t.test('a data fit gets a job when it starts, and a result when it completes', async (t) => {
  const result = { parameter_values: { x: 1 } }
  const fixture = { name: 'p', elements: elementsWith({ takes: '1s', result }, { takes: '1s' }) }
  const [waiting, running, ended] = [complete(fixture, 'p', START), stateAt(fixture, 0), stateAt(fixture, 1000)]
  t.match(waiting.elements[0], { job_id: null, job_status: null, result: null })
  t.match(running.elements[0], { job_id: /^[0-9a-f-]{36}$/, job_status: 'processing', result: null })
  t.match(ended.elements[0], { job_id: running.elements[0]?.job_id, job_status: 'completed', result })
  t.not(ended.elements[0]?.job_id, ended.elements[1]?.job_id)
  t.equal(running.elements[0]?.job_id, complete({ ...fixture, status: 'completed' }, 'p', START).elements[0]?.job_id)

  const seeded = { name: 'p', elements: [{ name: 'e', status: 'running' as const, job_id: null, result: { y: 2 } }] }
  t.match(stateAt(seeded, 1000, 1000).elements[0], { status: 'completed', job_id: null, job_status: null })
  t.match(stateAt(seeded, 1000, 1000).elements[0], { result: { y: 2 } }, 'a seeded result stays')
  const without = { name: 'p', elements: elementsWith({ takes: '1s', result: null }) }
  t.match(stateAt(without, 1000).elements[0], { status: 'completed', result: null }, 'null is a planned result')
})

t.test('only a Data Fit and a Validation have a job once they have started', async (t) => {
  for (const element_type of ElementType.enum) {
    const fixture = { name: 'p', elements: [{ name: 'e', element_type, mock: { takes: '1s' } }] }
    const hasJob = ['Data Fit', 'Validation'].includes(element_type)
    for (const [ms, job_status] of [
      [0, 'processing'],
      [1000, 'completed'],
    ] as const) {
      const expected = hasJob ? { job_id: String, job_status } : { job_id: null, job_status: null }
      t.match(stateAt(fixture, ms).elements[0], expected, `${element_type} ${ms}`)
    }
  }
})

t.test('a pipeline with inconsistent statuses still ends', async (t) => {
  const elements = (...all: string[]) => all.map((status, i) => ({ name: `e${i}`, status }))
  const table: [status: string, elements: string[], expected: string][] = [
    ['running', ['running', 'running'], 'completed completed completed'],
    ['running', ['pending', 'running'], 'completed completed completed'],
    ['running', ['completed', 'completed'], 'completed completed completed'],
    ['running', ['failed', 'pending', 'pending'], 'failed failed completed skipped'],
    ['running', ['failed'], 'failed failed'],
    ['pending', ['running', 'pending'], 'completed completed completed'],
    ['running', ['canceled', 'skipped', 'pending'], 'completed canceled skipped completed'],
  ]
  for (const [status, all, expected] of table) {
    const fixture = { name: 'p', status, elements: elements(...all) } as FixturePipeline
    t.equal(statuses(stateAt(fixture, 60_000, 1000)), expected, `${status}: ${all.join(' ')}`)
  }
})

t.test('an element whose `elapsed` would start before the year 0 starts at the start of the year 0', async (t) => {
  const first = '0000-01-01T00:00:00Z'
  const fixture = { name: 'p', mock: { takes: '10s', elapsed: '1h' }, elements: [{ name: 'a' }] }
  const state = startClock(complete(fixture, 'p', first), first)
  t.equal(statuses(settle(state, '0000-01-01T00:00:09Z').next), 'running running')
  t.equal(statuses(settle(state, '0000-01-01T00:00:10Z').next), 'completed completed')
})

t.test('no element ends after the year 9999', async (t) => {
  const fixture = { name: 'p', mock: { cancel_takes: 'PT10S' }, elements: elementsWith({ takes: 'P2D' }) }
  const last = '9999-12-31T23:59:59Z'
  const state = startClock(complete(fixture, 'p', last), last)
  t.equal(statuses(settle(state, '9999-12-31T23:59:59.999Z').next), 'running running')
  t.equal(
    statuses(cancel(state, last).next),
    'canceled canceled',
    'a cancel takes effect at once if its `cancel_takes` would end after 9999',
  )
  const canceling = { ...state, cancelAt: last }
  t.equal(
    statuses(settle(postpone(canceling, 60_000), last).next),
    'pending pending',
    'if `postpone` would move a pending cancel past the year 9999, the pipeline still runs in the last second of 9999',
  )
})

/** An action on a pipeline in a property test. */
const action = fc.oneof(
  fc.record({ kind: fc.constant('advance' as const), ms: fc.nat(20_000) }),
  fc.constant({ kind: 'cancel' as const, ms: 0 }),
  fc.constant({ kind: 'read' as const, ms: 0 }),
)
type Action = typeof action extends fc.Arbitrary<infer D> ? D : never

async function sandboxOf(fixture: FixturePipeline) {
  const sandbox = new Sandbox(await sharedState({ pipelines: [{ ...fixture, id: 'p' }] }, START, 3000))
  const read = () => sandbox.pipeline('p') as PipelineState
  const advance = (ms: number) => sandbox.setClock((clock) => clock.freeze(later(clock.now(), ms)))
  const act = ({ kind, ms }: Action) => {
    if (kind === 'advance') advance(ms)
    if (kind === 'cancel') sandbox.apply(cancel, 'p')
  }
  return { sandbox, read, act, advance }
}

t.test('a pipeline keeps its invariants in any sequence of clock advances, cancels and reads', async (t) => {
  const any = pipeline as fc.Arbitrary<FixturePipeline>
  const holds = (
    title: string,
    property: (subject: Awaited<ReturnType<typeof sandboxOf>>, actions: Action[], fixture: FixturePipeline) => unknown,
    pipelines: fc.Arbitrary<FixturePipeline> = fc.oneof(any, activePipeline),
  ) =>
    t.test(title, async (t) => {
      const run = fc.asyncProperty(pipelines, fc.array(action, { maxLength: 8 }), async (fixture, actions) => {
        await property(await sandboxOf(fixture), actions, fixture)
      })
      await fc.assert(run, runs())
      t.pass(title)
    })
  const records = ({ pipeline, elements }: PipelineState) => [pipeline, ...elements]
  const rank = (status: Parameters<typeof hasEnded>[0]) => (hasEnded(status) ? 2 : status === 'running' ? 1 : 0)

  await holds('`status` and `updated_at` never move backward', ({ read, act }, actions) => {
    let before = records(read())
    for (const one of actions) {
      act(one)
      const after = records(read())
      for (const [i, record] of after.entries()) {
        const was = before[i] as typeof record
        assert.ok(rank(record.status) > rank(was.status) || record.status === was.status)
        assert.ok(compareInstants(record.updated_at, was.updated_at) >= 0)
      }
      before = after
    }
  })
  await holds('a read does not affect later reads', async ({ read, act }, actions, fixture) => {
    const unread = await sandboxOf(fixture)
    for (const one of actions) {
      assert.deepEqual(read(), read())
      act(one)
      unread.act(one)
    }
    assert.deepEqual(records(read()), records(unread.read()))
  })
  await holds('an advance by a and then by b equals an advance by a + b', async (whole, actions, fixture) => {
    const split = await sandboxOf(fixture)
    for (const one of actions) {
      whole.act(one)
      split.act(one.kind === 'advance' ? { ...one, ms: Math.floor(one.ms / 3) } : one)
      if (one.kind === 'advance') split.advance(one.ms - Math.floor(one.ms / 3))
    }
    assert.deepEqual(records(whole.read()), records(split.read()))
  })
  await holds('an ended pipeline stays identical', ({ read, act }, actions) => {
    let ended: PipelineState | undefined
    for (const one of actions) {
      act(one)
      const state = read()
      if (ended) assert.equal(state, ended)
      else if (hasEnded(state.pipeline.status)) ended = state
    }
  })
  await holds(
    'at most one element runs at a time, and transitions are in chronological order',
    ({ read, act }, actions) => {
      for (const one of actions) {
        act(one)
        const { elements } = read()
        assert.ok(elements.filter(({ status }) => status === 'running').length <= 1)
      }
      const state = read()
      const { transitions } = settle(state, after(1e9))
      for (const [i, { at }] of transitions.entries())
        assert.ok(compareInstants(transitions[i - 1]?.at ?? START, at) <= 0)
    },
    activePipeline,
  )
  await holds(
    'setting the clock back does not change the remaining durations',
    ({ sandbox, read, act, advance }, actions) => {
      for (const one of actions) act(one)
      const before = read()
      sandbox.setClock((clock) => clock.freeze('2020-01-01T00:00:00Z'))
      assert.deepEqual(records(read()), records(before), 'no record changes')
      const end = settle(before.since ? before : startClock(before, START, 3000), after(1e9))
      const rest = end.transitions.map(({ at }) => at)
      if (rest.length === 0) return
      const now = actions.reduce((sum, { ms }) => sum + ms, 0)
      const wait = Date.parse(String(rest.at(-1))) - Date.parse(after(now))
      if (wait > 0) {
        advance(wait - 1)
        assert.ok(!hasEnded(read().pipeline.status))
        advance(1)
      }
      assert.equal(statuses(read()), statuses(end.next))
    },
    activePipeline,
  )
})

t.test(
  '`progressAt` returns the elapsed time if the element, or the pipeline without elements, ends by itself',
  async (t) => {
    const table: [pipeline: FixturePipeline, ms: number, expected: object][] = [
      [{ name: 'p', mock: { takes: '10s' }, elements: [{ name: 'a' }, { name: 'b' }] }, 14_000, { elapsed: 4000 }],
      [{ name: 'p', mock: { takes: '10s' } }, 4000, { elapsed: 4000 }],
      [{ name: 'p', mock: { takes: '10s', elapsed: '3s' } }, 4000, { elapsed: 7000 }],
      [{ name: 'p', mock: { takes: '10s', elapsed: '11s' } }, 0, {}],
      [{ name: 'p', mock: { takes: '10s', cancel_in: '6s' } }, 4000, { elapsed: 4000, cancel_in: 2000 }],
      [{ name: 'p', mock: { takes: null } }, 4000, {}],
      [{ name: 'p', mock: { takes: '10s' }, elements: [{ name: 'a', mock: { takes: null } }] }, 4000, {}],
      [{ name: 'p', status: 'completed', mock: { takes: '10s', elapsed: '3s', cancel_in: '6s' } }, 4000, {}],
      [{ name: 'p', mock: { takes: '10s' } }, -1000, {}],
      [{ name: 'p', mock: { takes: '10s' } }, 0, {}],
    ]
    for (const [pipeline, ms, expected] of table)
      t.strictSame(progressAt(stateAt(pipeline, ms), after(ms)), expected, JSON.stringify(pipeline))
  },
)
