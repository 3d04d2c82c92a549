import type { ValidationError } from '../../contract/index.js'

/** An error of pydantic's: its type, its message, and what was expected. */
export type ErrorType = Pick<ValidationError, 'type' | 'msg' | 'ctx'>

/** An error of a request, its keys in the order of the wire; only some types have a `ctx`. */
export const validationError = (loc: ValidationError['loc'], input: unknown, { type, msg, ctx }: ErrorType) =>
  ctx ? { type, loc, msg, input, ctx } : { type, loc, msg, input }

const errorType = (type: string, msg: string, ctx?: ErrorType['ctx']): ErrorType => ({ type, msg, ...(ctx && { ctx }) })

/** An error of most types: the message says what the input should be. */
const shouldBe = (type: string, what: string, ctx?: ErrorType['ctx']) => errorType(type, `Input should be ${what}`, ctx)

const characters = (n: number) => (n === 1 ? '1 character' : `${n} characters`)

export const missing = errorType('missing', 'Field required')
export const brokenJson = (error: string) => errorType('json_invalid', 'JSON decode error', { error })
export const noModel = shouldBe('model_attributes_type', 'a valid dictionary or object to extract fields from')
export const noDictionary = shouldBe('dict_type', 'a valid dictionary')
export const noString = shouldBe('string_type', 'a valid string')
export const tooShort = (min_length: number) =>
  errorType('string_too_short', `String should have at least ${characters(min_length)}`, { min_length })
export const tooLong = (max_length: number) =>
  errorType('string_too_long', `String should have at most ${characters(max_length)}`, { max_length })
export const noBoolean = shouldBe('bool_type', 'a valid boolean')
export const unclearBoolean = shouldBe('bool_parsing', 'a valid boolean, unable to interpret input')
export const noInteger = shouldBe('int_parsing', 'a valid integer, unable to parse string as an integer')
export const endlessInteger = errorType(
  'int_parsing_size',
  'Unable to parse input string as an integer, exceeded maximum size',
)
export const tooSmall = (ge: number) => shouldBe('greater_than_equal', `greater than or equal to ${ge}`, { ge })
export const tooLarge = (le: number) => shouldBe('less_than_equal', `less than or equal to ${le}`, { le })
export const noTime = shouldBe('datetime_parsing', 'a valid datetime')

/** For an input that is none of at least two values. */
export function noneOf(values: readonly string[]): ErrorType {
  const quoted = values.map((value) => `'${value}'`)
  const expected = `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`
  return shouldBe('literal_error', expected, { expected })
}
