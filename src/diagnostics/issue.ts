import type { ErrorCode } from '../contract/codes.js'

/** The keys and indexes that lead from the root of a document to a value. */
export type Path = readonly (string | number)[]

/**
 * A position in a text. The first line and the first column are 1. Each UTF-16 code unit takes one column, as in most
 * editors.
 */
export interface Position {
  readonly line: number
  readonly column: number
}

/**
 * A problem found in a fixture or a request, and its place.
 *
 * @example
 * { code: 'invalid_value', file: 'lab.yaml', position: { line: 5, column: 13 }, path: ['pipelines', 0, 'status'],
 *   message: 'found "runing", expected one of pending, running, …; did you mean "running"?' }
 */
export interface Issue {
  /** The kind of problem, for programs. Codes are stable; `ERROR_CODES` explains each. */
  readonly code: ErrorCode
  /** Path of the fixture file or folder. Absent if the issue is in a fixture object or in a request. */
  readonly file?: string | undefined
  /**
   * Position in the text. Absent if the input is not a text, such as a fixture object, or cannot be read.
   */
  readonly position?: Position | undefined
  /** Keys and indexes from the root to the value. Absent if the problem is the file itself or its syntax. */
  readonly path?: Path | undefined
  /** The problem and its remedy, for people. The wording may change in any release. */
  readonly message: string
}

/** Maximum number of issues that are listed for one document. Formatting a million issues would take a minute. */
export const MAX_ISSUES = 1000

/** The first issue of a list that was cut at `MAX_ISSUES`. */
export const MORE_ISSUES: Pick<Issue, 'code' | 'message'> = {
  code: 'too_many_issues',
  message: `more than ${MAX_ISSUES} issues: only ${MAX_ISSUES} are listed; fix these first`,
}

/** Cuts a list that is longer than `MAX_ISSUES`, and puts `MORE_ISSUES` in front of it. */
export const truncateIssues = (issues: readonly Issue[]): readonly Issue[] =>
  issues.length <= MAX_ISSUES
    ? issues
    : [{ ...MORE_ISSUES, position: { line: 1, column: 1 } }, ...issues.slice(0, MAX_ISSUES)]

/** Formats a path: `["pipelines", 0, "status"]` becomes `pipelines[0].status`. */
export const formatPath = (path: Path) =>
  path
    .map((step, i) => {
      if (typeof step === 'number') return `[${step}]`
      if (!/^[\w$]+$/.test(step)) return `[${JSON.stringify(step)}]`
      return i === 0 ? step : `.${step}`
    })
    .join('')

/** Formats a place as `file:line:column`, without the parts that are absent. */
export const formatPlace = ({ file, position }: Pick<Issue, 'file' | 'position'>) =>
  [file, position?.line, position?.column].filter((part) => part !== undefined).join(':')

/** Formats an issue: `lab.yaml:7:15: pipelines[0].status: found "runing", expected …`. */
export const formatIssue = (issue: Issue) =>
  [formatPlace(issue), issue.path ? formatPath(issue.path) : '', issue.message].filter((part) => part !== '').join(': ')
