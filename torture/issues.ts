// Helpers for checks. A check returns an array of issues, which are strings.
import { isDeepStrictEqual } from 'node:util'
import { tally } from '../test/support/report.js'

/** Prefixes each issue with a description of the input. */
export const about = (input: string, issues: readonly string[]) => issues.map((issue) => `${input}: ${issue}`)

export const issuesIf = (isWrong: boolean, issue: string) => (isWrong ? [issue] : [])

export const expectEqual = (what: string, found: unknown, wanted: unknown) =>
  issuesIf(
    !isDeepStrictEqual(found, wanted),
    `${what}: found ${JSON.stringify(found)}, expected ${JSON.stringify(wanted)}`,
  )

export function expectAll<T>(what: string, found: readonly T[], wanted: T): string[] {
  const others = found.filter((value) => value !== wanted)
  return issuesIf(others.length > 0, `${what}: found ${tally(others)}, expected ${String(wanted)} each time`)
}

/** Parses a JSON text. Returns undefined if the text is invalid. */
export function parseJson(text: string) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

interface ResponseLike {
  readonly status: number
  readonly headers: { readonly 'content-type'?: string | undefined }
  readonly body: string
}

const WITHOUT_BODY = new Set([204, 304, 307])

/**
 * Checks that a response has a JSON body, with a `detail` if its status is an error. Skips responses with the status
 * 204, 304 or 307, which have no body.
 */
export function formatIssues({ status, headers, body }: ResponseLike): string[] {
  if (WITHOUT_BODY.has(status)) return []
  const [type = 'none', start] = [headers['content-type'], body.slice(0, 80)]
  if (!/^application\/(problem\+)?json$/.test(type))
    return [`response ${status} has the content type ${type}: ${start}`]
  const value = parseJson(body)
  if (value === undefined) return [`response ${status} is not JSON: ${start}`]
  return issuesIf(status >= 400 && value?.detail === undefined, `response ${status} has no detail: ${start}`)
}
