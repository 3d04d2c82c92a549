import { isIP, isIPv6 } from 'node:net'
import { Text } from '../contract/values.js'

/** Returns the part of a URL for a host name or an IP address. */
const inUrl = (host: string) => (isIPv6(host) ? `[${host}]` : host)

/** Matches names without characters that would end the host in a URL. */
const NAME = /^[^\s\p{C}/\\:?#@%[\]]+$/u

/** A zone, as in `fe80::1%eth0`, cannot be part of a URL. */
const isHost = (text: string) =>
  (isIP(text) === 0 ? NAME.test(text) : !text.includes('%')) && URL.canParse(`http://${inUrl(text)}`)

/** Schema of the option `host`. */
export const HostSetting = Text('HostSetting', isHost)

/**
 * Host names, each with the address to listen on instead. For `localhost`, Fastify would open one server for IPv4 and
 * one for IPv6, and `close` could not close the connections of the second server. An IPv4 address is enough, because
 * clients that connect to `localhost` try IPv4 and IPv6.
 */
const LISTEN_ADDRESSES: Record<string, string> = { localhost: '127.0.0.1' }

export const listenAddressOf = (host: string) => LISTEN_ADDRESSES[host.toLowerCase()] ?? host

/** Addresses that mean all interfaces, each with the loopback address to use in a URL. */
const LOOPBACK: Record<string, string> = { '0.0.0.0': '127.0.0.1', '[::]': '[::1]', '[::ffff:0:0]': '127.0.0.1' }

/** Returns the URL at which a mock that listens on this host and port is reachable from the same machine. */
export function localUrl(host: string, port: number): string {
  const { hostname } = new URL(`http://${inUrl(host)}`)
  return `http://${LOOPBACK[hostname] ?? hostname}:${port}`
}
