import type { ValidationError } from '../../contract/index.js'

/** What is wrong with a value, in pydantic's words: a type for programs, a message for people, and what was expected. */
export type Kind = Pick<ValidationError, 'type' | 'msg' | 'ctx'>

/** A fault of a request, its keys in the order of the wire; `ctx` is there only for some kinds. */
export const faultAt = (loc: ValidationError['loc'], input: unknown, { type, msg, ctx }: Kind): ValidationError =>
  ctx ? { type, loc, msg, input, ctx } : { type, loc, msg, input }

export const missing: Kind = { type: 'missing', msg: 'Field required' }

export const brokenJson = (error: string): Kind => ({ type: 'json_invalid', msg: 'JSON decode error', ctx: { error } })

export const noModel: Kind = {
  type: 'model_attributes_type',
  msg: 'Input should be a valid dictionary or object to extract fields from',
}

export const noDictionary: Kind = { type: 'dict_type', msg: 'Input should be a valid dictionary' }

export const noString: Kind = { type: 'string_type', msg: 'Input should be a valid string' }

const characters = (n: number) => (n === 1 ? '1 character' : `${n} characters`)

export const tooShort = (min_length: number): Kind => ({
  type: 'string_too_short',
  msg: `String should have at least ${characters(min_length)}`,
  ctx: { min_length },
})

export const tooLong = (max_length: number): Kind => ({
  type: 'string_too_long',
  msg: `String should have at most ${characters(max_length)}`,
  ctx: { max_length },
})

export const noBoolean: Kind = { type: 'bool_type', msg: 'Input should be a valid boolean' }

export const unclearBoolean: Kind = {
  type: 'bool_parsing',
  msg: 'Input should be a valid boolean, unable to interpret input',
}

export const noInteger: Kind = {
  type: 'int_parsing',
  msg: 'Input should be a valid integer, unable to parse string as an integer',
}

export const endlessInteger: Kind = {
  type: 'int_parsing_size',
  msg: 'Unable to parse input string as an integer, exceeded maximum size',
}

export const tooSmall = (ge: number): Kind => ({
  type: 'greater_than_equal',
  msg: `Input should be greater than or equal to ${ge}`,
  ctx: { ge },
})

export const tooLarge = (le: number): Kind => ({
  type: 'less_than_equal',
  msg: `Input should be less than or equal to ${le}`,
  ctx: { le },
})

/** None of at least two values. */
export function noneOf(values: readonly string[]): Kind {
  const quoted = values.map((value) => `'${value}'`)
  const expected = `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`
  return { type: 'literal_error', msg: `Input should be ${expected}`, ctx: { expected } }
}

export const noTime: Kind = { type: 'datetime_parsing', msg: 'Input should be a valid datetime' }
