import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { ElementStatus, Job, JobStatus } from '../../src/contract/index.js'
import { type Mock, startMock } from '../../src/index.js'
import { compareInstants } from '../../src/time/instant.js'
import { anyAction, anyFixture, commonAction, inject, options, perform } from '../support/actions.js'
import { runs } from '../support/runs.js'

/** The statuses that a job may have, by the status of its element. */
const STATUSES: Record<ElementStatus, readonly JobStatus[]> = {
  pending: ['pending', 'waiting'],
  running: ['processing', 'waiting'],
  completed: ['completed'],
  failed: ['failed'],
  skipped: ['canceled'],
  canceled: ['canceled'],
}

type Element = Awaited<ReturnType<Mock['pipelines']['elements']>>[number]

const read = (mock: Mock, id: string) => inject(mock, 'GET', `/jobs/${encodeURIComponent(id)}`)

/** Returns every element with a job, and its job as a GET returns it. */
async function jobsOf(mock: Mock): Promise<{ element: Element; job: Job }[]> {
  const found: { element: Element; job: Job }[] = []
  for (const { id } of await mock.pipelines.list())
    for (const element of await mock.pipelines.elements(id)) {
      const hasJob = ['Data Fit', 'Validation'].includes(element.element_type)
      if (element.job_id === null) continue
      const response = await read(mock, element.job_id)
      assert.equal(response.statusCode, hasJob ? 200 : 404)
      if (hasJob) found.push({ element, job: response.json() as Job })
    }
  return found
}

const idsOf = ({ pipelines }: { pipelines: { id?: string }[] }) => pipelines.map(({ id }) => String(id))

t.test('after any sequence of calls, every job has the status that follows from its element', async (t) => {
  let count = 0
  const property = fc.asyncProperty(anyFixture, fc.array(anyAction, { maxLength: 10 }), async (fixtures, actions) => {
    const mock = await startMock({ fixtures, ...options })
    for (const [i, action] of actions.entries()) {
      await perform(mock, [action], idsOf(fixtures).slice(i % fixtures.pipelines.length))
      await mock.reset('faults')
      for (const { element, job } of await jobsOf(mock)) {
        count++
        assert.ok(STATUSES[element.status].includes(job.status), `${element.status}: ${job.status}`)
        assert.equal(job.job_id, element.job_id)
        assert.equal(job.is_terminal, ['completed', 'failed', 'canceled'].includes(job.status))
        assert.equal(job.is_failed, job.is_terminal && job.status !== 'completed')
        assert.equal(job.started_at === null, ['pending', 'skipped'].includes(element.status))
        assert.equal(job.completed_at, job.is_terminal ? element.updated_at : null)
        assert.deepEqual(job.result, element.result)
      }
    }
    await mock.close()
  })
  await fc.assert(property, runs(1 / 4))
  t.ok(count > 0)
})

t.test('the times of a job never run back', async (t) => {
  const actions = fc.array(commonAction, { minLength: 3, maxLength: 10 })
  const property = fc.asyncProperty(anyFixture, actions, async (fixtures, actions) => {
    const mock = await startMock({ fixtures, ...options })
    const before = new Map<string, Job>()
    for (const [i, action] of [undefined, ...actions].entries()) {
      if (action) await perform(mock, [action], idsOf(fixtures).slice(i % fixtures.pipelines.length))
      for (const { job } of await jobsOf(mock)) {
        const was = before.get(job.job_id) ?? job
        before.set(job.job_id, job)
        assert.equal(job.created_at, was.created_at)
        assert.ok(compareInstants(was.updated_at, job.updated_at) <= 0, 'updated_at')
        assert.ok(compareInstants(was.started_at ?? '', job.started_at ?? was.started_at ?? '') <= 0, 'started_at')
        if (job.completed_at !== null)
          assert.ok(compareInstants(job.started_at ?? '', job.completed_at) <= 0 || job.created_at > job.updated_at)
      }
    }
    await mock.close()
  })
  await fc.assert(property, runs(1 / 2))
  t.pass()
})

t.test('a cancel of a job ends everything in its pipeline, and a second one changes nothing', async (t) => {
  const seen = new Set<string>()
  const property = fc.asyncProperty(
    anyFixture,
    fc.array(commonAction, { maxLength: 5 }),
    fc.nat(),
    async (fixtures, actions, n) => {
      const mock = await startMock({ fixtures, ...options })
      const other = mock.sandbox('other')
      await perform(mock, actions, idsOf(fixtures))
      const jobs = await jobsOf(mock)
      const one = jobs[n % jobs.length]
      if (one) {
        const id = one.element.pipeline_id
        const isEnded = (status: string) => !['pending', 'running'].includes(status)
        const statesOf = async () => {
          const { pipelines } = await mock.state()
          const [own, rest] = [pipelines.filter((each) => each.id === id), pipelines.filter((each) => each.id !== id)]
          return { own: JSON.stringify(own), rest: JSON.stringify(rest), other: JSON.stringify(await other.state()) }
        }
        const hadEnded = isEnded((await mock.pipelines.get(id)).status)
        const before = await statesOf()
        await mock.reset('journal')
        const cancel = () => inject(mock, 'POST', `/jobs/${encodeURIComponent(one.job.job_id)}/cancel`)
        const { statusCode, body } = await cancel()
        const after = await statesOf()
        seen.add(`${one.job.is_terminal ? 'ended' : 'open'} job of ${hadEnded ? 'an ended' : 'an open'} pipeline`)
        assert.equal(statusCode, 200)
        assert.equal(body, (await read(mock, one.job.job_id)).body)
        assert.ok((JSON.parse(body) as Job).is_terminal)
        assert.deepEqual([after.rest, after.other], [before.rest, before.other], 'other pipelines and sandboxes')
        if (one.job.is_terminal) assert.equal(after.own, before.own)
        else if (!hadEnded) {
          assert.equal((await mock.pipelines.get(id)).status, 'canceled')
          assert.ok((await mock.pipelines.elements(id)).every(({ status }) => isEnded(status)))
        }
        assert.equal((await cancel()).body, body)
        assert.deepEqual(await statesOf(), after)
        // If the job had ended before, its pipeline may still be running.
        if (isEnded((await mock.pipelines.get(id)).status)) await mock.clock.advance('1h')
        assert.equal((await cancel()).body, body)
        assert.equal((await statesOf()).own, after.own)
        const { length: expected } = one.job.is_terminal ? [] : [1]
        const [first, ...later] = (await mock.requests.list({ operation: 'cancel_job' })).map(
          (each) => each.transitions,
        )
        assert.ok(Number(first?.length) >= expected)
        assert.deepEqual(later, [[], []])
      }
      await mock.close()
    },
  )
  await fc.assert(property, runs())
  t.ok(seen.size >= 2, [...seen].join(', '))
})
