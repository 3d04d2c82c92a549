import type { RunningCommand } from '../test/support/command.js'
import { cancelPath, CREATION, FIT } from '../test/support/lab.js'
import { nth } from '../test/support/random.js'
import { inSeconds, type Report, shown, tally } from '../test/support/report.js'
import { bytesOf, exchange, requestText } from '../test/support/wire.js'
import { about } from './issues.js'
import { healthIssues } from './mock.js'
import { anyStatus, exchangeIssues, post, statusesOf } from './wire-cases.js'

const WORDS = [
  ...'\r\n|\r\n\r\n|\n|\r|\0| |\t|:|/|%|%00|%2f|?|#|&|=|*|;|,|"'.split('|'),
  ...'HTTP/1.0|HTTP/2.0|HEAD|GET |POST |PATCH |PURGE |_sandbox/|_mock/|/../|//|[|{|}'.split('|'),
  ...'transfer-encoding: chunked\r\n|content-length: 5\r\n|content-encoding: gzip\r\n'.split('|'),
  ...'expect: 100-continue\r\n|connection: close\r\n|connection: upgrade\r\nupgrade: x\r\n'.split('|'),
  ...'prefer: code=422\r\n|x-mock-sandbox: a\r\n'.split('|'),
  ...['\xff\xfe', '\xed\xa0\x80', '__proto__', 'null', '1e999', '-1', 'a'.repeat(5000), '\\ud800', '"__proto__":1,'],
]

const request = (method: string, path: string, body?: string) => requestText(method, `/_sandbox/fuzz${path}`, body)

const VALID = [
  request('GET', `/pipelines/${FIT}`),
  request('POST', cancelPath(FIT)),
  request('POST', '/pipelines', CREATION),
  request('PATCH', `/pipelines/${FIT}`, '{"name":"other","description":null}'),
  request('DELETE', '/pipelines/unknown'),
  request('GET', `/pipelines/${FIT}/elements`),
  request('GET', `/pipelines/${FIT}/result`),
  request('GET', '/pipelines?project_id=p&limit=5&order=asc&status=in.(running,pending)&name=like.*a*'),
  request('GET', '/openapi.json'),
  request('POST', '/_mock/seed', '{"pipelines":[{"id":"a","name":"b","elements":[{"name":"c"}]}]}'),
  request('PATCH', `/_mock/pipelines/${FIT}`, '{"element":3,"status":"failed","error":"e"}'),
  request('PUT', '/_mock/clock', '{"mode":"frozen","now":"2026-10-01T12:00:00Z"}'),
  request('POST', '/_mock/clock/advance', '{"by":"30s"}'),
  request('GET', '/_mock/requests?operation=cancel_pipeline'),
  request('PUT', '/_mock/snapshots/a'),
  post('transfer-encoding: chunked\r\n', '2\r\n{}\r\n0\r\n\r\n', '/_sandbox/fuzz/pipelines'),
]

/** Returns a valid request with one to four random changes. */
function fuzzed(seed: number, n: number): Buffer {
  const random = nth(seed, n)
  let bytes = bytesOf(random.pick(VALID))
  for (let left = 1 + random.below(4); left > 0; left--) {
    const at = random.below(bytes.length + 1)
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
    const kind = random.below(5)
    const [first] = after
    if (kind === 0 && first !== undefined)
      bytes = Buffer.concat([before, Buffer.from([first ^ (1 << random.below(8))]), after.subarray(1)])
    else if (kind === 1) bytes = Buffer.concat([before, after.subarray(1 + random.below(20))])
    else if (kind === 2) bytes = Buffer.concat([before, bytesOf(random.pick(WORDS)), after])
    else if (kind === 3)
      bytes = Buffer.concat([before, bytesOf(random.pick(WORDS)), after.subarray(1 + random.below(8))])
    else bytes = Buffer.concat([before, bytes.subarray(random.below(bytes.length + 1))])
  }
  return bytes.length > 0 ? bytes : bytesOf('\0')
}

/** Checks that randomly changed requests get responses in the format of the API, and cause no internal error. */
export async function fuzz(report: Report, mock: RunningCommand, count: number, seed: number): Promise<void> {
  const began = performance.now()
  const [issues, statuses]: [string[], number[]] = [[], []]
  let [next, slowestMs] = [0, 0]
  const work = async () => {
    while (next < count) {
      const n = next++
      const bytes = fuzzed(seed, n)
      const since = performance.now()
      const found = await exchange(mock.port, [bytes], { quietMs: 15, limitMs: 250 })
      slowestMs = Math.max(slowestMs, performance.now() - since)
      // Two kinds of exchanges are checked only for internal errors. A response to HEAD has a content-length but no
      // body, so `readResponses` cannot find the end of the response. A request of only empty lines gets no response.
      const isReadable = !bytes.includes('HEAD') && !/^[\r\n]*$/.test(bytes.toString('latin1'))
      const own = isReadable ? [...anyStatus(found), ...exchangeIssues(found)] : []
      const errors = found.responses.filter(({ status }) => status === 500).map(({ body }) => `internal error: ${body}`)
      issues.push(...about(`input ${n} ${shown(bytes, 3000)}, closed by: ${found.by}`, [...own, ...errors]))
      statuses.push(...statusesOf(found))
      if (n % 200 === 0) issues.push(...about(`after input ${n}`, await healthIssues(mock)))
    }
  }
  await Promise.all(Array.from({ length: 50 }, work))
  const summary = `${tally(statuses)}; the slowest took ${Math.round(slowestMs)} ms (${inSeconds(began)})`
  const title = `${count} requests with random changes get responses, and cause no internal error`
  report.check(`${title}: ${summary}`, [...issues, ...(await healthIssues(mock))])
}
