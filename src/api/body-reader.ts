import type { TSchema } from '@sinclair/typebox'
import { visit } from 'jsonc-parser'
import type { ValidationError } from '../contract/index.js'
import { type Body, UNREADABLE } from './body.js'
import { InvalidRequest, Refused } from './errors.js'
import { findJsonError } from './json-error.js'

type Location = ValidationError['loc']
type Fault = Omit<ValidationError, 'loc' | 'input'>

/** Makes a check of JSON bodies against a model, which reads values as leniently as pydantic and words faults as it does. */
export const bodyReader = (model: TSchema, models: ReadonlyMap<string, TSchema>) => (body: Body | null) => {
  const reading = new Reading(models)
  try {
    const value = reading.readBody(model, body)
    return reading.faults.length > 0 ? { error: new InvalidRequest(reading.faults) } : { value }
  } catch (error) {
    return { error: error as Error }
  }
}

const missing: Fault = { type: 'missing', msg: 'Field required' }

/** What pydantic takes for true and false (measured). */
const BOOLEANS = new Map<unknown, boolean>([
  ...[true, 1, '1', 'true', 't', 'yes', 'y', 'on'].map((word): [unknown, boolean] => [word, true]),
  ...[false, 0, '0', 'false', 'f', 'no', 'n', 'off'].map((word): [unknown, boolean] => [word, false]),
])

class Reading {
  readonly faults: ValidationError[] = []
  readonly #models: ReadonlyMap<string, TSchema>

  constructor(models: ReadonlyMap<string, TSchema>) {
    this.#models = models
  }

  readBody(model: TSchema, body: Body | null): unknown {
    const at: Location = ['body']
    if (!body?.text) return this.#refuse(at, null, missing)
    if (!body.isJson) return this.#read(model, body.text, at, '')
    try {
      const value: unknown = JSON.parse(body.text)
      if (isTooDeep(value)) throw new Refused(UNREADABLE)
      return this.#read(model, value, at, body.text)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      const { message, position } = findJsonError(body.text)
      const ctx = { error: message }
      return this.#refuse([...at, position], {}, { type: 'json_invalid', msg: 'JSON decode error', ctx })
    }
  }

  /** The value as the model has it, or what it was; then there is a fault more. */
  #read(schema: TSchema, value: unknown, at: Location, text: string): unknown {
    if (schema.$ref) return this.#read(this.#models.get(schema.$ref) as TSchema, value, at, text)
    if (schema.anyOf) return value === null ? null : this.#read(schema.anyOf[0], value, at, text)
    if (schema.properties) return this.#readModel(schema, value, at, text)
    if (schema.type === 'object') return this.#readDictionary(schema, value, at, text)
    return schema.type === 'boolean' ? this.#readBoolean(value, at) : this.#readString(schema, value, at)
  }

  #readModel(schema: TSchema, value: unknown, at: Location, text: string): unknown {
    if (!isObject(value)) {
      const msg = 'Input should be a valid dictionary or object to extract fields from'
      return this.#refuse(at, value, { type: 'model_attributes_type', msg })
    }
    const fields: [string, unknown][] = []
    for (const [name, field] of Object.entries<TSchema>(schema.properties)) {
      if (Object.hasOwn(value, name)) fields.push([name, this.#read(field, value[name], [...at, name], text)])
      else if (schema.required?.includes(name)) this.#refuse([...at, name], value, missing)
    }
    return Object.fromEntries(fields)
  }

  /** A map, for an object would put keys like `2` before all others. */
  #readDictionary(schema: TSchema, value: unknown, at: Location, text: string): unknown {
    if (!isObject(value))
      return this.#refuse(at, value, { type: 'dict_type', msg: 'Input should be a valid dictionary' })
    if (schema.additionalProperties === true) return value
    const keys = keysInOrder(value, at.slice(1), text)
    return new Map(keys.map((key) => [key, this.#read(schema.additionalProperties, value[key], [...at, key], text)]))
  }

  #readString({ minLength, maxLength }: TSchema, value: unknown, at: Location): unknown {
    if (typeof value !== 'string')
      return this.#refuse(at, value, { type: 'string_type', msg: 'Input should be a valid string' })
    const length = [...value].length
    if (minLength !== undefined && length < minLength) {
      const msg = `String should have at least ${characters(minLength)}`
      return this.#refuse(at, value, { type: 'string_too_short', msg, ctx: { min_length: minLength } })
    }
    if (maxLength !== undefined && length > maxLength) {
      const msg = `String should have at most ${characters(maxLength)}`
      return this.#refuse(at, value, { type: 'string_too_long', msg, ctx: { max_length: maxLength } })
    }
    return value
  }

  #readBoolean(value: unknown, at: Location): unknown {
    const read = BOOLEANS.get(typeof value === 'string' ? value.toLowerCase() : value)
    if (read !== undefined) return read
    return typeof value === 'string' || Number.isInteger(value)
      ? this.#refuse(at, value, {
          type: 'bool_parsing',
          msg: 'Input should be a valid boolean, unable to interpret input',
        })
      : this.#refuse(at, value, { type: 'bool_type', msg: 'Input should be a valid boolean' })
  }

  #refuse(loc: Location, input: unknown, { type, msg, ctx }: Fault): undefined {
    this.faults.push(ctx ? { type, loc, msg, input, ctx } : { type, loc, msg, input })
  }
}

const characters = (n: number) => (n === 1 ? '1 character' : `${n} characters`)

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Deeper than Python's parser descends. */
const MAX_DEPTH = 900

const isTooDeep = (value: unknown, depth = 0): boolean =>
  depth > MAX_DEPTH ||
  (typeof value === 'object' && value !== null && Object.values(value).some((inner) => isTooDeep(inner, depth + 1)))

/** The keys of the object at a path, in the order of the text, which an object has lost for keys like `2`. */
function keysInOrder(object: object, path: Location, text: string): string[] {
  const keys = Object.keys(object)
  if (!keys.some((key) => /^\d+$/.test(key))) return keys
  const inText = new Set<string>()
  visit(text, {
    onObjectProperty: (key, _offset, _length, _line, _column, around) => {
      if (JSON.stringify(around()) === JSON.stringify(path)) inText.add(key)
    },
  })
  return [...inText]
}
