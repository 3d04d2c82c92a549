import t from 'tap'
import { type Answer, Contract } from './fixtures/contract.js'
import { serve } from './fixtures/serve.js'

/** The check that every other test relies on is itself put to the test: with a good answer, then with faults in it. */
t.test('an answer with a planted fault does not pass for conformant', async (t) => {
  const { mock, ask } = await serve(t)
  const contract = new Contract((await ask('GET', '/openapi.json')).json())
  const [pipeline] = await mock.pipelines.list({ status: 'running' })
  const path = `/pipelines/${pipeline?.id}/cancel`
  const good = await ask('POST', path)
  const record = good.json()
  const passes = (answer: Partial<Answer>) => contract.check('POST', path, { ...good, ...answer })
  const planted = (fault: object) => ({ body: JSON.stringify({ ...record, ...fault }) })
  const { name: _name, ...nameless } = record

  t.doesNotThrow(() => passes({}))
  const faults: [title: string, answer: Partial<Answer>][] = [
    ['a status that is none', planted({ status: 'cancelled' })],
    ['a number for a text', planted({ name: 5 })],
    ['null where it is not allowed', planted({ options: null })],
    ['a time that is none', planted({ updated_at: '2026-13-01T00:00:00Z' })],
    ['an error code that is none', planted({ error_code: 'CANCELED' })],
    ['a key that is missing', { body: JSON.stringify(nameless) }],
    ['a 422 of another shape', { status: 422, body: '{"detail":[{"msg":"no"}]}' }],
    ['a charset', { headers: { ...good.headers, 'content-type': 'application/json; charset=utf-8' } }],
    ['no correlation id', { headers: { 'content-type': 'application/json' } }],
    ['a status that nobody listed', { status: 418 }],
    ['a listed status with another body', { status: 404, body: '{"detail":"Not found"}' }],
  ]
  for (const [title, answer] of faults) t.throws(() => passes(answer), title)
})
