import { isUtf8 } from 'node:buffer'
import type { TSchema } from '@sinclair/typebox'
import { visit } from 'jsonc-parser'
import type { ValidationError } from '../../contract/index.js'
import { isObject, type Keywords } from '../../contract/schema.js'
import { HttpError } from '../../http/error.js'
import { invalid, unreadable } from '../errors.js'
import * as types from './error-types.js'
import { findJsonError } from './json-decoder.js'

/** A decoded body, and whether its content type is JSON. */
interface Body {
  readonly text: string
  readonly isJson: boolean
}

/**
 * Decodes a body. The property `isJson` is needed because FastAPI parses a body only if its content type is JSON, and
 * validates any other body as a string (measured).
 * @throws HttpError if the body is not valid UTF-8.
 */
export function decodeBody(bytes: Buffer, contentType = ''): Body {
  if (!isUtf8(bytes)) throw new HttpError(unreadable)
  const isJson = /^\s*application\/([\w.+-]+\+)?json\s*(;|$)/i.test(contentType)
  return { text: bytes.toString('utf8').replace(/^\uFEFF/, ''), isJson }
}

/**
 * Returns a function that validates a body against a model and converts the body. The function accepts and converts
 * the same values as pydantic. The function throws an HttpError if the body is invalid: a 422 that lists every error
 * in pydantic's words, or a 400 if the body is nested too deeply. `models` must contain every model that a `$ref` can
 * refer to.
 */
export function bodyValidator(models: readonly TSchema[]) {
  const byId = new Map(models.map((model) => [String(model.$id), model]))
  return (model: TSchema, body: Body | undefined): unknown => {
    const validator = new BodyValidator(byId, body?.isJson ? body.text : '')
    const value = validator.read(model, body)
    if (validator.errors.length > 0) throw new HttpError(invalid(validator.errors))
    return value
  }
}

type Location = ValidationError['loc']

/**
 * The values that pydantic converts to booleans, each with the boolean (measured). Strings are in lower case here,
 * because pydantic ignores their case.
 */
const BOOLEANS = new Map<unknown, boolean>([
  ...[true, 1, '1', 'true', 't', 'yes', 'y', 'on'].map((word): [unknown, boolean] => [word, true]),
  ...[false, 0, '0', 'false', 'f', 'no', 'n', 'off'].map((word): [unknown, boolean] => [word, false]),
])

type Model = Keywords & Pick<Required<Keywords>, 'properties'>

class BodyValidator {
  readonly errors: ValidationError[] = []
  readonly #models: ReadonlyMap<string, TSchema>
  readonly #text: string

  constructor(models: ReadonlyMap<string, TSchema>, text: string) {
    this.#models = models
    this.#text = text
  }

  read(model: TSchema, body: Body | undefined): unknown {
    const at: Location = ['body']
    if (!body?.text) return this.#reject(at, null, types.missing)
    if (!body.isJson) return this.#readValue(model, body.text, at)
    try {
      const value: unknown = JSON.parse(body.text)
      if (isTooDeep(value)) throw new HttpError(unreadable)
      return this.#readValue(model, value, at)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      const { message, position } = findJsonError(body.text)
      return this.#reject([...at, position], {}, types.jsonInvalid(message))
    }
  }

  /**
   * Converts a value to the type that `schema` describes. Adds an error to `errors` for each invalid part of the
   * value. The result is used only if there are no errors.
   */
  #readValue(schema: Keywords, value: unknown, at: Location): unknown {
    if (schema.$ref) return this.#readValue(this.#models.get(schema.$ref) as TSchema, value, at)
    const [nonNull] = schema.anyOf ?? []
    if (nonNull) return value === null ? null : this.#readValue(nonNull, value, at)
    if (schema.properties) return this.#readModel(schema as Model, value, at)
    if (schema.type === 'object') return this.#readDictionary(schema, value, at)
    return schema.type === 'boolean' ? this.#readBoolean(value, at) : this.#readString(schema, value, at)
  }

  #readModel({ properties, required }: Model, value: unknown, at: Location): unknown {
    if (!isObject(value)) return this.#reject(at, value, types.modelAttributesType)
    const fields: [string, unknown][] = []
    for (const [name, field] of Object.entries(properties)) {
      if (Object.hasOwn(value, name)) fields.push([name, this.#readValue(field, value[name], [...at, name])])
      else if (required?.includes(name)) this.#reject([...at, name], value, types.missing)
    }
    return Object.fromEntries(fields)
  }

  /**
   * Converts an object with arbitrary keys. If the schema describes the values of the object, returns a Map,
   * otherwise the object itself. A Map keeps the order of all keys, but an object lists integer keys such as `2`
   * first.
   */
  #readDictionary(schema: TSchema, value: unknown, at: Location): unknown {
    if (!isObject(value)) return this.#reject(at, value, types.dictType)
    const values = schema.additionalProperties as TSchema | true
    if (values === true) return value
    const keys = keysInOrder(value, at.slice(1), this.#text)
    return new Map(keys.map((key) => [key, this.#readValue(values, value[key], [...at, key])]))
  }

  #readString({ minLength, maxLength }: Keywords, value: unknown, at: Location): unknown {
    if (typeof value !== 'string') return this.#reject(at, value, types.stringType)
    const length = [...value].length
    if (minLength !== undefined && length < minLength) return this.#reject(at, value, types.stringTooShort(minLength))
    if (maxLength !== undefined && length > maxLength) return this.#reject(at, value, types.stringTooLong(maxLength))
    return value
  }

  #readBoolean(value: unknown, at: Location): unknown {
    const isText = typeof value === 'string'
    const read = BOOLEANS.get(isText ? value.toLowerCase() : value)
    if (read !== undefined) return read
    return this.#reject(at, value, isText || Number.isInteger(value) ? types.boolParsing : types.boolType)
  }

  #reject(at: Location, input: unknown, type: types.ErrorType): undefined {
    this.errors.push(types.validationError(at, input, type))
  }
}

/**
 * Maximum depth of nesting in a JSON body. Python's JSON parser fails at about this depth, and FastAPI then responds
 * with a 400.
 */
const MAX_DEPTH = 900

const isTooDeep = (value: unknown, depth = 0): boolean =>
  depth > MAX_DEPTH ||
  (typeof value === 'object' && value !== null && Object.values(value).some((inner) => isTooDeep(inner, depth + 1)))

/**
 * Returns the keys of `object` in the order in which they occur in `text`, the JSON of the whole body. `path` leads
 * from the body to the object. `Object.keys` would list integer keys such as `2` first. A key that occurs several
 * times in the object keeps its first position, as in Python. If a key in `path` occurs several times, its last value
 * is used.
 */
function keysInOrder(object: object, path: Location, text: string): string[] {
  const keys = Object.keys(object)
  if (!keys.some((key) => /^\d+$/.test(key))) return keys
  const inText = new Set<string>()
  const isSame = (one: Location, other: Location) => JSON.stringify(one) === JSON.stringify(other)
  visit(text, {
    onObjectProperty: (key, _offset, _length, _line, _column, pathSupplier) => {
      const parent = pathSupplier()
      if (isSame(parent, path)) inText.add(key)
      else if (isSame([...parent, key], path.slice(0, parent.length + 1))) inText.clear()
    },
  })
  return [...inText]
}
