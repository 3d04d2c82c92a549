import type { TObject, TSchema } from '@sinclair/typebox'
import type { ValidationError } from '../../contract/index.js'
import { HttpError } from '../../http/error.js'
import { invalid } from '../errors.js'
import { endlessInteger, faultAt, type Kind, missing, noInteger, noneOf, tooLarge, tooSmall } from './error-types.js'

/** Parses a query as the real service does: `+` is a space, of a repeated key the last value counts (measured). */
export const parseQuery = (text: string): Record<string, string> =>
  text === '' ? {} : Object.fromEntries(new URLSearchParams(`&${text}`))

/** Makes a check of query parameters against their schema, which reads texts and words faults as pydantic does. */
export const queryReader = (schema: TObject & { required: string[] }) => (query: Record<string, string>) => {
  const faults: ValidationError[] = []
  const value: Record<string, unknown> = {}
  for (const [name, parameter] of Object.entries(schema.properties)) {
    const text = Object.hasOwn(query, name) ? query[name] : undefined
    const read = text === undefined ? readMissing(parameter, schema.required.includes(name)) : readText(parameter, text)
    if ('fault' in read) faults.push(faultAt(['query', name], text ?? null, read.fault))
    else value[name] = read.value
  }
  return faults.length > 0 ? { error: new HttpError(invalid(faults)) } : { value }
}

type Read = { value: unknown } | { fault: Kind }

const readMissing = (schema: TSchema, required: boolean): Read =>
  required ? { fault: missing } : { value: schema.default }

function readText(schema: TSchema, text: string): Read {
  if (schema.type === 'integer') return readInteger(schema, text)
  if (schema.enum) return readLiteral(schema.enum, text)
  return { value: text }
}

/** What pydantic takes for an integer in a text: a sign, single underscores between digits, a fraction of zeros. */
const INTEGER = /^[+-]?\d+(_\d+)*(\.0+)?$/

/** Longer texts pydantic does not even try to read. */
const MAX_DIGITS = 4300

function readInteger({ minimum, maximum }: TSchema, text: string): Read {
  const digits = text.trim()
  if (!INTEGER.test(digits)) return { fault: noInteger }
  if (digits.length > MAX_DIGITS) return { fault: endlessInteger }
  const value = Number(digits.replaceAll('_', ''))
  if (minimum !== undefined && value < minimum) return { fault: tooSmall(minimum) }
  if (maximum !== undefined && value > maximum) return { fault: tooLarge(maximum) }
  return { value }
}

const readLiteral = (values: readonly string[], text: string): Read =>
  values.includes(text) ? { value: text } : { fault: noneOf(values) }
