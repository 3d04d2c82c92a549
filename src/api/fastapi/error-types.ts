import type { ValidationError } from '../../contract/index.js'
import { countOf } from '../../diagnostics/spelling.js'

/**
 * The parts of a pydantic error that do not depend on the input: its type, its message, and the parameters of the
 * message in `ctx`.
 */
export type ErrorType = Pick<ValidationError, 'type' | 'msg' | 'ctx'>

/**
 * Returns an entry for the array `detail` of a 422. The keys are in the order in which FastAPI sends them. Only some
 * types of errors have the key `ctx`.
 */
export const validationError = (loc: ValidationError['loc'], input: unknown, { type, msg, ctx }: ErrorType) =>
  ctx ? { type, loc, msg, input, ctx } : { type, loc, msg, input }

const errorType = (type: string, msg: string, ctx?: ErrorType['ctx']): ErrorType => ({ type, msg, ...(ctx && { ctx }) })

/** Returns an error whose message begins with `Input should be`. */
const shouldBe = (type: string, what: string, ctx?: ErrorType['ctx']) => errorType(type, `Input should be ${what}`, ctx)

// Each constant or function below has the name of its pydantic `type`, in camel case.

export const missing = errorType('missing', 'Field required')
export const jsonInvalid = (error: string) => errorType('json_invalid', 'JSON decode error', { error })
export const modelAttributesType = shouldBe(
  'model_attributes_type',
  'a valid dictionary or object to extract fields from',
)
export const dictType = shouldBe('dict_type', 'a valid dictionary')
export const stringType = shouldBe('string_type', 'a valid string')
export const stringTooShort = (min_length: number) =>
  errorType('string_too_short', `String should have at least ${countOf(min_length, 'character')}`, { min_length })
export const stringTooLong = (max_length: number) =>
  errorType('string_too_long', `String should have at most ${countOf(max_length, 'character')}`, { max_length })
export const tooLong = (max_length: number) =>
  errorType('too_long', `Dictionary should have at most ${countOf(max_length, 'item')} after validation, not more`, {
    ...{ field_type: 'Dictionary', max_length, actual_length: null },
  })
export const boolType = shouldBe('bool_type', 'a valid boolean')
export const boolParsing = shouldBe('bool_parsing', 'a valid boolean, unable to interpret input')
export const intParsing = shouldBe('int_parsing', 'a valid integer, unable to parse string as an integer')
export const intParsingSize = errorType(
  'int_parsing_size',
  'Unable to parse input string as an integer, exceeded maximum size',
)
export const floatParsing = shouldBe('float_parsing', 'a valid number, unable to parse string as a number')
export const greaterThanEqual = (ge: number) => shouldBe('greater_than_equal', `greater than or equal to ${ge}`, { ge })
export const lessThanEqual = (le: number) => shouldBe('less_than_equal', `less than or equal to ${le}`, { le })
export const datetimeParsing = shouldBe('datetime_parsing', 'a valid datetime')

/** Returns the error for an input that a validator in Python rejects with a ValueError (measured). */
export const valueError = (message: string) => errorType('value_error', `Value error, ${message}`, { error: {} })

/** Returns the error for an input that is not one of `values`. `values` must contain at least two strings. */
export function literalError(values: readonly string[]): ErrorType {
  const quoted = values.map((value) => `'${value}'`)
  const expected = `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`
  return shouldBe('literal_error', expected, { expected })
}
