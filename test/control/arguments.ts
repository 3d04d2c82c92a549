import t from 'tap'
import { connect, type ErrorCode, type MockControl } from '../../src/index.js'
import { refused, start, testControl } from '../support/control.js'

type Call = (mock: MockControl, argument: never) => Promise<unknown>

/** The methods that take an object, each as a function that passes the object to the method. */
const METHODS: Record<string, Call> = {
  'pipelines.list': ({ pipelines }, filter) => pipelines.list(filter),
  'pipelines.set': ({ pipelines }, change) => pipelines.set('fit', change),
  'requests.list': ({ requests }, filter) => requests.list(filter),
  'requests.waitFor, filter': ({ requests }, filter) => requests.waitFor(filter, { timeout: '5m' }),
  'requests.waitFor, options': ({ requests }, options) => requests.waitFor({}, options),
  'faults.add': ({ faults }, plan) => faults.add(plan),
  verify: (mock, expected) => mock.verify(expected),
}

testControl('a method rejects an object with an unknown key', async (t, mock) => {
  for (const [name, call] of Object.entries(METHODS))
    for (const key of ['limit', 'constructor'])
      await t.rejects(call(mock, { [key]: 1 } as never), refused(400, 'invalid_request', ['unknown_key', key]), name)
})

testControl('a method rejects an argument that is not an object', async (t, mock) => {
  for (const [name, call] of Object.entries(METHODS))
    for (const argument of [null, 5, 'fit', [], ['fit']])
      await t.rejects(
        call(mock, argument as never),
        refused(400, 'invalid_request', ['invalid_value']),
        `${name} ${JSON.stringify(argument)}`,
      )
})

testControl('a method rejects a key that has a value of the wrong type', async (t, mock) => {
  const table: [method: string, argument: object, ...issue: [ErrorCode, string]][] = [
    ['pipelines.list', { name: 5 }, 'invalid_value', 'name'],
    ['requests.list', { status: '200' }, 'invalid_value', 'status'],
    ['requests.list', { since: new Date(0) }, 'invalid_value', 'since'],
    ['requests.waitFor, filter', { timeout: '1s' }, 'unknown_key', 'timeout'],
    ['requests.waitFor, filter', { operation: 'cancel' }, 'invalid_value', 'operation'],
    ['requests.waitFor, options', { timeout: 5 }, 'invalid_value', 'timeout'],
    ['requests.waitFor, options', { timeout: '-PT1S' }, 'invalid_value', 'timeout'],
    ['verify', { times: '1' }, 'invalid_value', 'times'],
    ['verify', { times: -1 }, 'invalid_value', 'times'],
    ['verify', { times: Number.NaN }, 'invalid_value', 'times'],
  ]
  for (const [name, argument, ...issue] of table) {
    const call = METHODS[name] as Call
    await t.rejects(call(mock, argument as never), refused(400, 'invalid_request', issue), name)
  }
})

testControl('a key with the value undefined has no effect', async (t, mock) => {
  const none = { operation: undefined, statsu: undefined } as object
  t.strictSame(await mock.requests.list(none), [])
  await mock.verify({ ...none, times: 0 })
  t.equal((await mock.pipelines.list({ name: undefined } as object)).length, 3)
})

testControl('a method rejects an id or a name that is not a string', async (t, mock) => {
  const calls: Record<string, (value: never) => Promise<unknown>> = {
    id: (id) => mock.pipelines.get(id),
    name: (name) => mock.snapshot(name),
  }
  for (const [key, call] of Object.entries(calls)) {
    for (const value of [5, undefined])
      await t.rejects(call(value as never), refused(400, 'invalid_request', ['invalid_value', key]))
  }
  for (const name of [5, 1n, undefined, null])
    t.throws(() => mock.sandbox(name as never), refused(400, 'invalid_sandbox_name'))
})

testControl('a method rejects a value that JSON cannot represent', async (t, mock) => {
  const cyclic: Record<string, unknown> = {}
  cyclic.self = cyclic
  for (const result of [cyclic, { x: 10n }])
    await t.rejects(mock.pipelines.set('fit', { element: 2, result }), {
      ...refused(400, 'invalid_request'),
      issues: [{ code: 'not_json' }],
    })
})

t.test('`connect` rejects invalid options', async (t) => {
  const { url } = await start(t)
  const table: [options: unknown, ...issue: [ErrorCode, ...string[]]][] = [
    [{ tokn: 'x' }, 'unknown_key', 'tokn'],
    [{ token: 5 }, 'invalid_value', 'token'],
    [null, 'invalid_value'],
    ['x', 'invalid_value'],
  ]
  for (const [options, ...issue] of table)
    await t.rejects(connect(url, options as object), refused(400, 'invalid_request', issue), JSON.stringify(options))
  await connect(url, { token: undefined } as object)
})

t.test('`inject` rejects an invalid request', async (t) => {
  const mock = await start(t, { listen: false })
  const table: [request: unknown, ...issue: [ErrorCode, ...string[]]][] = [
    [{ url: '/healthz', body: '{}' }, 'unknown_key', 'body'],
    [{ method: 'GET' }, 'missing_key'],
    [null, 'invalid_value'],
  ]
  for (const [request, ...issue] of table)
    await t.rejects(mock.inject(request as never), refused(400, 'invalid_request', issue), JSON.stringify(request))
})
