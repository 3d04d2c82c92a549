import type { ErrorCode } from '../contract/codes.js'

/** A path into a document: keys and indexes from its root. */
export type Path = readonly (string | number)[]

/** A position in a file. Both count from 1; columns count UTF-16 code units, as editors do. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** Something that is wrong with an input, and where. An input that was never a file has no `file`. */
export interface Issue {
  /** What is wrong, for programs. Stable. */
  readonly code: ErrorCode
  readonly file?: string | undefined
  readonly position?: Position | undefined
  readonly path?: Path | undefined
  /** What was found and what to do, for people. May be reworded in any release. */
  readonly message: string
}

/** How many issues of a document are listed. A million of them would take a minute to format. */
export const MAX_ISSUES = 1000

/** Heads a list of issues that was cut. */
export const MORE_ISSUES: Pick<Issue, 'code' | 'message'> = {
  code: 'too_many_issues',
  message: `more than ${MAX_ISSUES} issues; showing the first ${MAX_ISSUES}`,
}

/** Cuts a list of issues to `MAX_ISSUES`, and says so at its head. */
export const truncateIssues = (issues: readonly Issue[]): readonly Issue[] =>
  issues.length <= MAX_ISSUES
    ? issues
    : [{ ...MORE_ISSUES, position: { line: 1, column: 1 } }, ...issues.slice(0, MAX_ISSUES)]

/** `["pipelines", 0, "status"]` → `pipelines[0].status` */
export const formatPath = (path: Path) =>
  path
    .map((step, i) => {
      if (typeof step === 'number') return `[${step}]`
      if (!/^[\w$]+$/.test(step)) return `[${JSON.stringify(step)}]`
      return i === 0 ? step : `.${step}`
    })
    .join('')

export const formatPlace = ({ file, position }: Pick<Issue, 'file' | 'position'>) =>
  [file, position?.line, position?.column].filter((part) => part !== undefined).join(':')

/** `lab.yaml:7:15: pipelines[0].status: found "runing"; …` */
export const formatIssue = (issue: Issue) =>
  [formatPlace(issue), issue.path ? formatPath(issue.path) : '', issue.message].filter((part) => part !== '').join(': ')
