import { HttpError } from '../../http/error.js'
import { unreadable } from '../errors.js'

class JsonError extends Error {
  constructor(
    readonly reason: string,
    readonly offset: number,
  ) {
    super(reason)
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORD = /true|false|null/y
/** Matches text up to the next double quote, backslash or control character below U+0020. */
const PLAIN = /[ !#-[\]-\u{10ffff}]*/uy
const SPACE = /[ \t\n\r]*/y

/**
 * Finds the error in a text that `JSON.parse` rejects. Returns the message and the position that CPython's JSON
 * decoder would report (measured). The position counts Unicode code points, not UTF-16 code units. Unlike CPython,
 * this function also rejects NaN and Infinity.
 * @throws HttpError if the nesting of the text exhausts the stack.
 */
export function findJsonError(text: string): { message: string; position: number } {
  try {
    return new Reader(text).readAll()
  } catch (error) {
    // Any other error is a stack overflow caused by deep nesting.
    if (!(error instanceof JsonError)) throw new HttpError(unreadable)
    return { message: error.reason, position: [...text.slice(0, error.offset)].length }
  }
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  readAll(): never {
    this.#readValue()
    this.#skip(SPACE)
    return this.#fail('Extra data')
  }

  #readValue(): void {
    const character = this.#next()
    if (character === '"') this.#readString()
    else if (character === '{') this.#readMany('}', () => this.#readMember())
    else if (character === '[') this.#readMany(']', () => this.#readValue())
    else if (!this.#skip(WORD) && !this.#skip(NUMBER)) this.#fail('Expecting value')
  }

  #readMany(end: string, readOne: () => void): void {
    this.#at++
    if (this.#next() !== end) readOne()
    while (this.#next() !== end) {
      if (this.#next() !== ',') this.#fail("Expecting ',' delimiter")
      this.#at++
      readOne()
    }
    this.#at++
  }

  #readMember(): void {
    if (this.#next() !== '"') this.#fail('Expecting property name enclosed in double quotes')
    this.#readString()
    if (this.#next() !== ':') this.#fail("Expecting ':' delimiter")
    this.#at++
    this.#readValue()
  }

  #readString(): void {
    const start = this.#at++
    for (;;) {
      this.#skip(PLAIN)
      const character = this.#text[this.#at]
      if (character === undefined) this.#fail('Unterminated string starting at', start)
      if (character === '"') break
      if (character !== '\\') this.#fail('Invalid control character at')
      this.#readEscape(start)
    }
    this.#at++
  }

  #readEscape(start: number): void {
    const escaped = this.#text[this.#at + 1]
    if (escaped === undefined) this.#fail('Unterminated string starting at', start)
    if (!'"\\/bfnrtu'.includes(escaped)) this.#fail('Invalid \\escape')
    if (escaped === 'u' && !/^[0-9a-fA-F]{4}/.test(this.#text.slice(this.#at + 2, this.#at + 6)))
      this.#fail('Invalid \\uXXXX escape', this.#at + 1)
    this.#at += escaped === 'u' ? 6 : 2
  }

  /** Skips white space. Returns the next character without skipping it, or undefined at the end of the text. */
  #next(): string | undefined {
    this.#skip(SPACE)
    return this.#text[this.#at]
  }

  /** Skips the text that `pattern` matches at the current position. Returns whether the pattern matches. */
  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at
    const matches = pattern.test(this.#text)
    if (matches) this.#at = pattern.lastIndex
    return matches
  }

  #fail(reason: string, at = this.#at): never {
    throw new JsonError(reason, at)
  }
}
