import { STATUS_CODES } from 'node:http'
import { Type } from '@sinclair/typebox'
import { type ControlErrorCode, ERROR_CODES, type ErrorCode } from '../contract/codes.js'
import { Closed, Titled } from '../contract/schema.js'
import { formatIssue, type Issue } from '../diagnostics/issue.js'

/** A rejected call of the control API; nothing has changed. Over HTTP, it is a problem document. */
export class ControlError extends Error {
  override readonly name = 'ControlError'

  /** `reason` says what happened and what to do; `issues` lists what is wrong with the input; `status` is the HTTP status. */
  constructor(
    readonly code: ControlErrorCode,
    readonly reason: string,
    readonly issues: readonly Issue[] = [],
    readonly status: number = ERROR_CODES[code].status,
  ) {
    super([reason, ...issues.map(formatIssue)].join('\n'))
  }
}

/** Published with its values, but any string is accepted from a mock of a later version. */
const Code = Type.Unsafe<ErrorCode>(
  Type.String({ enum: Object.keys(ERROR_CODES), description: 'What is wrong, for programs. Stable' }),
)

/** A problem document (RFC 9457). */
export const Problem = Titled('Problem', {
  title: Type.String(),
  status: Type.Integer(),
  code: Code,
  detail: Type.String({ description: 'What happened, and what to do' }),
  errors: Type.Optional(
    Type.Array(
      Closed({
        code: Code,
        message: Type.String(),
        path: Type.Optional(Type.Array(Type.Union([Type.String(), Type.Integer()]))),
        position: Type.Optional(Closed({ line: Type.Integer(), column: Type.Integer() })),
      }),
      { description: 'Everything that is wrong with the input, each with its place' },
    ),
  ),
})

/** Names in a message. */
export const listOf = (names: readonly string[]) => (names.length === 0 ? 'none' : names.join(', '))

/** The problem document of an error. In JSON, what is undefined is absent. */
export function problemOf({ status, code, reason, issues }: ControlError) {
  const errors = issues.map(({ code, message, path, position }) => ({ code, message, path, position }))
  return { title: STATUS_CODES[status], status, code, detail: reason, errors: errors.length > 0 ? errors : undefined }
}
