import { HttpError } from '../../http/error.js'
import { bytesOf, SIZES } from '../../state/weight.js'
import { tooManyValues, unreadable } from '../errors.js'
import { JsonError } from './json-error.js'

/** Maximum depth of nested objects and arrays. FastAPI responds with a 400 to a deeper text (measured). */
const MAX_DEPTH = 960

/** Maximum number of digits of an integer. FastAPI responds with a 400 to a longer integer (measured). */
const MAX_INTEGER_DIGITS = 4300

/** Maximum number of digits before the decimal point of a number that `JSON.parse` certainly reads as finite. */
const FINITE_DIGITS = 308

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

/** Facts about a JSON text that the result of `JSON.parse` does not contain, or that take longer to find there. */
export interface Scan {
  /**
   * The keys of the listed object, in the order of the text: `JSON.parse` would move integers such as `2` to the
   * front. As in Python, a key that occurs several times keeps its first position, and the last listed object is used.
   * If the object has more than `maxKeys` keys, the map contains only `maxKeys + 1` of them. The value of each key is
   * a weight like that of `weightOf`. It is higher if the text contains unneeded escapes or the same key several times.
   */
  readonly weights: ReadonlyMap<string, number>
  /** Whether `JSON.parse` may read a number as Infinity, for example 1e999. */
  readonly mayOverflow: boolean
}

/**
 * Checks a JSON text as CPython's JSON decoder does. The time is proportional to the length of the text. Unlike
 * CPython, rejects NaN and Infinity.
 * @throws JsonError if the text is not JSON. HttpError if the text exceeds a limit before its first error.
 */
export const scanJson = (text: string, options: ScanOptions): Scan => new Scanner(text, options).scan()

/** Matches any value that is not a string, an object or an array. Does not match the exponent of a number. */
const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?/y
const EXPONENT = /(?<=\d)[eE][+-]?\d+/y
const INTEGER = /^-?(\d+)$/
const HEX = /[0-9a-fA-F]{4}/y

class Scanner {
  readonly #text: string
  readonly #listed: string | undefined
  readonly #maxKeys: number
  readonly #maxParsing: number
  readonly #weights = new Map<string, number>()
  /** Whether the latest key of the outermost object is the key of the listed object. */
  #isListed = false
  #at = 0
  #depth = 0
  /** The sum of the `WEIGHTS` of all values and keys before `#at`. */
  #parsing = 0
  /** The estimated weight of the parsed values before `#at`. */
  #weight = 0
  #mayOverflow = false

  constructor(text: string, { listed, maxKeys }: ScanOptions) {
    this.#text = text
    this.#listed = listed
    this.#maxKeys = maxKeys
    this.#maxParsing = Math.max(MAX_VALUE_BYTES, text.length * 4)
  }

  scan(): Scan {
    this.#skipValue(this.#next())
    if (this.#next() !== undefined) this.#fail('Extra data')
    return { weights: this.#weights, mayOverflow: this.#mayOverflow }
  }

  #skipValue(first: string | undefined): void {
    if (first === '"') this.#skipString(WEIGHTS.string, SIZES.string)
    else if (first === '{') this.#skipMany('}', (next) => this.#skipMember(next))
    else if (first === '[') this.#skipMany(']', (next) => this.#skipValue(next))
    else this.#skipScalar()
  }

  #skipMany(end: string, skipOne: (first: string | undefined) => void): void {
    if (++this.#depth > MAX_DEPTH) throw new HttpError(unreadable)
    this.#weigh(WEIGHTS.container, SIZES.container)
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
    this.#skipString(WEIGHTS.key, SIZES.key)
    if (this.#depth === 1) this.#noteOutermostKey(start)
    const isNoted = this.#depth === 2 && this.#isListed && this.#weights.size <= this.#maxKeys
    const key = isNoted ? this.#read(start) : undefined
    if (this.#next() !== ':') this.#fail("Expecting ':' delimiter")
    this.#at++
    const before = this.#weight
    this.#skipValue(this.#next())
    if (key !== undefined) this.#weights.set(key, this.#weight - before)
  }

  #noteOutermostKey(start: number): void {
    this.#isListed = this.#read(start) === this.#listed
    if (this.#isListed) this.#weights.clear()
  }

  /** Returns the string that starts at `start` and has just been skipped. */
  #read(start: number): string {
    return JSON.parse(this.#text.slice(start, this.#at)) as string
  }

  #skipString(parsing: number, size: number): void {
    this.#weigh(parsing, size)
    const text = this.#text
    const start = this.#at
    // With constants of the module instead of these local constants, the loop below would take nearly twice as long.
    const quote = 0x22
    const backslash = 0x5c
    const space = 0x20
    let at = start + 1
    let [bits, escaped] = [0, 0]
    for (let code = text.charCodeAt(at); code !== quote; code = text.charCodeAt(++at)) {
      if (code === backslash) {
        const last = this.#skipEscape(at, start)
        // An escape with a number may stand for a character outside ASCII.
        if (last > at + 1) bits |= 0x80
        escaped += last - at
        at = last
      } else if (code < space) this.#fail('Invalid control character at', at)
      else if (Number.isNaN(code)) this.#fail('Unterminated string starting at', start)
      bits |= code
    }
    this.#at = at + 1
    this.#weight += bytesOf(at - start - 1 - escaped, bits < 0x80)
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
    this.#weigh(WEIGHTS.scalar, SIZES.scalar)
    const start = this.#at
    SCALAR.lastIndex = start
    if (!SCALAR.test(this.#text)) this.#fail('Expecting value')
    this.#at = SCALAR.lastIndex
    const digits = this.#at - start
    if (digits + this.#skipExponent() > FINITE_DIGITS) this.#mayOverflow = true
    if (this.#at - start <= MAX_INTEGER_DIGITS) return
    const [, integer = ''] = INTEGER.exec(this.#text.slice(start, this.#at)) ?? []
    if (integer.length > MAX_INTEGER_DIGITS) throw new HttpError(unreadable)
  }

  /** Skips the exponent of a number and returns the exponent. Returns 0 if there is none. */
  #skipExponent(): number {
    const start = this.#at
    const first = this.#text[start]
    if (first !== 'e' && first !== 'E') return 0
    EXPONENT.lastIndex = start
    if (!EXPONENT.test(this.#text)) return 0
    this.#at = EXPONENT.lastIndex
    return Number(this.#text.slice(start + 1, this.#at))
  }

  #weigh(parsing: number, size: number): void {
    this.#parsing += parsing
    this.#weight += size
    if (this.#parsing > this.#maxParsing) throw new HttpError(tooManyValues)
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
    throw new JsonError(message, this.#text, at)
  }
}
