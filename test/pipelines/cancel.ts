import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { ElementStatus, PipelineStatus } from '../../src/contract/index.js'
import { cancel } from '../../src/pipelines/cancel.js'
import { compareInstants } from '../../src/time/instant.js'
import { hasEnded, type PipelineState } from '../../src/pipelines/state.js'
import { complete } from '../../src/fixtures/complete.js'
import { ELEMENT_STATUSES, PIPELINE_STATUSES, pipeline } from '../support/arbitraries.js'
import { runs } from '../support/runs.js'

const NOW = '2026-10-01T12:00:00Z'
const BEFORE = '2026-09-30T00:00:00Z'
const AFTER = '2026-10-02T00:00:00Z'

const stateOf = (status: PipelineStatus, element: ElementStatus, more: object = {}): PipelineState =>
  complete(
    { name: 'p', status, updated_at: BEFORE, elements: [{ name: 'e', status: element, updated_at: BEFORE, ...more }] },
    'p',
    NOW,
  )

t.test('a cancel changes only a pending or running pipeline, and only its pending or running elements', async (t) => {
  const cancelable: string[] = ['pending', 'running']
  for (const before of PIPELINE_STATUSES) {
    for (const element of ELEMENT_STATUSES) {
      const state = stateOf(before, element)
      const { next, transitions } = cancel(state, NOW)
      const after = cancelable.includes(before) ? 'canceled' : before
      const elementAfter = [before, element].every((one) => cancelable.includes(one)) ? 'canceled' : element
      const title = `${before} with ${element} → ${after} with ${elementAfter}`

      t.equal(next.pipeline.status, after, title)
      t.equal(next.elements[0]?.status, elementAfter, title)
      t.equal(next.pipeline.updated_at, after === before ? BEFORE : NOW, `${title}: the pipeline's time`)
      t.equal(next.elements[0]?.updated_at, elementAfter === element ? BEFORE : NOW, `${title}: the element's time`)
      t.strictSame(
        transitions.map(({ kind, from, to, at }) => [kind, from, to, at]),
        [
          ...(after === before ? [] : [['pipeline', before, 'canceled', NOW]]),
          ...(elementAfter === element ? [] : [['element', element, 'canceled', NOW]]),
        ],
        `${title}: the transitions`,
      )
    }
  }
})

t.test('a cancel changes the job status of an element with a job to `canceled`', async (t) => {
  const job = { job_id: 'j', job_status: 'processing' }
  t.match(cancel(stateOf('running', 'running', job), NOW).next.elements[0], { job_id: 'j', job_status: 'canceled' })
})

t.test('after a cancel, the job status of an element without a job is still null', async (t) => {
  t.match(cancel(stateOf('running', 'pending', { job_id: null }), NOW).next.elements[0], {
    job_id: null,
    job_status: null,
  })
})

t.test('after a cancel, `error` and `error_code` are still null', async (t) => {
  const { next } = cancel(stateOf('running', 'running'), NOW)
  t.match(next.pipeline, { error: null, error_code: null })
  t.match(next.elements[0], { error: null, error_code: null })
})

t.test('a cancel does not change an `updated_at` in the future', async (t) => {
  const state = stateOf('running', 'running', { updated_at: AFTER })
  const { next, transitions } = cancel(state, NOW)
  t.equal(next.pipeline.updated_at, NOW)
  t.equal(next.elements[0]?.updated_at, AFTER)
  t.strictSame(
    transitions.map(({ at }) => at),
    [NOW, AFTER],
  )
})

t.test('a cancel of any pipeline satisfies each of these properties', async (t) => {
  // The key `mock` is removed, because a `cancel_takes` in `mock` would delay the cancel.
  const states = pipeline.map(({ mock: _, ...fixture }) => complete(fixture, fixture.id, NOW))
  const holds = (title: string, property: (state: PipelineState) => void) =>
    t.doesNotThrow(() => fc.assert(fc.property(states, property), runs()), title)

  holds('ended elements stay identical', (state) => {
    const { next } = cancel(state, NOW)
    for (const [i, element] of state.elements.entries())
      if (hasEnded(element.status)) assert.equal(next.elements[i], element)
  })
  holds('after a cancel, the pipeline and all its elements have ended', (state) => {
    const { next } = cancel(state, NOW)
    if (!hasEnded(state.pipeline.status))
      assert.ok([next.pipeline, ...next.elements].every(({ status }) => hasEnded(status)))
  })
  holds('a second cancel changes nothing', (state) => {
    const once = cancel(state, NOW).next
    const twice = cancel(once, AFTER)
    assert.equal(twice.next, once)
    assert.deepEqual(twice.transitions, [])
  })
  holds('an ended pipeline stays identical', (state) => {
    if (hasEnded(state.pipeline.status)) assert.equal(cancel(state, NOW).next, state)
  })
  holds('only `status`, `job_status` and `updated_at` change, and `updated_at` never decreases', (state) => {
    const { next } = cancel(state, NOW)
    const befores = [state.pipeline, ...state.elements]
    for (const [i, after] of [next.pipeline, ...next.elements].entries()) {
      const { status, updated_at, ...before } = befores[i] as (typeof befores)[number]
      assert.ok(compareInstants(after.updated_at, updated_at) >= 0)
      const job = 'job_status' in before && { job_status: before.job_status }
      assert.deepEqual({ ...after, status, updated_at, ...job }, befores[i])
    }
  })
  holds('each changed record has one transition, and the transitions have the order of the records', (state) => {
    const { next, transitions } = cancel(state, NOW)
    const befores = [state.pipeline, ...state.elements]
    const moved = [next.pipeline, ...next.elements].filter((record, i) => record !== befores[i])
    assert.deepEqual(
      transitions.map(({ id }) => id),
      moved.map(({ id }) => id),
    )
  })
})
