import type { Test } from 'tap'
import { type Mock, type MockOptions, startMock } from '../../src/index.js'
import { contractOf } from './contract.js'
import { type RequestOptions, send } from './http.js'

/** The time that the clocks of mocks in tests show, unless a test sets another clock. */
export const NOW = '2026-10-01T12:00:00Z'

/**
 * Starts a mock, and closes the mock at the end of the test. The returned `ask` sends a request over a socket, and
 * checks the response with `Contract`.
 */
export async function serve(t: Test, options: MockOptions = {}) {
  const mock = await startMock({ clock: () => new Date(NOW), ...options })
  t.teardown(() => mock.close())
  return { mock, ask: await asker(mock.url) }
}

/** Returns a function like the `ask` that `serve` returns, for a mock that is already running. */
export async function asker(url: string) {
  const contract = contractOf((await send(url, { path: '/openapi.json' })).body)
  return async (method: string, path: string, options: Omit<RequestOptions, 'method' | 'path'> = {}) => {
    const response = await send(url, { ...options, method, path })
    contract.check(method, path, response)
    return { ...response, json: () => JSON.parse(response.body) }
  }
}

/**
 * Starts a mock that opens no port, and closes the mock at the end of the test. The returned `inject` sends a request
 * without a socket, and checks the response with `Contract`. Property tests use `inject`, because it is faster than a
 * socket.
 */
export async function inProcess(t: Test, options: MockOptions = {}) {
  const mock: Mock = await startMock({ clock: () => new Date(NOW), listen: false, ...options })
  t.teardown(() => mock.close())
  const contract = contractOf((await mock.inject('/openapi.json')).body)
  const inject = async (method: 'GET' | 'POST', url: string, headers: Record<string, string> = {}) => {
    const response = await mock.inject({ method, url, headers })
    contract.check(method, url, { status: response.statusCode, headers: response.headers, body: response.body })
    return response
  }
  return { mock, inject }
}
