import type { FastifyRequest } from 'fastify'
import { DEFAULT_SANDBOX } from '../state/sandboxes.js'
import { targetOf } from './target.js'

const KEY_PREFIX = 'mock_'
const BEARER = /^Bearer +/i

/**
 * Returns the name of the sandbox that a request uses. The name in the path takes precedence over the header
 * `x-mock-sandbox`, and the header over an API key of the form `mock_<name>`. The API key is in the header
 * `x-api-key`, or a bearer token in `authorization`. A request without any name uses the default sandbox. The name is
 * not validated.
 */
export function sandboxNameOf(request: FastifyRequest): string {
  const { sandbox } = targetOf(request)
  if (sandbox !== undefined) return sandbox
  const { 'x-mock-sandbox': header, 'x-api-key': key, authorization } = request.headers
  if (header !== undefined) return String(header)
  if (key === undefined && authorization === undefined) return DEFAULT_SANDBOX
  const mockKey = [key, authorization?.replace(BEARER, '')].find((value) => String(value).startsWith(KEY_PREFIX))
  return mockKey === undefined ? DEFAULT_SANDBOX : String(mockKey).slice(KEY_PREFIX.length)
}
