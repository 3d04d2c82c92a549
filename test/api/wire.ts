import t from 'tap'
import type { Fixture } from '../../src/index.js'
import { NOW, serve } from '../support/serve.js'
import type { RequestOptions } from '../support/http.js'

const ID = '0d9f7a52-3c7b-4f0e-8a41-6b2f5c9e1d34'
const CANCEL = `/pipelines/${ID}/cancel`

/** Ids of running pipelines, most of them unusual. `path` is the path segment that a client sends for the id. */
const HARD_IDS: [id: string, path: string][] = [
  ['x', 'x'],
  ['i'.repeat(2000), 'i'.repeat(2000)],
  ['i'.repeat(60_000), 'i'.repeat(60_000)],
  ['with space', 'with%20space'],
  ['plus+sign', 'plus+sign'],
  ['🔋', '%F0%9F%94%8B'],
  ['\u0000', '%00'],
  ['%zz', '%zz'],
  ['%', '%'],
  ['%41', '%2541'],
  ['\uFFFD', '%ff'],
  ['?', '%3F'],
  ['a#b', 'a%23b'],
  ['a#c', 'a#c'],
  ['semi;colon', 'semi;colon'],
  ['a:b', 'a:b'],
  ['..', '..'],
  ['*', '*'],
  ['__proto__', '__proto__'],
  ['constructor', 'constructor'],
  ['toString', 'toString'],
  ['elements', 'elements'],
  ['cancel', 'cancel'],
]

const HARD: Fixture = {
  pipelines: [
    {
      id: ID,
      project_id: 'p',
      user_id: null,
      name: 'Prüfung "α" \u2028',
      options: { live_progress_updates: true },
      status: 'running',
      created_at: '2026-09-14T08:15:30.123456Z',
      updated_at: '2026-09-14T10:21:04.5+02:00',
      created_by_email: null,
      organization_id: 'o',
      elements: [
        {
          id: 'first',
          name: 'fit',
          element_type: 'Data Fit',
          status: 'running',
          job_id: 'j',
          job_config: { b: 1e-15, a: [null, { nested: true }] },
          created_at: '2026-09-14T08:15:30Z',
          updated_at: '2026-09-14T08:15:30.000001Z',
        },
        { id: 'second', name: 'validate', element_type: 'Validation', created_at: '2026-09-14T08:15:30Z' },
      ],
    },
    ...HARD_IDS.map(([id]) => ({ id, name: id, status: 'running' as const })),
  ],
}

const CANCELED =
  `{"id":"${ID}","project_id":"p","user_id":null,"name":"Prüfung \\"α\\" \u2028","description":null,` +
  '"options":{"live_progress_updates":true},"status":"canceled","created_at":"2026-09-14T08:15:30.123456Z",' +
  `"updated_at":"${NOW}","error":null,"error_code":null,"created_by_email":null,"organization_id":"o",` +
  '"is_terminal":true,"is_failed":true}'
const PUBLISHED = CANCELED.replace(',"is_terminal":true,"is_failed":true', '')

const FIT =
  `{"id":"first","pipeline_id":"${ID}","name":"fit","element_order":1,"element_type":"Data Fit",` +
  '"job_config":{"b":1e-15,"a":[null,{"nested":true}]},"status":"canceled","created_at":"2026-09-14T08:15:30Z",' +
  `"updated_at":"${NOW}","organization_id":"o","job_id":"j","result":null,"error":null,"error_code":null,` +
  '"error_detail":null,"job_status":"canceled"}'

const NOT_FOUND = '{"detail":"Not Found"}'
const NOT_ALLOWED = '{"detail":"Method Not Allowed"}'
const unknownPipeline = (id: string) =>
  `{"detail":[{"type":"pipeline_not_found","loc":["path","pipeline_id"],"msg":"Pipeline not found","input":"${id}"}]}`

t.test('the response to a cancel is the same for any body, type, encoding, Accept and Expect header', async (t) => {
  const requests: [title: string, request: RequestOptions][] = [
    ['no body', {}],
    ['an empty body with the content type JSON', { headers: { 'content-type': 'application/json' }, body: '' }],
    ['the body of the official client', { headers: { 'content-type': 'application/json' }, body: '{}' }],
    ['broken JSON', { headers: { 'content-type': 'application/json' }, body: '{"broken' }],
    ['1 MB of binary data', { headers: { 'content-type': 'application/octet-stream' }, body: Buffer.alloc(1e6, 0xff) }],
    ['1 MB of broken JSON', { headers: { 'content-type': 'application/json' }, body: Buffer.alloc(1e6, '[') }],
    ['plain text', { headers: { 'content-type': 'text/plain' }, body: 'please' }],
    ['a multipart form', { headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: '--x\r\n\r\n--x--' }],
    ['multipart without a boundary', { headers: { 'content-type': 'multipart/form-data' }, body: 'x' }],
    ['a body without a content type', { body: 'x' }],
    ['an invalid content type', { headers: { 'content-type': 'nonsense' }, body: 'x' }],
    ['an empty content type', { headers: { 'content-type': '' }, body: 'x' }],
    ['invalid gzip', { headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' }, body: 'x' }],
    ['a chunked body', { headers: { 'transfer-encoding': 'chunked' }, body: '{}' }],
    ['an unknown Expect header', { headers: { expect: 'something' } }],
    ['an Accept header without JSON', { headers: { accept: 'text/html', 'accept-encoding': 'br' } }],
  ]
  for (const strict of [false, true]) {
    for (const [title, request] of requests) {
      const { ask } = await serve(t, { fixtures: HARD, strict })
      const { status, headers, body } = await ask('POST', CANCEL, request)
      t.strictSame([status, body], [200, strict ? PUBLISHED : CANCELED], `${title}${strict ? ', strict' : ''}`)
      t.strictSame(
        [headers['content-type'], headers['content-length'], headers['transfer-encoding']],
        ['application/json', String(Buffer.byteLength(body)), undefined],
        `${title}: headers`,
      )
    }
  }
})

t.test('a connection stays usable after a request whose body is not read', async (t) => {
  const { mock } = await serve(t, { fixtures: HARD })
  for (let i = 0; i < 3; i++) {
    const response = await fetch(mock.url + CANCEL, { method: 'POST', body: new Uint8Array(1e6) })
    t.equal(await response.text(), CANCELED)
  }
})

t.test('the response to each GET request has exactly the expected bytes', async (t) => {
  const { ask } = await serve(t, { fixtures: HARD })
  await ask('POST', CANCEL)
  const second = FIT.replace('"first"', '"second"')
    .replace(
      '"fit","element_order":1,"element_type":"Data Fit"',
      '"validate","element_order":2,"element_type":"Validation"',
    )
    .replace('{"b":1e-15,"a":[null,{"nested":true}]}', '{}')
    .replace('"job_id":"j"', '"job_id":null')
    .replace('"job_status":"canceled"', '"job_status":null')
  const table: [path: string, body: string][] = [
    [`/pipelines/${ID}`, CANCELED],
    [`/pipelines/${ID}/elements`, `[${FIT},${second}]`],
    ['/pipelines/elements/first', FIT],
    ['/pipelines/elements/second', second],
    ['/pipelines?project_id=p', `{"pipelines":[${CANCELED}],"count":1,"total":1}`],
    ['/pipelines?project_id=nothing', '{"pipelines":[],"count":0,"total":0}'],
    ['/pipelines/x/elements', '[]'],
    ['/healthz', '{"status":"ok"}'],
  ]
  for (const [path, body] of table) {
    const response = await ask('GET', path)
    t.strictSame(
      [response.status, response.headers['content-type'], response.body],
      [200, 'application/json', body],
      path,
    )
  }
})

t.test('a pipeline with an unusual id can be canceled and read', async (t) => {
  const { ask } = await serve(t, { fixtures: HARD })
  for (const [id, path] of HARD_IDS) {
    const title = path.slice(0, 20)
    const { status, json } = await ask('POST', `/pipelines/${path}/cancel`)
    t.equal(status, 200, title)
    t.match(json(), { id, status: 'canceled' }, title)
    t.equal((await ask('GET', `/pipelines/${path}`)).json().id, id, `${title}: read back`)
  }
})

t.test('a request with an unknown id gets the status in the option `unknownPipeline`', async (t) => {
  const modes = { 422: await serve(t), 404: await serve(t, { unknownPipeline: 404 }) }
  const unknown = ['nobody', 'n'.repeat(2000), 'with%20space', '%F0%9F%94%8B', '%zz', '__proto__', 'constructor', '%00']
  for (const path of unknown) {
    const id = path === '%zz' ? path : decodeURIComponent(path)
    for (const [mode, { ask }] of Object.entries(modes)) {
      for (const [method, rest] of [
        ['POST', '/cancel'],
        ['GET', ''],
        ['GET', '/elements'],
      ] as const) {
        const { status, headers, json } = await ask(method, `/pipelines/${path}${rest}`)
        t.strictSame(
          [String(status), headers['content-type'], json()],
          [
            mode,
            'application/json',
            mode === '422'
              ? {
                  detail: [
                    { type: 'pipeline_not_found', loc: ['path', 'pipeline_id'], msg: 'Pipeline not found', input: id },
                  ],
                }
              : {
                  error_code: 'NOT_FOUND',
                  message: 'Pipeline not found',
                  detail: `There is no pipeline with the id ${id}`,
                },
          ],
          `${mode} ${method} ${path.slice(0, 20)}${rest}`,
        )
      }
    }
  }
  t.equal((await modes[422].ask('POST', '/pipelines/nobody/cancel')).body, unknownPipeline('nobody'))
  t.equal(
    (await modes[404].ask('POST', '/pipelines/nobody/cancel')).body,
    '{"error_code":"NOT_FOUND","message":"Pipeline not found","detail":"There is no pipeline with the id nobody"}',
  )
  t.equal(
    (await modes[422].ask('GET', '/pipelines/elements/nobody')).body,
    '{"detail":[{"type":"element_not_found","loc":["path","element_id"],"msg":"Pipeline element not found","input":"nobody"}]}',
  )
  t.equal(
    (await modes[404].ask('GET', '/pipelines/elements/nobody')).body,
    '{"error_code":"NOT_FOUND","message":"Pipeline element not found","detail":"There is no element with the id nobody"}',
  )
})

t.test('the method and the decoded path select the operation; the host and the query do not', async (t) => {
  const { ask } = await serve(t, { fixtures: HARD })
  const table: [method: string, path: string, status: number, body: string][] = [
    ['POST', '/pipelines/nobody%2Fcancel', 422, unknownPipeline('nobody')],
    ['POST', '/pipelines%2Fnobody/cancel', 422, unknownPipeline('nobody')],
    ['POST', '/%70ipelines/nobody/cancel', 422, unknownPipeline('nobody')],
    ['GET', '/pipelines/a%2Fb/elements', 404, NOT_FOUND],
    ['GET', '/pipelines/nobody%2Fcancel', 405, NOT_ALLOWED],
    [
      'GET',
      '/pipelines/elements/elements',
      422,
      unknownPipeline('elements').replaceAll('pipeline_', 'element_').replace('Pipeline not', 'Pipeline element not'),
    ],
    ['GET', '/Pipelines/x', 404, NOT_FOUND],
    ['GET', '/pipelines/x;y=1', 422, unknownPipeline('x;y=1')],
    ['GET', `/pipelines/${ID}?project_id=%zz&limit=none&x`, 200, CANCELED],
    ['GET', `http://elsewhere.test/pipelines/${ID}?x`, 200, CANCELED],
    ['GET', 'http://elsewhere.test', 404, NOT_FOUND],
    ['OPTIONS', '*', 404, NOT_FOUND],
    [
      'GET',
      '/pipelines??project_id=p',
      422,
      '{"detail":[{"type":"missing","loc":["query","project_id"],"msg":"Field required","input":null}]}',
    ],
  ]
  await ask('POST', CANCEL)
  for (const [method, path, status, body] of table) {
    const response = await ask(method, path)
    t.strictSame([response.status, response.body], [status, body], `${method} ${path}`)
  }
})

t.test('a request to an unknown path gets a 404', async (t) => {
  const { ask } = await serve(t, { fixtures: HARD })
  const paths = [
    '/',
    '//',
    '/pipelines//cancel',
    '/pipelines//',
    `//pipelines/${ID}/cancel`,
    `/pipelines/${ID}//cancel`,
  ]
    .concat('/pipelines/%2F/cancel', `/pipelines/${ID}/cancel/x`, '/nothing', '/nothing/', '/docs', '/_mocker')
    .filter((path) => path !== '/pipelines//')
  for (const path of paths) {
    for (const method of ['POST', 'GET', 'DELETE']) {
      const { status, headers, body } = await ask(method, path, { body: '{"broken' })
      t.strictSame(
        [status, headers['content-type'], headers['content-length'], body],
        [404, 'application/json', '22', NOT_FOUND],
        `${method} ${path}`,
      )
    }
  }
})

t.test('a request with a wrong method gets a 405, with only the first allowed method in Allow', async (t) => {
  const { ask } = await serve(t, { fixtures: HARD })
  const paths: Record<string, [named: string, ...others: string[]]> = {
    '/pipelines': ['GET', 'POST'],
    '/pipelines/elements/x': ['GET'],
    '/pipelines/x': ['GET', 'PATCH', 'DELETE'],
    '/pipelines/x/elements': ['GET'],
    '/pipelines/x/cancel': ['POST'],
    '/pipelines/x/result': ['GET'],
    '/pipelines/elements/cancel': ['GET', 'POST'],
    '/healthz': ['GET'],
    '/openapi.json': ['GET'],
  }
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'PURGE', 'REPORT']
  for (const [path, allowed] of Object.entries(paths)) {
    for (const method of methods.filter((method) => !allowed.includes(method))) {
      const headers = { 'content-type': 'nonsense', ...(method !== 'TRACE' && { 'content-length': '1' }) }
      const response = await ask(method, path, method === 'TRACE' ? {} : { headers, body: '{' })
      t.strictSame(
        [
          response.status,
          response.headers.allow,
          response.headers['content-type'],
          response.headers['content-length'],
          response.body,
        ],
        [405, allowed[0], 'application/json', '31', method === 'HEAD' ? '' : NOT_ALLOWED],
        `${method} ${path}`,
      )
    }
  }
})

t.test(
  'a request to a path with trailing slashes is redirected to the absolute URL without these slashes',
  async (t) => {
    const { mock, ask } = await serve(t, { fixtures: HARD })
    const table: [method: string, path: string, location: string][] = [
      ['POST', `${CANCEL}/`, CANCEL],
      ['POST', `${CANCEL}///`, CANCEL],
      ['GET', `${CANCEL}/`, CANCEL],
      ['PUT', '/pipelines/x/', '/pipelines/x'],
      ['GET', '/pipelines/', '/pipelines'],
      ['GET', '/pipelines//', '/pipelines'],
      ['GET', '/pipelines/?project_id=a%26b+c', '/pipelines?project_id=a%26b+c'],
      ['GET', '/pipelines/a%20b%3F%23%25%5B%5Dé%22/'.replace('é', '%C3%A9'), '/pipelines/a%20b%3F%23%[]%C3%A9%22'],
      ['GET', '/healthz/', '/healthz'],
    ]
    for (const [method, path, location] of table) {
      const { status, headers, body } = await ask(method, path, { body: '{' })
      t.strictSame(
        [status, headers.location, headers['content-type'], headers['content-length'], body],
        [307, mock.url + location, undefined, '0', ''],
        `${method} ${path}`,
      )
    }
    t.equal(
      (await ask('GET', '/pipelines/', { headers: { host: 'mock.test' } })).headers.location,
      'http://mock.test/pipelines',
    )
    const followed = await fetch(`${mock.url}${CANCEL}/`, { method: 'POST', body: '{}' })
    t.equal(await followed.text(), CANCELED, 'a client can follow the redirect')
  },
)

t.test('with `requireKey`, requests without an API key get a 401, and requests with any key succeed', async (t) => {
  const { ask } = await serve(t, { fixtures: HARD, requireKey: true })
  const table: [headers: Record<string, string>, status: number][] = [
    [{}, 401],
    [{ 'x-api-key': '' }, 401],
    [{ authorization: 'Basic x' }, 401],
    [{ authorization: 'Bearer ' }, 401],
    [{ authorization: 'NotBearer any' }, 401],
    [{ 'x-api-key': 'iwk_any' }, 200],
    [{ authorization: 'Bearer any' }, 200],
    [{ authorization: 'bearer any' }, 200],
  ]
  for (const [headers, status] of table) {
    const response = await ask('POST', CANCEL, { headers })
    t.equal(response.status, status, JSON.stringify(headers))
    if (status === 401)
      t.equal((await ask('GET', `/pipelines/${ID}`, { headers: { 'x-api-key': 'k' } })).json().status, 'running')
  }
})

t.test('with `requireKey`, public paths, unknown paths, wrong methods and redirects need no key', async (t) => {
  const { ask } = await serve(t, { fixtures: HARD, requireKey: true })
  for (const [method, path, status] of [
    ['GET', '/healthz', 200],
    ['GET', '/openapi.json', 200],
    ['GET', CANCEL, 405],
    ['GET', '/nothing', 404],
    ['POST', `${CANCEL}/`, 307],
    ['GET', '/pipelines', 401],
  ] as const)
    t.equal((await ask(method, path)).status, status, `${method} ${path} without a key`)
})

t.test('a request with `Prefer: code=422` gets the declared 422 and changes nothing', async (t) => {
  const { ask } = await serve(t, { fixtures: HARD })
  const forced = (parameter: string) =>
    `{"detail":[{"type":"string_type","loc":["path","${parameter}"],"msg":"Input should be a valid string","input":null}]}`
  const table: [method: string, path: string, body: string][] = [
    ['POST', CANCEL, forced('pipeline_id')],
    ['POST', '/pipelines/nobody/cancel', forced('pipeline_id')],
    ['GET', `/pipelines/${ID}`, forced('pipeline_id')],
    ['PATCH', `/pipelines/${ID}`, forced('pipeline_id')],
    ['DELETE', `/pipelines/${ID}`, forced('pipeline_id')],
    ['POST', '/pipelines', '{"detail":[{"type":"missing","loc":["body"],"msg":"Field required","input":null}]}'],
    ['GET', `/pipelines/${ID}/elements`, forced('pipeline_id')],
    ['GET', '/pipelines/elements/first', forced('element_id')],
    [
      'GET',
      '/pipelines?project_id=p',
      '{"detail":[{"type":"missing","loc":["query","project_id"],"msg":"Field required","input":null}]}',
    ],
  ]
  for (const prefer of ['code=422', 'code="422"', 'respond-async, code=422; foo', 'Code = 422']) {
    for (const [method, path, body] of table) {
      const response = await ask(method, path, { headers: { prefer } })
      t.strictSame([response.status, response.body], [422, body], `${prefer}: ${method} ${path}`)
    }
  }
  t.equal((await ask('GET', `/pipelines/${ID}`)).json().status, 'running')
})

t.test('an operation without a declared 422 ignores `Prefer: code=422`', async (t) => {
  const { ask } = await serve(t)
  t.equal((await ask('GET', '/healthz', { headers: { prefer: 'code=422' } })).status, 200)
})

t.test('other values of Prefer have no effect', async (t) => {
  const { ask } = await serve(t, { fixtures: HARD })
  for (const prefer of ['code=404', 'code=4220', 'nocode=422', 'code=422x', ''])
    t.equal((await ask('GET', `/pipelines/${ID}`, { headers: { prefer } })).status, 200, prefer)
})

t.test('each request to a mock gets its own correlation id', async (t) => {
  const { ask } = await serve(t, { fixtures: HARD })
  const ids = []
  for (const path of ['/healthz', '/nothing', '/pipelines/', '/_mock/health', '/pipelines'])
    ids.push((await ask('GET', path).catch(() => ask('GET', '/healthz'))).headers['x-correlation-id'])
  t.equal(new Set(ids).size, 5)
  t.equal(ids[0], '00000000-0000-4000-8000-000000000002', '`serve` has sent the first request')
})
