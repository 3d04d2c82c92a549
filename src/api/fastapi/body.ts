import type { TSchema } from '@sinclair/typebox'
import type { ValidationError } from '../../contract/index.js'
import { isObject, type Keywords } from '../../contract/schema.js'
import { replaceInfinity } from '../../diagnostics/json-values.js'
import { inNextTurnIfLong } from '../../http/body.js'
import { HttpError } from '../../http/error.js'
import { rememberWeight } from '../../state/weight.js'
import { invalid, MAX_ERRORS, unreadable } from '../errors.js'
import * as types from './error-types.js'
import { type Scan, scanJson } from './json-decoder.js'
import { decodeJson, decodeUtf8 } from './json-encoding.js'
import { JsonError } from './json-error.js'

/** A decoded body, and whether its content type is JSON. */
interface Body {
  readonly text: string
  readonly isJson: boolean
}

/**
 * Decodes a body. Returns undefined if the body is empty. The property `isJson` is needed because FastAPI parses a
 * body only if its content type is JSON, and validates any other body as a string (measured). May change `bytes`.
 * @throws HttpError if the bytes are not text.
 */
export function decodeBody(bytes: Buffer, contentType = ''): Body | undefined {
  if (bytes.length === 0) return undefined
  const isJson = /^\s*application\/([\w.+-]+\+)?json\s*(;|$)/i.test(contentType)
  const text = isJson ? decodeJson(bytes) : decodeUtf8(bytes)
  if (text === undefined) throw new HttpError(unreadable)
  return { text, isJson }
}

/**
 * Returns a function that validates a body against a model and converts the body. The function accepts and converts
 * the same values as pydantic. The function throws an HttpError if the body is invalid: a 422 that lists the errors
 * in pydantic's words, or a 400 or 413 if the body exceeds a limit. In a dictionary, replaces a number such as 1e999,
 * which `JSON.parse` reads as Infinity, by null, because a response contains null. `models` must contain every model
 * that a `$ref` can refer to. `maxKeys` is the maximum number of keys of a dictionary.
 */
export function bodyValidator(models: readonly TSchema[], maxKeys: number) {
  const byId = new Map(models.map((model) => [String(model.$id), model]))
  return async (model: TSchema, body: Body | undefined): Promise<unknown> => {
    const validator = new BodyValidator(byId, maxKeys)
    const value = validator.read(model, body)
    if (validator.errors.length > 0) throw new HttpError(invalid(validator.errors))
    if (!validator.mayOverflow) return value
    await inNextTurnIfLong(value, body?.text)
    replaceInfinity(validator.dictionary)
    return value
  }
}

type Location = ValidationError['loc']

/**
 * Maximum length of a body whose errors always repeat their input. FastAPI repeats the whole body for each missing
 * field.
 */
const MAX_INPUT_LENGTH = 64 * 1024

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
  /** The dictionary in the body, as parsed. */
  dictionary: unknown
  readonly #models: ReadonlyMap<string, TSchema>
  readonly #maxKeys: number
  /** The scan of the body. Its listed object is the dictionary. */
  #scan: Scan = { weights: new Map(), mayOverflow: false }
  #isLong = false

  constructor(models: ReadonlyMap<string, TSchema>, maxKeys: number) {
    this.#models = models
    this.#maxKeys = maxKeys
  }

  /** Whether the body may contain a number that `JSON.parse` reads as Infinity. */
  get mayOverflow(): boolean {
    return this.#scan.mayOverflow
  }

  read(model: TSchema, body: Body | undefined): unknown {
    const at: Location = ['body']
    if (!body) return this.#reject(at, null, types.missing)
    this.#isLong = body.text.length > MAX_INPUT_LENGTH
    if (!body.isJson) return this.#readValue(model, body.text, at)
    try {
      this.#scan = scanJson(body.text, { listed: this.#dictionaryIn(model), maxKeys: this.#maxKeys })
      return this.#readValue(model, JSON.parse(body.text), at)
    } catch (error) {
      if (!(error instanceof JsonError)) throw error
      return this.#reject([...at, error.position], {}, types.jsonInvalid(error.message))
    }
  }

  /** Returns the name of the field that is a dictionary. A model has at most one. */
  #dictionaryIn(schema: Keywords): string | undefined {
    const { properties = {} } = this.#resolve(schema)
    return Object.keys(properties).find((name) => isDictionary(properties[name] as TSchema))
  }

  #resolve(schema: Keywords): Keywords {
    return schema.$ref ? (this.#models.get(schema.$ref) as TSchema) : schema
  }

  /**
   * Converts a value to the type that `schema` describes. Adds an error to `errors` for each invalid part of the
   * value. The result is used only if there are no errors.
   */
  #readValue(given: Keywords, value: unknown, at: Location): unknown {
    const schema = this.#resolve(given)
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
    if (!isDictionary(schema)) return value
    const { weights } = this.#scan
    if (weights.size > this.#maxKeys) return this.#reject(at, value, types.tooLong(this.#maxKeys))
    const values = schema.additionalProperties as TSchema
    this.dictionary = value
    const read = new Map<string, unknown>()
    for (const [key, weight] of weights) {
      const inner = this.#readValue(values, value[key], [...at, key])
      if (isObject(inner)) rememberWeight(inner, weight)
      read.set(key, inner)
    }
    return read
  }

  #readString({ minLength = 0, maxLength = Infinity }: Keywords, value: unknown, at: Location): unknown {
    if (typeof value !== 'string') return this.#reject(at, value, types.stringType)
    if (isShorter(value, minLength)) return this.#reject(at, value, types.stringTooShort(minLength))
    if (!isShorter(value, maxLength + 1)) return this.#reject(at, value, types.stringTooLong(maxLength))
    return value
  }

  #readBoolean(value: unknown, at: Location): unknown {
    const isText = typeof value === 'string'
    const read = BOOLEANS.get(isText ? value.toLowerCase() : value)
    if (read !== undefined) return read
    return this.#reject(at, value, isText || Number.isInteger(value) ? types.boolParsing : types.boolType)
  }

  /**
   * Adds an error, without its input if the body is long and the input may be long. Stops the validation if a
   * response cannot contain more errors.
   */
  #reject(at: Location, input: unknown, type: types.ErrorType): undefined {
    this.errors.push(types.validationError(at, this.#isLong && !isShort(input) ? undefined : input, type))
    if (this.errors.length === MAX_ERRORS) throw new HttpError(invalid(this.errors))
  }
}

/** Returns whether an input is short: neither an object nor an array nor a long string. */
const isShort = (input: unknown) =>
  typeof input === 'string' ? input.length <= MAX_INPUT_LENGTH : typeof input !== 'object' || input === null

/** Returns whether a schema is that of an object with arbitrary keys, and describes the values of the object. */
const isDictionary = ({ additionalProperties }: Keywords) => typeof additionalProperties === 'object'

/**
 * Returns whether a string has fewer than `length` characters. A character has one or two code units, so only strings
 * of a similar length are counted.
 */
const isShorter = (text: string, length: number) =>
  text.length < length || (text.length < 2 * length && [...text].length < length)
