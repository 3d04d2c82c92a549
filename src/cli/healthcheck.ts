import { Agent, get, type IncomingMessage } from 'node:http'
import { reasonOf } from '../control/exchange.js'
import { CONTROL_PREFIX } from '../control/verbs/index.js'
import { localUrl } from '../options/host.js'
import type { Settings } from '../options/options.js'

/** Time limit for the response. Docker's default is 30 s, and the Dockerfile of this project sets 3 s. */
const HEALTH_TIMEOUT_MS = 2000

/** Thrown if a mock does not run. The message has one line. */
export class UnhealthyError extends Error {
  override readonly name = 'UnhealthyError'
}

/**
 * Checks that a mock runs on this machine with the given host and port. Returns a line of text about the response.
 * @throws UnhealthyError if the mock does not respond with status 200 in time.
 */
export async function checkHealth({ host, port }: Pick<Settings, 'host' | 'port'>): Promise<string> {
  const url = `${localUrl(host, port)}${CONTROL_PREFIX}/health`
  const { statusCode } = await request(url)
  const line = `${url} responded with status ${statusCode}`
  if (statusCode !== 200) throw new UnhealthyError(`unhealthy: ${line}`)
  return line
}

/** Sends a request with an agent of its own. Node.js can make the default agent use the proxy of the environment. */
const request = (url: string) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    const signal = AbortSignal.timeout(HEALTH_TIMEOUT_MS)
    get(url, { agent: new Agent(), signal }, (response) => resolve(response.resume())).on('error', (error) => {
      const reason = signal.aborted ? `timed out after ${HEALTH_TIMEOUT_MS} ms` : reasonOf(error)
      reject(new UnhealthyError(`unhealthy: no response from ${url}: ${reason}`))
    })
  })
