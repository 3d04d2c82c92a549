import { timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { ControlError } from './problem.js'

export interface GuardOptions {
  /** Names, besides the usual ones, under which the mock is reached. */
  readonly allowedHosts: readonly string[]
  /** What every call must bring as `X-Mock-Token`; empty: nothing. */
  readonly token: string
}

/**
 * Refuses what a web page of another site could make a browser send: a page is told by `Origin` and `Sec-Fetch-Site`, and
 * a name that was made to point here by the `Host` under which it arrives.
 * @throws ControlError with what to do about it.
 */
export function guard({ headers }: FastifyRequest, { allowedHosts, token }: GuardOptions): void {
  const { host, origin } = headers
  const site = headers['sec-fetch-site']
  if (host !== undefined && !isExpected(nameOf(host), allowedHosts))
    throw new ControlError(403, `the host ${JSON.stringify(host)} is not expected here: name it with --allowed-host`)
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw new ControlError(403, 'control takes no calls from pages of other sites (Sec-Fetch-Site)')
  if (origin !== undefined && !isOwn(origin, host))
    throw new ControlError(403, `control takes no calls from pages of other sites (Origin ${JSON.stringify(origin)})`)
  if (token !== '' && !isSame(String(headers['x-mock-token'] ?? ''), token))
    throw new ControlError(401, 'the token is missing or wrong: send what --control-token says as X-Mock-Token')
}

/** The name in a Host header, without its port and the brackets of an IPv6 address. */
const nameOf = (host: string) =>
  host
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')

/** Nobody elsewhere can make these point here: a name of one part is no name on the internet, and an address is none at all. */
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
