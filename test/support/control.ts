import t, { type Test } from 'tap'
import {
  connect,
  type ErrorCode,
  type Fixture,
  type MockControl,
  type MockOptions,
  startMock,
} from '../../src/index.js'
import { NOW } from './serve.js'

const fixtures: Fixture = {
  pipelines: [
    {
      id: 'fit',
      name: 'LG M50 diffusivity fit',
      project_id: 'cells',
      status: 'running',
      elements: [
        { id: 'known', name: 'known parameters', status: 'completed' },
        { id: 'diffusivity', name: 'fit diffusivity', element_type: 'Data Fit', status: 'running' },
        { id: 'validate', name: 'validate', element_type: 'Validation' },
      ],
    },
    { id: 'timed', name: 'timed', mock: { takes: '10s' }, elements: [{ name: 'a' }, { name: 'b' }] },
    { id: 'done', name: 'done', status: 'completed' },
  ],
}

/**
 * Starts a mock with three pipelines and a frozen clock, unless `options` has other fixtures or another clock. Closes
 * the mock at the end of the test.
 */
export async function start(t: Test, options: MockOptions = {}) {
  const mock = await startMock({ fixtures, clock: `frozen@${NOW}`, ...options })
  t.teardown(() => mock.close())
  return mock
}

/**
 * Makes `JSON.stringify` throw for exported states, as it does for a value of more than 512 MB. A real state of this
 * size would make a test slow.
 */
export function makeStatesTooLarge(t: Test): void {
  const { stringify } = JSON
  const value = (value: unknown, ...rest: []) => {
    if (typeof value === 'object' && value !== null && 'pipelines' in value)
      throw new RangeError('Invalid string length')
    return stringify(value, ...rest)
  }
  t.intercept(JSON, 'stringify', { value, configurable: true })
}

/** The name of the sandbox that `testControl` uses in two of its four runs. */
export const SANDBOX = 'mine'

const inSandbox = (mock: MockControl): MockControl => ({ ...mock, ...mock.sandbox(SANDBOX) })

const ACCESS: Record<string, (t: Test) => Promise<MockControl>> = {
  'in process': start,
  'through the remote client': async (t) => connect((await start(t)).url),
  'in a sandbox, in process': async (t) => inSandbox(await start(t)),
  'in a sandbox, through the remote client': async (t) => inSandbox(await connect(`${(await start(t)).url}/`)),
}

/**
 * Runs a test four times: in process and through the remote client, each in the default sandbox and in a named
 * sandbox.
 */
export const testControl = (title: string, body: (t: Test, mock: MockControl) => Promise<unknown>): void => {
  t.test(title, async (t) => {
    for (const [access, open] of Object.entries(ACCESS)) t.test(access, async (t) => body(t, await open(t)))
  })
}

/** Sends a POST request to the mocked API, with the body `{}`. */
export const post = (mock: MockControl, path: string) =>
  fetch(`${mock.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })

export const cancel = (mock: MockControl, id: string) => post(mock, `/pipelines/${id}/cancel`)

/** Returns the status of a pipeline and the statuses of its elements, separated by spaces. */
export const statuses = async (mock: MockControl, id: string) =>
  [await mock.pipelines.get(id), ...(await mock.pipelines.elements(id))].map(({ status }) => status).join(' ')

/**
 * Returns a pattern for `t.match` that matches an array with exactly these items. If the pattern were an array, it
 * would also match longer arrays.
 */
export const exactly = (items: readonly unknown[]) => ({ ...Object.fromEntries(items.entries()), length: items.length })

/** Returns a pattern that matches a ControlError with this status, this code and exactly these issues. */
export const refused = (
  status: number,
  code: ErrorCode,
  ...issues: [code: ErrorCode, ...path: (string | number)[]][]
) => ({
  name: 'ControlError',
  status,
  code,
  issues: exactly(issues.map(([code, ...path]) => ({ code, path: exactly(path) }))),
})

/** Returns a pattern that matches an ExpectationError with this code and exactly these received requests. */
export const unmet = (code: ErrorCode, ...received: object[]) => ({
  name: 'ExpectationError',
  code,
  received: exactly(received),
})
