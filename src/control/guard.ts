import { timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { ControlError } from './problem.js'

export interface GuardOptions {
  /** Host names under which the mock is reached, besides the usual ones. */
  readonly allowedHosts: readonly string[]
  /** The token that every call must send as `X-Mock-Token`; an empty string: none. */
  readonly token: string
}

/**
 * Rejects calls that a web page of another site could make a browser send. `Origin` and `Sec-Fetch-Site` reveal the page;
 * `Host` reveals a name that was made to point here.
 * @throws ControlError
 */
export function guard({ headers }: FastifyRequest, { allowedHosts, token }: GuardOptions): void {
  const { host, origin } = headers
  const site = headers['sec-fetch-site']
  if (host !== undefined && !isExpected(nameOf(host), allowedHosts))
    throw new ControlError('forbidden_host', `unexpected host ${JSON.stringify(host)}: allow it with --allowed-host`)
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw new ControlError('forbidden_origin', 'calls from pages of other sites are rejected (Sec-Fetch-Site)')
  if (origin !== undefined && !isOwn(origin, host))
    throw new ControlError('forbidden_origin', `calls from pages of other sites are rejected (Origin ${origin})`)
  if (token !== '' && !isSame(String(headers['x-mock-token'] ?? ''), token))
    throw new ControlError('invalid_token', 'missing or wrong token: send the value of --control-token as X-Mock-Token')
}

/** The name in a Host header, without the port and the brackets of an IPv6 address. */
const nameOf = (host: string) =>
  host
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')

/** No other site can make these names point here: on the internet, names have several parts, and addresses are not names. */
const isExpected = (name: string, allowed: readonly string[]) =>
  !name.includes('.') ||
  isIP(name) !== 0 ||
  name.endsWith('.localhost') ||
  name === 'host.docker.internal' ||
  allowed.some((one) => one.toLowerCase() === name)

const isOwn = (origin: string, host?: string) => URL.canParse(origin) && new URL(origin).host === host

function isSame(sent: string, token: string): boolean {
  const [one, other] = [Buffer.from(sent), Buffer.from(token)]
  return one.length === other.length && timingSafeEqual(one, other)
}
