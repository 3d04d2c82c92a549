import t from 'tap'
import { serve } from '../support/serve.js'

t.test('the health and ready probes respond to GET and HEAD, with any options of the mock', async (t) => {
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

t.test('under /_mock, an unknown path gets a 404 with a problem document', async (t) => {
  const { ask } = await serve(t)
  for (const [method, path] of [
    ['GET', '/_mock'],
    ['GET', '/_mock/nothing'],
    ['GET', '/_mock/health/'],
    ['GET', '/_mock/%zz'],
  ] as const) {
    const request = { headers: { 'content-type': path.length % 2 ? 'nonsense' : 'application/json' }, body: '{"broken' }
    const { status, headers, json } = await ask(method, path, request)
    t.strictSame([status, headers['content-type']], [404, 'application/problem+json'], path)
    t.match(json(), { title: 'Not Found', status: 404, code: 'path_not_found', detail: String })
  }
})

t.test('under /_mock, a wrong method gets a 405 that lists the methods of the path', async (t) => {
  const { ask } = await serve(t)
  const off = await serve(t, { control: false })
  for (const [method, path, allow] of [
    ['POST', '/_mock/health', 'GET, HEAD'],
    ['DELETE', '/_mock/openapi.json', 'GET'],
    ['HEAD', '/_mock/clock', 'GET, PUT'],
    ['OPTIONS', '/_mock/pipelines', 'GET, POST'],
    ['PUT', '/_mock/pipelines/a%20b?x=1', 'GET, PATCH'],
    ['GET', '/_sandbox/a/_mock/reset', 'POST'],
    ['PROPFIND', '/_mock/faults/fault-1', 'DELETE'],
  ] as const) {
    const { status, headers, body } = await ask(method, path)
    const type = 'application/problem+json'
    t.match([status, headers], [405, { allow, 'content-type': type }], `${method} ${path}`)
    if (method !== 'HEAD') t.match(JSON.parse(body), { status: 405, code: 'method_not_allowed' })
    // If the control API is off, only the paths of the probes exist.
    const { status: statusIfOff, headers: headersIfOff } = await off.ask(method, path)
    const expected = path === '/_mock/health' ? [405, allow] : [404, undefined]
    t.strictSame([statusIfOff, headersIfOff.allow], expected, `${method} ${path}, without the control API`)
  }
})
