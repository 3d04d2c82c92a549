import t from 'tap'
import { serve } from '../support/serve.js'

t.test('the health and ready probes respond to GET and HEAD, whatever the options of the mock', async (t) => {
  for (const options of [{}, { requireKey: true, strict: true, fixtures: { pipelines: [] } }]) {
    const { ask } = await serve(t, options)
    for (const [path, body] of [
      ['/_mock/health', '{"status":"ok"}'],
      ['/_mock/ready', '{"status":"ready"}'],
    ] as const) {
      const got = await ask('GET', path)
      t.strictSame([got.status, got.body], [200, body])
      const head = await ask('HEAD', path)
      t.strictSame([head.status, head.body, head.headers['content-length']], [200, '', String(body.length)])
    }
  }
})

t.test('under /_mock, an unknown path or a wrong method gets a 404 with a problem document', async (t) => {
  const { ask } = await serve(t)
  for (const [method, path] of [
    ['GET', '/_mock'],
    ['GET', '/_mock/nothing'],
    ['POST', '/_mock/health'],
    ['GET', '/_mock/health/'],
    ['GET', '/_mock/%zz'],
  ] as const) {
    const request = { headers: { 'content-type': path.length % 2 ? 'nonsense' : 'application/json' }, body: '{"broken' }
    const { status, headers, json } = await ask(method, path, request)
    t.strictSame([status, headers['content-type']], [404, 'application/problem+json'], path)
    t.match(json(), { title: 'Not Found', status: 404, code: 'path_not_found', detail: String })
  }
})
