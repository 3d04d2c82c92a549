import { HttpError } from '../../http/error.js'
import { tooManyValues, unreadable } from '../errors.js'

/** An error in a JSON text, with the message of CPython's JSON decoder. */
export class JsonError extends Error {
  constructor(
    message: string,
    /** The position of the error in Unicode code points, as in Python. */
    readonly position: number,
  ) {
    super(message)
  }
}

/** Maximum depth of nested objects and arrays. FastAPI responds with a 400 to a deeper text (measured). */
const MAX_DEPTH = 960

/** Maximum number of digits of an integer. FastAPI responds with a 400 to a longer integer (measured). */
const MAX_INTEGER_DIGITS = 4300

/**
 * Maximum sum of the `WEIGHTS` of all values and keys. For a text of more than 16 MiB, the maximum is four times the
 * length of the text.
 */
export const MAX_VALUE_BYTES = 64 * 1024 * 1024

/**
 * The memory in bytes that `JSON.parse` is assumed to need for a value or a key, without the characters of a string.
 * This memory can be much larger than the text: an empty array has only two characters.
 */
export const WEIGHTS = { scalar: 24, string: 64, container: 112, key: 112 }

interface ScanOptions {
  /** Key of the outermost object. The value under this key is the listed object, whose keys `scanJson` returns. */
  readonly listed: string | undefined
  /** Maximum number of keys in the list. */
  readonly maxKeys: number
}

/**
 * Checks a JSON text as CPython's JSON decoder does. The time is proportional to the length of the text. Returns the
 * keys of the listed object, in the order of the text: `JSON.parse` would move integers such as `2` to the front. As in
 * Python, a repeated key keeps its first position. If the key of the listed object occurs several times, the last value
 * is the listed object. Returns at most `maxKeys + 1` keys. Unlike CPython, rejects NaN and Infinity.
 * @throws JsonError if the text is not JSON. HttpError if the text exceeds a limit before its first error.
 */
export const scanJson = (text: string, options: ScanOptions): readonly string[] => new Scanner(text, options).scan()

/** Matches any value that is not a string, an object or an array. */
const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const INTEGER = /^-?(\d+)$/
const HEX = /[0-9a-fA-F]{4}/y

class Scanner {
  readonly #text: string
  readonly #listed: string | undefined
  readonly #maxKeys: number
  readonly #maxWeight: number
  readonly #keys = new Set<string>()
  /** Whether the latest key of the outermost object is the key of the listed object. */
  #isListed = false
  #at = 0
  #depth = 0
  #weight = 0

  constructor(text: string, { listed, maxKeys }: ScanOptions) {
    this.#text = text
    this.#listed = listed
    this.#maxKeys = maxKeys
    this.#maxWeight = Math.max(MAX_VALUE_BYTES, text.length * 4)
  }

  scan(): string[] {
    this.#skipValue(this.#next())
    if (this.#next() !== undefined) this.#fail('Extra data')
    return [...this.#keys]
  }

  #skipValue(first: string | undefined): void {
    if (first === '"') this.#skipString(WEIGHTS.string)
    else if (first === '{') this.#skipMany('}', (next) => this.#skipMember(next))
    else if (first === '[') this.#skipMany(']', (next) => this.#skipValue(next))
    else this.#skipScalar()
  }

  #skipMany(end: string, skipOne: (first: string | undefined) => void): void {
    if (++this.#depth > MAX_DEPTH) throw new HttpError(unreadable)
    this.#weigh(WEIGHTS.container)
    this.#at++
    let next = this.#next()
    if (next !== end) {
      for (;;) {
        skipOne(next)
        next = this.#next()
        if (next === end) break
        if (next !== ',') this.#fail("Expecting ',' delimiter")
        this.#at++
        next = this.#next()
      }
    }
    this.#at++
    this.#depth--
  }

  #skipMember(first: string | undefined): void {
    if (first !== '"') this.#fail('Expecting property name enclosed in double quotes')
    const start = this.#at
    this.#skipString(WEIGHTS.key)
    if (this.#depth === 1) this.#noteOutermostKey(start)
    else if (this.#depth === 2 && this.#isListed && this.#keys.size <= this.#maxKeys) this.#keys.add(this.#read(start))
    if (this.#next() !== ':') this.#fail("Expecting ':' delimiter")
    this.#at++
    this.#skipValue(this.#next())
  }

  #noteOutermostKey(start: number): void {
    this.#isListed = this.#read(start) === this.#listed
    if (this.#isListed) this.#keys.clear()
  }

  /** Returns the string that starts at `start` and has just been skipped. */
  #read(start: number): string {
    return JSON.parse(this.#text.slice(start, this.#at)) as string
  }

  #skipString(weight: number): void {
    this.#weigh(weight)
    const text = this.#text
    const start = this.#at
    // With constants of the module instead of these local constants, the loop below would take nearly twice as long.
    const quote = 0x22
    const backslash = 0x5c
    const space = 0x20
    let at = start + 1
    for (let code = text.charCodeAt(at); code !== quote; code = text.charCodeAt(++at))
      if (code === backslash) at = this.#skipEscape(at, start)
      else if (code < space) this.#fail('Invalid control character at', at)
      else if (Number.isNaN(code)) this.#fail('Unterminated string starting at', start)
    this.#at = at + 1
  }

  /** Returns the position of the last character of the escape at `at`. */
  #skipEscape(at: number, start: number): number {
    const escaped = this.#text[at + 1]
    if (escaped === undefined) this.#fail('Unterminated string starting at', start)
    if (!'"\\/bfnrtu'.includes(escaped)) this.#fail('Invalid \\escape', at)
    if (escaped !== 'u') return at + 1
    HEX.lastIndex = at + 2
    if (!HEX.test(this.#text)) this.#fail('Invalid \\uXXXX escape', at + 1)
    return at + 5
  }

  #skipScalar(): void {
    this.#weigh(WEIGHTS.scalar)
    const start = this.#at
    SCALAR.lastIndex = start
    if (!SCALAR.test(this.#text)) this.#fail('Expecting value')
    this.#at = SCALAR.lastIndex
    if (this.#at - start <= MAX_INTEGER_DIGITS) return
    const [, digits = ''] = INTEGER.exec(this.#text.slice(start, this.#at)) ?? []
    if (digits.length > MAX_INTEGER_DIGITS) throw new HttpError(unreadable)
  }

  #weigh(bytes: number): void {
    this.#weight += bytes
    if (this.#weight > this.#maxWeight) throw new HttpError(tooManyValues)
  }

  /** Skips white space. Returns the next character without skipping it, or undefined at the end of the text. */
  #next(): string | undefined {
    for (;;) {
      const character = this.#text[this.#at]
      if (character !== ' ' && character !== '\n' && character !== '\r' && character !== '\t') return character
      this.#at++
    }
  }

  #fail(message: string, at = this.#at): never {
    throw new JsonError(message, codePointsBefore(this.#text, at))
  }
}

/** Returns the number of Unicode code points before the position `end`. */
function codePointsBefore(text: string, end: number): number {
  let count = 0
  for (let at = 0; at < end; count++) at += isSurrogatePair(text, at) ? 2 : 1
  return count
}

const isSurrogatePair = (text: string, at: number) =>
  (text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00
