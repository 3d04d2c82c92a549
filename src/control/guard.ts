import { timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { ControlError } from './problem.js'

export interface GuardOptions {
  /** Host names to accept besides addresses and local names. Case does not matter. */
  readonly allowedHosts: readonly string[]
  /** Token that every request must send as `X-Mock-Token`. An empty string requires none. */
  readonly token: string
}

/**
 * Rejects requests that a web page of another site makes a browser send. `Origin` and `Sec-Fetch-Site` reveal the
 * site of the page. `Host` reveals DNS rebinding: a foreign name that resolves to the address of the mock.
 * @throws ControlError if the request is rejected, or its token is missing or wrong.
 */
export function guard({ headers }: FastifyRequest, { allowedHosts, token }: GuardOptions): void {
  const { host, origin } = headers
  const site = headers['sec-fetch-site']
  if (host !== undefined && !isExpected(nameOf(host), allowedHosts))
    throw new ControlError('forbidden_host', `unexpected host ${JSON.stringify(host)}: allow it with --allowed-host`)
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw new ControlError('forbidden_origin', 'requests from pages of other sites are rejected (Sec-Fetch-Site)')
  if (origin !== undefined && !isSameOrigin(origin, host))
    throw new ControlError('forbidden_origin', `requests from pages of other sites are rejected (Origin ${origin})`)
  if (token !== '' && !isToken(String(headers['x-mock-token'] ?? ''), token))
    throw new ControlError('invalid_token', 'missing or wrong token: send the value of --control-token as X-Mock-Token')
}

/** Returns the name in a Host header, without the port, the brackets of an IPv6 address and a final dot. */
const nameOf = (host: string) =>
  host
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')

/**
 * Whether a name is allowed or cannot be rebound by another site: public names have a dot, and addresses are not
 * resolved.
 */
const isExpected = (name: string, allowed: readonly string[]) =>
  !name.includes('.') ||
  isIP(name) !== 0 ||
  name.endsWith('.localhost') ||
  name === 'host.docker.internal' ||
  allowed.some((one) => one.toLowerCase() === name)

const isSameOrigin = (origin: string, host?: string) => URL.canParse(origin) && new URL(origin).host === host

function isToken(sent: string, token: string): boolean {
  const [one, other] = [Buffer.from(sent), Buffer.from(token)]
  return one.length === other.length && timingSafeEqual(one, other)
}
