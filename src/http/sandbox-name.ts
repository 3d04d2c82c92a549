import type { FastifyRequest } from 'fastify'
import { DEFAULT_SANDBOX } from '../state/sandboxes.js'
import { apiKeysOf } from './api-key.js'
import { targetOf } from './target.js'

const KEY_PREFIX = 'mock_'

/** The sandbox that a request selects. */
export interface SandboxSelection {
  readonly name: string
  /** Whether an API key selects the sandbox. */
  readonly byKey: boolean
}

const named = (name: string): SandboxSelection => ({ name, byKey: false })

/**
 * Returns the sandbox that a request selects. The name in the path takes precedence over the header `x-mock-sandbox`,
 * and the header over an API key of the form `mock_<name>`. The API key is in the header `x-api-key`, or a bearer token
 * in `authorization`. A request without any name selects the default sandbox. The name is not validated.
 */
export function selectionOf(request: FastifyRequest): SandboxSelection {
  const { sandbox } = targetOf(request)
  if (sandbox !== undefined) return named(sandbox)
  const { 'x-mock-sandbox': header } = request.headers
  if (header !== undefined) return named(String(header))
  const mockKey = apiKeysOf(request.headers).find((value) => value.startsWith(KEY_PREFIX))
  return mockKey === undefined ? named(DEFAULT_SANDBOX) : { name: mockKey.slice(KEY_PREFIX.length), byKey: true }
}
