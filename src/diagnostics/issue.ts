import type { ErrorCode } from '../contract/codes.js'

/** The keys and indexes that lead from the root of a document to a value. */
export type Path = readonly (string | number)[]

/** A position in a text. The first line and the first column have the number 1. Columns count UTF-16 code units. */
export interface Position {
  readonly line: number
  readonly column: number
}

const START: Position = { line: 0, column: 0 }

/** Compares two positions for `sort`. An absent position is before all others. */
export const comparePositions = (a = START, b = START): number => a.line - b.line || a.column - b.column

/**
 * A problem in a fixture or in a call of the control API, and its place.
 *
 * @example
 * { code: 'invalid_value', file: 'lab.yaml', position: { line: 5, column: 13 }, path: ['pipelines', 0, 'status'],
 *   message: 'found "runing", expected one of pending, running, …; did you mean "running"?' }
 */
export interface Issue {
  /** The kind of problem, for programs. Codes are stable. `ERROR_CODES` explains each code. */
  readonly code: ErrorCode
  /** Path of the fixture file or folder. Absent if the issue is not in a file or folder. */
  readonly file?: string | undefined
  /**
   * Position in the text. Absent if the input is not a text (a fixture object, for example), or if the text cannot be
   * read.
   */
  readonly position?: Position | undefined
  /**
   * Keys and indexes from the root to the value. Absent if the problem is not in one value, but in the file or its
   * syntax.
   */
  readonly path?: Path | undefined
  /**
   * A description of the problem, for people. The description usually says how to correct the problem. The wording
   * may change in any release.
   */
  readonly message: string
}

/** Maximum number of issues that are listed for one document. Formatting a million issues would take a minute. */
export const MAX_ISSUES = 1000

/**
 * Maximum number of issues or warnings that an error message or the command line lists. More lines would hide the first
 * lines.
 */
const MAX_SHOWN = 200

/** The first issue of a list that was truncated after `MAX_ISSUES` issues. */
export const MORE_ISSUES: Pick<Issue, 'code' | 'message'> = {
  code: 'too_many_issues',
  message: `more than ${MAX_ISSUES} issues: only ${MAX_ISSUES} are listed; fix these first`,
}

/** If a list has more than `MAX_ISSUES` issues, truncates the list and adds `MORE_ISSUES` as the first issue. */
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

/** Formats a place as `file:line:column`. Absent parts are omitted. */
export const formatPlace = ({ file, position }: Pick<Issue, 'file' | 'position'>) =>
  [file, position?.line, position?.column].filter((part) => part !== undefined).join(':')

/** Formats an issue: `lab.yaml:7:15: pipelines[0].status: found "runing", expected …`. */
export const formatIssue = (issue: Issue) =>
  [formatPlace(issue), issue.path ? formatPath(issue.path) : '', issue.message].filter((part) => part !== '').join(': ')

/**
 * Formats the first `MAX_SHOWN` issues, one in each line. If there are more issues, adds a line with the number of the
 * other issues.
 */
export const formatIssues = (issues: readonly Issue[]): string[] => [
  ...issues.slice(0, MAX_SHOWN).map(formatIssue),
  ...(issues.length > MAX_SHOWN ? [`… and ${issues.length - MAX_SHOWN} more`] : []),
]
