import type { IncomingHttpHeaders } from 'node:http'

const BEARER = /^Bearer +/i

/** Returns the API keys of a request: the header `x-api-key`, and the header `authorization` without `Bearer`. */
export function apiKeysOf({ 'x-api-key': key, authorization }: IncomingHttpHeaders): string[] {
  const keys = key === undefined ? [] : [String(key)]
  return authorization === undefined ? keys : [...keys, authorization.replace(BEARER, '')]
}
