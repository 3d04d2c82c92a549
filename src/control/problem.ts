import { STATUS_CODES } from 'node:http'
import { Type } from '@sinclair/typebox'
import { type ControlErrorCode, ERROR_CODES, type ErrorCode } from '../contract/codes.js'
import { Named } from '../contract/schema.js'
import { formatIssues, type Issue } from '../diagnostics/issue.js'

/**
 * The error of a failed call, in process and over HTTP. Over HTTP, the control API sends the error as a problem
 * document. A call that fails with a status from 400 to 499 changes nothing.
 */
export class ControlError extends Error {
  override readonly name = 'ControlError'

  constructor(
    /** Stable code for programs. `ERROR_CODES` explains every code. */
    readonly code: ControlErrorCode,
    /** The error and its remedy, without the issues. The wording may change in any release. */
    readonly reason: string,
    /** The issues of an error with code `invalid_request` or `invalid_fixture`. Empty for other errors. */
    readonly issues: readonly Issue[] = [],
    /** HTTP status. Default: the status of the code in `ERROR_CODES`. */
    readonly status: number = ERROR_CODES[code].status,
    /** The error of Node.js, if the code is `unreachable`. */
    cause?: unknown,
  ) {
    super([reason, ...formatIssues(issues)].join('\n'), cause === undefined ? undefined : { cause })
  }
}

/**
 * The `enum` only documents the known codes: TypeBox does not check the `enum` of a string schema. The remote client
 * must accept other codes, because a later version of the mock may send them.
 */
const Code = Type.Unsafe<ErrorCode>(
  Type.String({
    $id: 'ErrorCode',
    enum: Object.keys(ERROR_CODES),
    description: 'Stable code of the error, for programs',
  }),
)

/** A problem document (RFC 9457). */
export const Problem = Named('Problem', {
  title: Type.String({ description: 'Reason phrase of the HTTP status' }),
  status: Type.Integer({ description: 'HTTP status' }),
  code: Code,
  detail: Type.String({ description: 'The error and its remedy, for people. The wording may change in any release' }),
  errors: Type.Optional(
    Type.Array(
      Named('Issue', {
        code: Code,
        message: Type.String(),
        path: Type.Optional(Type.Array(Type.Union([Type.String(), Type.Integer()]))),
        position: Type.Optional(Named('Position', { line: Type.Integer(), column: Type.Integer() })),
      }),
      {
        description:
          'Issues in the input. `path` leads to the invalid value. `position` is the position in the text of the body',
      },
    ),
  ),
})

export const listOf = (names: readonly string[]) => (names.length === 0 ? 'none' : names.join(', '))

/** Returns the problem document of an error. Keys with the value undefined are absent in JSON. */
export function problemOf({ status, code, reason, issues }: ControlError) {
  const errors = issues.map(({ code, message, path, position }) => ({ code, message, path, position }))
  return { title: STATUS_CODES[status], status, code, detail: reason, errors: errors.length > 0 ? errors : undefined }
}
