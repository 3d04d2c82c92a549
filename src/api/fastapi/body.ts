import type { TSchema } from '@sinclair/typebox'
import { visit } from 'jsonc-parser'
import type { ValidationError } from '../../contract/index.js'
import { type Body, UNREADABLE } from '../../http/body.js'
import { HttpError } from '../../http/error.js'
import { invalid } from '../errors.js'
import {
  brokenJson,
  faultAt,
  type Kind,
  missing,
  noBoolean,
  noDictionary,
  noModel,
  noString,
  tooLong,
  tooShort,
  unclearBoolean,
} from './error-types.js'
import { findJsonError } from './json-decoder.js'

type Location = ValidationError['loc']

/** Makes a check of JSON bodies against a model, which reads values as leniently as pydantic and words faults as it does. */
export const bodyReader = (model: TSchema, models: ReadonlyMap<string, TSchema>) => (body: Body | null) => {
  const reading = new Reading(models, body?.isJson ? body.text : '')
  try {
    const value = reading.readBody(model, body)
    return reading.faults.length > 0 ? { error: new HttpError(invalid(reading.faults)) } : { value }
  } catch (error) {
    return { error: error as Error }
  }
}

/** What pydantic takes for true and false (measured). */
const BOOLEANS = new Map<unknown, boolean>([
  ...[true, 1, '1', 'true', 't', 'yes', 'y', 'on'].map((word): [unknown, boolean] => [word, true]),
  ...[false, 0, '0', 'false', 'f', 'no', 'n', 'off'].map((word): [unknown, boolean] => [word, false]),
])

class Reading {
  readonly faults: ValidationError[] = []
  readonly #models: ReadonlyMap<string, TSchema>
  readonly #text: string

  constructor(models: ReadonlyMap<string, TSchema>, text: string) {
    this.#models = models
    this.#text = text
  }

  readBody(model: TSchema, body: Body | null): unknown {
    const at: Location = ['body']
    if (!body?.text) return this.#refuse(at, null, missing)
    if (!body.isJson) return this.#read(model, body.text, at)
    try {
      const value: unknown = JSON.parse(body.text)
      if (isTooDeep(value)) throw new HttpError(UNREADABLE)
      return this.#read(model, value, at)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      const { message, position } = findJsonError(body.text)
      return this.#refuse([...at, position], {}, brokenJson(message))
    }
  }

  /** The value as the model has it, or what it was; then there is a fault more. */
  #read(schema: TSchema, value: unknown, at: Location): unknown {
    if (schema.$ref) return this.#read(this.#models.get(schema.$ref) as TSchema, value, at)
    if (schema.anyOf) return value === null ? null : this.#read(schema.anyOf[0], value, at)
    if (schema.properties) return this.#readModel(schema, value, at)
    if (schema.type === 'object') return this.#readDictionary(schema, value, at)
    return schema.type === 'boolean' ? this.#readBoolean(value, at) : this.#readString(schema, value, at)
  }

  #readModel(schema: TSchema, value: unknown, at: Location): unknown {
    if (!isObject(value)) return this.#refuse(at, value, noModel)
    const fields: [string, unknown][] = []
    for (const [name, field] of Object.entries<TSchema>(schema.properties)) {
      if (Object.hasOwn(value, name)) fields.push([name, this.#read(field, value[name], [...at, name])])
      else if (schema.required?.includes(name)) this.#refuse([...at, name], value, missing)
    }
    return Object.fromEntries(fields)
  }

  /** A map, for an object would put keys like `2` before all others. */
  #readDictionary(schema: TSchema, value: unknown, at: Location): unknown {
    if (!isObject(value)) return this.#refuse(at, value, noDictionary)
    if (schema.additionalProperties === true) return value
    const keys = keysInOrder(value, at.slice(1), this.#text)
    return new Map(keys.map((key) => [key, this.#read(schema.additionalProperties, value[key], [...at, key])]))
  }

  #readString({ minLength, maxLength }: TSchema, value: unknown, at: Location): unknown {
    if (typeof value !== 'string') return this.#refuse(at, value, noString)
    const length = [...value].length
    if (minLength !== undefined && length < minLength) return this.#refuse(at, value, tooShort(minLength))
    if (maxLength !== undefined && length > maxLength) return this.#refuse(at, value, tooLong(maxLength))
    return value
  }

  #readBoolean(value: unknown, at: Location): unknown {
    const read = BOOLEANS.get(typeof value === 'string' ? value.toLowerCase() : value)
    if (read !== undefined) return read
    return this.#refuse(at, value, typeof value === 'string' || Number.isInteger(value) ? unclearBoolean : noBoolean)
  }

  #refuse(at: Location, input: unknown, kind: Kind): undefined {
    this.faults.push(faultAt(at, input, kind))
  }
}

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
