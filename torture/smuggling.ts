import type { RunningCommand } from '../test/support/command.js'
import { send } from '../test/support/http.js'
import { cancelPath, FIT } from '../test/support/lab.js'
import { type Report, shown, tally } from '../test/support/report.js'
import { exchange } from '../test/support/wire.js'
import { about, expectEqual, issuesIf } from './issues.js'
import { healthIssues } from './mock.js'
import { chunk, CHUNKED, exchangeIssues, post, statusesOf } from './wire-cases.js'

const CODINGS = [
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
  'Transfer-Encoding: identity\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: identity, chunked',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding: chunked ',
  'Transfer-Encoding:\tchunked',
  'Transfer-Encoding:\x0bchunked',
  'Transfer-Encoding: "chunked"',
  'Transfer-Encoding:\r\n chunked',
  ' Transfer-Encoding: chunked',
  'X: X\nTransfer-Encoding: chunked',
  'X: X\rTransfer-Encoding: chunked',
  'Transfer-Encoding: cow',
]

type Shape = readonly [title: string, headers: string, body: string]

/**
 * Returns headers and bodies. Each body contains a second request, which goes to the given sandbox and must not be
 * executed. Most of the headers are invalid, or ambiguous about where the body ends. In the titles, CL is
 * Content-Length and TE is Transfer-Encoding.
 */
function shapes(sandbox: string): Shape[] {
  const smuggled = post('x-smuggled: 1\r\ncontent-length: 0\r\n', '', `/_sandbox/${sandbox}${cancelPath(FIT)}`)
  const { length } = smuggled
  return [
    ...CODINGS.flatMap((coding): Shape[] => [
      [`CL.TE ${shown(coding)}`, `content-length: ${length + 5}\r\n${coding}\r\n`, `0\r\n\r\n${smuggled}`],
      [`TE.CL ${shown(coding)}`, `${coding}\r\ncontent-length: 4\r\n`, `${chunk(smuggled)}0\r\n\r\n`],
      [`only TE ${shown(coding)}`, `${coding}\r\n`, `${chunk(smuggled)}0\r\n\r\n`],
    ]),
    ['CL.CL', `content-length: 0\r\ncontent-length: ${length}\r\n`, smuggled],
    ['CL.CL in reverse', `content-length: ${length}\r\ncontent-length: 0\r\n`, smuggled],
    ['CL in a list', `content-length: ${length}, 0\r\n`, smuggled],
    ['a chunk extension that ends with LF', CHUNKED, `0;\n\r\n${smuggled}`],
    ['a chunk size of 2^64', CHUNKED, `10000000000000000\r\n${smuggled}`],
    ['a body of the right length', `content-length: ${length}\r\n`, smuggled],
  ]
}

/** The paths to which the bodies are sent: an operation that reads its body, and an operation that ignores it. */
const OUTER = { read: '/_sandbox/outer/pipelines', ignored: `/_sandbox/outer${cancelPath(FIT)}` }

/** Checks that a request inside the body of another request is not executed, even if the body is not read. */
export async function smuggle(report: Report, mock: RunningCommand): Promise<void> {
  const [issues, all]: [string[], number[]] = [[], []]
  const count = shapes('').length
  for (let i = 0; i < count; i++)
    for (const [kind, path] of Object.entries(OUTER)) {
      const sandbox = `smuggled-${kind}-${i}`
      const [title, headers, body] = shapes(sandbox)[i] as Shape
      const found = await exchange(mock.port, [post(headers, body, path)])
      const received = JSON.parse((await send(`${mock.url}/_sandbox/${sandbox}/_mock/requests`)).body)
      const { length } = found.responses
      const own = [
        ...expectEqual('the smuggled requests that were executed', received, []),
        ...issuesIf(length !== 1, `${length} responses, expected 1, closed by: ${found.by}`),
        ...exchangeIssues(found),
      ]
      issues.push(...about(`${title}, body ${kind}`, [...own, ...(await healthIssues(mock))]))
      all.push(...statusesOf(found))
    }
  report.check(
    `${count} forms of smuggled requests are not executed, in bodies that are read or ignored: ${tally(all)}`,
    issues,
  )
}
