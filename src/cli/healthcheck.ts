import { Agent, get, type IncomingMessage } from 'node:http'
import { reasonOf } from '../control/exchange.js'
import { CONTROL_PREFIX } from '../control/verbs/index.js'
import { localUrl } from '../options/host.js'
import type { Settings } from '../options/options.js'

/** Time limit for the response. The image has a shorter limit, which Docker enforces. */
const HEALTH_TIMEOUT_MS = 10_000

/** Thrown if a mock does not run. The message has one line. */
export class UnhealthyError extends Error {
  override readonly name = 'UnhealthyError'
}

/**
 * Checks that a mock runs on this machine with the given host and port. Returns a line of text about the response.
 * @throws UnhealthyError if the mock does not respond with status 200 in time.
 */
export async function checkHealth(
  { host, port }: Pick<Settings, 'host' | 'port'>,
  limitMs = HEALTH_TIMEOUT_MS,
): Promise<string> {
  const url = `${localUrl(host, port)}${CONTROL_PREFIX}/health`
  const { statusCode } = await request(url, limitMs)
  const line = `${url} responded with status ${statusCode}`
  if (statusCode !== 200) throw new UnhealthyError(`unhealthy: ${line}`)
  return line
}

/** Sends a request with a new agent, because the default agent may use the proxy in the environment variables. */
const request = (url: string, limitMs: number) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    const signal = AbortSignal.timeout(limitMs)
    get(url, { agent: new Agent(), signal }, (response) => resolve(response.resume())).on('error', (error) => {
      const reason = signal.aborted ? `timed out after ${limitMs} ms` : reasonOf(error)
      reject(new UnhealthyError(`unhealthy: no response from ${url}: ${reason}`))
    })
  })
