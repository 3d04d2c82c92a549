import type { TObject, TSchema } from '@sinclair/typebox'
import type { ValidationError } from '../contract/index.js'
import { InvalidRequest } from './errors.js'

/** Parses a query as the real service does: `+` is a space, of a repeated key the last value counts (measured). */
export const parseQuery = (text: string): Record<string, string> => Object.fromEntries(new URLSearchParams(`&${text}`))

/** Makes a check of query parameters against their schema, which reads texts and words faults as pydantic does. */
export const queryReader = (schema: TObject & { required: string[] }) => (query: Record<string, string>) => {
  const faults: ValidationError[] = []
  const value: Record<string, unknown> = {}
  for (const [name, parameter] of Object.entries(schema.properties)) {
    const text = Object.hasOwn(query, name) ? query[name] : undefined
    const read = text === undefined ? readMissing(parameter, schema.required.includes(name)) : readText(parameter, text)
    if ('fault' in read) faults.push({ loc: ['query', name], input: text ?? null, ...read.fault })
    else value[name] = read.value
  }
  return faults.length > 0 ? { error: new InvalidRequest(faults.map(inOrder)) } : { value }
}

type Read = { value: unknown } | { fault: Pick<ValidationError, 'type' | 'msg' | 'ctx'> }

const readMissing = (schema: TSchema, required: boolean): Read =>
  required ? { fault: { type: 'missing', msg: 'Field required' } } : { value: schema.default }

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
  if (!INTEGER.test(digits))
    return fault('int_parsing', 'Input should be a valid integer, unable to parse string as an integer')
  if (digits.length > MAX_DIGITS)
    return fault('int_parsing_size', 'Unable to parse input string as an integer, exceeded maximum size')
  const value = Number(digits.replaceAll('_', ''))
  if (minimum !== undefined && value < minimum)
    return fault('greater_than_equal', `Input should be greater than or equal to ${minimum}`, { ge: minimum })
  if (maximum !== undefined && value > maximum)
    return fault('less_than_equal', `Input should be less than or equal to ${maximum}`, { le: maximum })
  return { value }
}

function readLiteral(values: readonly string[], text: string): Read {
  if (values.includes(text)) return { value: text }
  const quoted = values.map((value) => `'${value}'`)
  const expected = `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`
  return fault('literal_error', `Input should be ${expected}`, { expected })
}

const fault = (type: string, msg: string, ctx?: Record<string, unknown>): Read => ({
  fault: ctx ? { type, msg, ctx } : { type, msg },
})

/** The keys of a fault in the order of the wire. */
const inOrder = ({ type, loc, msg, input, ctx }: ValidationError): ValidationError =>
  ctx ? { type, loc, msg, input, ctx } : { type, loc, msg, input }
