import { STATUS_CODES } from 'node:http'
import { Type } from '@sinclair/typebox'
import { type ControlErrorCode, ERROR_CODES, type ErrorCode } from '../contract/codes.js'
import { Closed, Titled } from '../contract/schema.js'
import { formatIssue, type Issue } from '../diagnostics/issue.js'

/**
 * An error of a method of the handle, or of a request to the control API, which responds with a problem document. A
 * call that the mock rejects (status 4xx) changes nothing.
 */
export class ControlError extends Error {
  override readonly name = 'ControlError'

  constructor(
    /** Stable code for programs; `ERROR_CODES` explains each. */
    readonly code: ControlErrorCode,
    /** What is wrong and what to do, without the issues. May be reworded in any release. */
    readonly reason: string,
    /** The issues of the input; empty for other errors. */
    readonly issues: readonly Issue[] = [],
    /** HTTP status of the error. Default: the status of the code. */
    readonly status: number = ERROR_CODES[code].status,
  ) {
    super([reason, ...issues.map(formatIssue)].join('\n'))
  }
}

/** The schema lists the known codes; the remote client accepts others, which a later version of the mock may send. */
const Code = Type.Unsafe<ErrorCode>(
  Type.String({ enum: Object.keys(ERROR_CODES), description: 'Stable code of the error, for programs' }),
)

/** A problem document (RFC 9457). */
export const Problem = Titled('Problem', {
  title: Type.String({ description: 'Reason phrase of the HTTP status' }),
  status: Type.Integer({ description: 'HTTP status' }),
  code: Code,
  detail: Type.String({ description: 'What is wrong and what to do, for people. May be reworded in any release' }),
  errors: Type.Optional(
    Type.Array(
      Closed({
        code: Code,
        message: Type.String(),
        path: Type.Optional(Type.Array(Type.Union([Type.String(), Type.Integer()]))),
        position: Type.Optional(Closed({ line: Type.Integer(), column: Type.Integer() })),
      }),
      { description: 'Issues of the input, each with its path and, in a body, its position' },
    ),
  ),
})

/** Joins names for a message. */
export const listOf = (names: readonly string[]) => (names.length === 0 ? 'none' : names.join(', '))

/** Returns the problem document of an error. JSON omits keys that are undefined. */
export function problemOf({ status, code, reason, issues }: ControlError) {
  const errors = issues.map(({ code, message, path, position }) => ({ code, message, path, position }))
  return { title: STATUS_CODES[status], status, code, detail: reason, errors: errors.length > 0 ? errors : undefined }
}
