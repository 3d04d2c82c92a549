import { ControlError, FixtureError } from '../../../src/index.js'
import { NOW } from '../../support/serve.js'
import { testControl, refused, statuses } from '../../support/control.js'

testControl('`get` returns a pipeline', async (t, mock) => {
  t.match(await mock.pipelines.get('fit'), { id: 'fit', status: 'running' })
})

testControl('`get` rejects an unknown id', async (t, mock) => {
  await t.rejects(mock.pipelines.get('nobody?'), refused(404, 'pipeline_not_found'))
})

testControl('`elements` returns the elements in their order', async (t, mock) => {
  t.match(await mock.pipelines.elements('fit'), [{ name: 'known parameters' }, { id: 'diffusivity' }, {}])
})

testControl('`list` returns the pipelines that match every key of the filter', async (t, mock) => {
  const ids = async (filter?: object) => (await mock.pipelines.list(filter)).map(({ id }) => id).join(' ')
  t.equal(await ids(), 'fit timed done')
  t.equal(await ids({ status: 'running', name: undefined }), 'fit timed')
  t.equal(await ids({ project_id: 'cells', name: 'done' }), '')
})

const NEW = { pipelines: [{ id: 'new', name: 'new', elements: [{ id: 'e', name: 'e' }] }] }

testControl('`add` returns the numbers of added pipelines and elements', async (t, mock) => {
  t.match(await mock.pipelines.add(NEW), { pipelines: 1, elements: 1, documents: 1, warnings: [] })
})

testControl('the mocked API serves an added pipeline', async (t, mock) => {
  await mock.pipelines.add(NEW)
  t.equal((await fetch(`${mock.url}/pipelines/elements/e`)).status, 200)
})

const TAKEN = [
  { id: 'fit', name: 'x' },
  { id: 'y', name: 'y', elements: [{ id: 'known', name: 'known' }] },
]

testControl('`add` rejects an id that is already used', async (t, mock) => {
  for (const pipeline of TAKEN)
    await t.rejects(mock.pipelines.add({ pipelines: [pipeline] }), refused(409, 'id_taken'), pipeline.id)
})

testControl('an `add` that is rejected changes nothing', async (t, mock) => {
  await t.rejects(mock.pipelines.add({ pipelines: TAKEN }), refused(409, 'id_taken'))
  await t.rejects(mock.pipelines.get('y'), ControlError)
})

testControl('`add` rejects an invalid fixture', async (t, mock) => {
  await t.rejects(mock.pipelines.add({ pipelines: [{ name: 5 }] } as never), FixtureError)
})

testControl('`add` accepts the id of a deleted pipeline', async (t, mock) => {
  await fetch(`${mock.url}/pipelines/fit`, { method: 'DELETE' })
  await mock.pipelines.add({ pipelines: [{ id: 'fit', name: 'fit again' }] })
  t.equal((await mock.pipelines.get('fit')).name, 'fit again')
})

testControl('when `set` completes an element, the next element starts', async (t, mock) => {
  const result = { parameter_values: { x: 1 } }
  t.match(await mock.pipelines.set('fit', { element: 2, status: 'completed', result }), { status: 'running' })
  t.equal(await statuses(mock, 'fit'), 'running completed completed running')
  t.match((await mock.pipelines.elements('fit'))[1], { result, job_status: 'completed', updated_at: NOW })
})

testControl('when `set` fails an element, the pipeline fails too', async (t, mock) => {
  const why = { error: 'no convergence', error_code: 'SOLVER_ERROR' } as const
  await mock.pipelines.set('fit', { element: 2, status: 'completed' })
  const failed = await mock.pipelines.set('fit', { element: 'validate', status: 'failed', ...why })
  t.match(failed, { status: 'failed', ...why })
  t.equal(await statuses(mock, 'fit'), 'failed completed completed failed')
})

testControl('`set` can cancel a pipeline', async (t, mock) => {
  await mock.pipelines.set('timed', { status: 'canceled' })
  await mock.expectCanceled('timed')
  t.equal((await mock.pipelines.get('timed')).status, 'canceled')
})

testControl('`set` rejects an unknown element', async (t, mock) => {
  const rejected = refused(404, 'element_not_found')
  await t.rejects(mock.pipelines.set('fit', { element: 4, status: 'failed' }), rejected)
  await t.rejects(mock.pipelines.set('done', { element: 'x' }), rejected)
})

testControl('only an element can be skipped or have a result', async (t, mock) => {
  for (const change of [{ status: 'skipped' }, { result: {} }] as const) {
    await t.rejects(mock.pipelines.set('fit', change), refused(422, 'element_required'))
    await mock.pipelines.set('fit', { element: 3, ...change })
    t.match((await mock.pipelines.elements('fit'))[2], change)
  }
})

testControl('`set` rejects an unknown id', async (t, mock) => {
  await t.rejects(mock.pipelines.set('x', { status: 'failed' }), refused(404, 'pipeline_not_found'))
})

testControl('`set` rejects an unknown status', async (t, mock) => {
  const change = { status: 'cancelled' } as never
  await t.rejects(mock.pipelines.set('fit', change), refused(400, 'invalid_request', ['invalid_value', 'status']))
})

testControl('a later change to a result object does not affect the mock', async (t, mock) => {
  const result = { x: 1 }
  await mock.pipelines.set('fit', { element: 2, result })
  result.x = 2
  t.match((await mock.pipelines.elements('fit'))[1], { result: { x: 1 } })
})
