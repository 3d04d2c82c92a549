import type { TObject } from '@sinclair/typebox'
import type { ValidationError } from '../../contract/index.js'
import type { Keywords } from '../../contract/schema.js'
import { HttpError } from '../../http/error.js'
import { invalid } from '../errors.js'
import * as types from './error-types.js'

/**
 * Parses a query as the real service does: `+` means a space, and only the last value of a repeated key is used (both
 * measured).
 */
export const parseQuery = (text: string): Record<string, string> =>
  // URLSearchParams would remove a `?` at the start of the query. The `&` before the query prevents this.
  text === '' ? {} : Object.fromEntries(new URLSearchParams(`&${text}`))

/**
 * Validates query parameters as pydantic does. Returns the converted values, with defaults for absent parameters.
 * Returns undefined if there is no schema.
 * @throws HttpError with a 422 that lists every error.
 */
export function validateQuery(schema: TObject | undefined, query: Record<string, string>): object | undefined {
  if (!schema) return undefined
  const errors: ValidationError[] = []
  const value: Record<string, unknown> = {}
  for (const [name, parameter] of Object.entries(schema.properties)) {
    const text = Object.hasOwn(query, name) ? query[name] : undefined
    const absent = schema.required?.includes(name) ? { error: types.missing } : { value: parameter.default as unknown }
    const read = text === undefined ? absent : readText(parameter, text)
    if ('error' in read) errors.push(types.validationError(['query', name], text ?? null, read.error))
    else value[name] = read.value
  }
  if (errors.length > 0) throw new HttpError(invalid(errors))
  return value
}

type Read = { value: unknown } | { error: types.ErrorType }

function readText(parameter: Keywords, text: string): Read {
  // The first type of a nullable parameter is its type. A query cannot contain null.
  const [schema = parameter] = parameter.anyOf ?? []
  if (schema.type === 'integer') return readInteger(schema, text)
  if (schema.type === 'number') return readNumber(text)
  return !schema.enum || schema.enum.includes(text) ? { value: text } : { error: types.literalError(schema.enum) }
}

/**
 * Matches the strings that pydantic parses as integers, without surrounding white space (measured). A sign, single
 * underscores between digits, and a fraction of zeros are allowed.
 */
const INTEGER = /^[+-]?\d+(_\d+)*(\.0+)?$/

/** Maximum length, in characters, of a string that pydantic parses as an integer (measured). */
const MAX_DIGITS = 4300

function readInteger({ minimum, maximum }: Keywords, text: string): Read {
  const digits = text.trim()
  if (!INTEGER.test(digits)) return { error: types.intParsing }
  if (digits.length > MAX_DIGITS) return { error: types.intParsingSize }
  const value = Number(digits.replaceAll('_', ''))
  if (minimum !== undefined && value < minimum) return { error: types.greaterThanEqual(minimum) }
  if (maximum !== undefined && value > maximum) return { error: types.lessThanEqual(maximum) }
  return { value }
}

const DIGITS = '\\d+(_\\d+)*'

/** Matches the strings that pydantic parses as finite numbers, without surrounding white space (measured). */
const NUMBER = new RegExp(`^[+-]?(${DIGITS}(\\.(${DIGITS})?)?|\\.${DIGITS})(e[+-]?${DIGITS})?$`, 'i')

function readNumber(text: string): Read {
  const number = text.trim()
  if (NUMBER.test(number)) return { value: Number(number.replaceAll('_', '')) }
  const [, sign, name] = /^([+-]?)(inf|infinity|nan)$/i.exec(number) ?? []
  if (name === undefined) return { error: types.floatParsing }
  return { value: name.toLowerCase() === 'nan' ? NaN : sign === '-' ? -Infinity : Infinity }
}
