import { inspect } from 'node:util'
import type { ErrorCode } from '../contract/codes.js'

/** Formats any value for a message. */
export const show = (value: unknown) =>
  typeof value === 'string' ? JSON.stringify(value) : inspect(value, { depth: 1, breakLength: Infinity })

/** A problem found in an option. */
export interface OptionIssue {
  /** The kind of problem, for programs. Codes are stable; `ERROR_CODES` explains each. */
  readonly code: ErrorCode
  /** The flag, environment variable, key or argument with the problem. */
  readonly option: string
  /** The problem and its remedy, for people. The wording may change in any release. */
  readonly message: string
}

export const invalidOption = (option: string, value: unknown, expects: string, hint = '') =>
  optionIssue('invalid_value', option, `found ${show(value)}, expected ${expects}${hint}`)

export const optionIssue = (code: ErrorCode, option: string, text: string): OptionIssue => ({
  code,
  option,
  message: `${option}: ${text}`,
})

/**
 * Thrown before the mock starts if an option is invalid. Also thrown, at any time, if the function that is given as
 * `clock` does not return a valid Date. `issues` lists all problems, and `message` has one line for each problem.
 */
export class OptionsError extends Error {
  override readonly name = 'OptionsError'
  readonly code = 'invalid_options'

  constructor(readonly issues: readonly OptionIssue[]) {
    super(issues.map(({ message }) => message).join('\n'))
  }
}
