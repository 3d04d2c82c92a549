import { timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { ControlError } from './problem.js'

export interface GuardOptions {
  /**
   * Host names to accept, in addition to IP addresses, names without a dot, and names below `localhost` and `internal`.
   * A domain with a dot in front of it, such as `.example.com`, stands for the domain and its subdomains. Upper and
   * lower case count as equal.
   */
  readonly allowedHosts: readonly string[]
  /** Token that every request must send as `X-Mock-Token`. If the token is empty, requests need no token. */
  readonly token: string
}

/**
 * Rejects requests without the required token, and requests whose headers show that a web page of another site sent
 * them. The headers `Origin` and `Sec-Fetch-Site` contain information about the site of the page. An unexpected `Host`
 * is a sign of DNS rebinding. In this attack, the host name of the other site resolves to the address of the mock, so
 * the browser regards the page and the mock as one site.
 * @throws ControlError if the request is rejected.
 */
export function guard({ headers }: FastifyRequest, { allowedHosts, token }: GuardOptions): void {
  const { host, origin } = headers
  const site = headers['sec-fetch-site']
  if (host !== undefined && !isExpected(nameOf(host), allowedHosts))
    throw new ControlError('forbidden_host', `unexpected host ${JSON.stringify(host)}: allow it with --allowed-host`)
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw foreignPage(`Sec-Fetch-Site: ${site}`)
  if (origin !== undefined && !isSameOrigin(origin, host)) throw foreignPage(`Origin: ${origin}`)
  if (token !== '' && !isToken(String(headers['x-mock-token'] ?? ''), token))
    throw new ControlError('invalid_token', 'missing or wrong token: send the value of --control-token as X-Mock-Token')
}

const foreignPage = (header: string) =>
  new ControlError(
    'forbidden_origin',
    `request from a web page of another site (${header}): send the request from a test instead`,
  )

/** Returns the lower-case host name in a Host header, without port, IPv6 brackets and final dot. */
const nameOf = (host: string) =>
  host
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')

/**
 * Returns whether a host is allowed or safe. IP addresses and names without a dot are safe from DNS rebinding: an
 * address is not resolved, and the name of a public site contains a dot. No public site has a name below `localhost`
 * (RFC 6761) or `internal` (documented: ICANN reserved it for private use in 2024). Container engines use names below
 * `internal` for the host and its gateway: `host.docker.internal`, `host.containers.internal`.
 */
const isExpected = (name: string, allowed: readonly string[]) =>
  !name.includes('.') ||
  isIP(name) !== 0 ||
  name.endsWith('.localhost') ||
  name.endsWith('.internal') ||
  allowed.some((one) => includes(one.toLowerCase(), name))

const includes = (allowed: string, name: string) =>
  allowed === name || (allowed.startsWith('.') && `.${name}`.endsWith(allowed))

const isSameOrigin = (origin: string, host?: string) => URL.canParse(origin) && new URL(origin).host === host

function isToken(sent: string, token: string): boolean {
  const [one, other] = [Buffer.from(sent), Buffer.from(token)]
  return one.length === other.length && timingSafeEqual(one, other)
}
