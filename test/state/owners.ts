import t from 'tap'
import { complete } from '../../src/fixtures/complete.js'
import { jobIdOf } from '../../src/pipelines/job.js'
import { Owners } from '../../src/state/owners.js'

t.test('the pipeline of an element and of a job is known until the pipeline is deleted, also in a copy', async (t) => {
  const elements = [
    { id: 'entry', name: 'entry' },
    { id: 'fit', name: 'fit', element_type: 'Data Fit' as const, job_id: 'explicit' },
    { id: 'check', name: 'check', element_type: 'Validation' as const },
  ]
  const state = complete({ name: 'p', elements }, 'p', '2026-10-01T12:00:00Z')
  const owners = new Owners()
  owners.add(state)
  const copy = owners.copy()
  const known = (one: Owners) => [
    ...['entry', 'fit', 'check'].map((id) => one.ofElement(id)),
    ...[jobIdOf('entry'), 'explicit', jobIdOf('fit'), jobIdOf('check')].map((id) => one.ofJob(id)),
  ]
  const all = ['p', 'p', 'p', undefined, 'p', undefined, 'p']
  t.strictSame(known(owners), all)
  owners.delete(state)
  t.strictSame(
    known(owners),
    Array.from(all, () => undefined),
  )
  t.strictSame(known(copy), all)
})
