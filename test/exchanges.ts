import t from 'tap'
import { type CheckedResponse, Contract } from './support/contract.js'
import { serve } from './support/serve.js'

// Most tests check responses with `Contract`, so `Contract` needs a test of its own.
t.test('Contract accepts a valid response and rejects invalid responses', async (t) => {
  const { mock, ask } = await serve(t)
  const contract = new Contract((await ask('GET', '/openapi.json')).json())
  const [pipeline] = await mock.pipelines.list({ status: 'running' })
  const path = `/pipelines/${pipeline?.id}/cancel`
  const good = await ask('POST', path)
  const record = good.json()
  const check = (response: Partial<CheckedResponse>) => contract.check('POST', path, { ...good, ...response })
  const planted = (error: object) => ({ body: JSON.stringify({ ...record, ...error }) })
  const { name: _name, ...nameless } = record

  t.doesNotThrow(() => check({}))
  const invalid: [title: string, response: Partial<CheckedResponse>][] = [
    ['an unknown status', planted({ status: 'cancelled' })],
    ['a number instead of a string', planted({ name: 5 })],
    ['a null in a field that is not nullable', planted({ options: null })],
    ['an invalid time', planted({ updated_at: '2026-13-01T00:00:00Z' })],
    ['an unknown error code', planted({ error_code: 'CANCELED' })],
    ['a missing key', { body: JSON.stringify(nameless) }],
    ['an invalid 422', { status: 422, body: '{"detail":[{"msg":"no"}]}' }],
    ['a charset', { headers: { ...good.headers, 'content-type': 'application/json; charset=utf-8' } }],
    ['no correlation id', { headers: { 'content-type': 'application/json' } }],
    ['an undeclared status', { status: 418 }],
    ['an undeclared 404 with a body that UNDECLARED does not list', { status: 404, body: '{"detail":"Not found"}' }],
  ]
  for (const [title, response] of invalid) t.throws(() => check(response), title)
})
