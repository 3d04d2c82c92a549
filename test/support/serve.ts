import type { Test } from 'tap'
import { controlDocument } from '../../src/control/openapi.js'
import { type Mock, type MockOptions, startMock } from '../../src/index.js'
import { contractOf } from './contract.js'
import { type RequestOptions, send } from './http.js'

/** What the clock says in tests that do not bring their own. */
export const NOW = '2026-10-01T12:00:00Z'

/** A mock for one test, and a way to ask it over a socket in which every answer is held against the contract. */
export async function serve(t: Test, options: MockOptions = {}) {
  const mock = await startMock({ clock: () => new Date(NOW), ...options })
  t.teardown(() => mock.close())
  return { mock, ask: await asker(mock.url) }
}

/** The same for a mock that runs elsewhere. */
export async function asker(url: string) {
  const contract = contractOf((await send(url, { path: '/openapi.json' })).body, controlDocument())
  return async (method: string, path: string, options: Omit<RequestOptions, 'method' | 'path'> = {}) => {
    const response = await send(url, { ...options, method, path })
    contract.check(method, path, response)
    return { ...response, json: () => JSON.parse(response.body) }
  }
}

/** Makes requests without a socket, each answer held against the contract: quick enough for properties. */
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
