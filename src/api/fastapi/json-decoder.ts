import { HttpError } from '../../http/error.js'
import { unreadable } from '../errors.js'

class Stop extends Error {
  constructor(
    readonly what: string,
    readonly offset: number,
  ) {
    super(what)
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORD = /true|false|null/y
/** All but the quote, the backslash and the control characters. */
const PLAIN = /[ !#-[\]-\u{10ffff}]*/uy
const SPACE = /[ \t\n\r]*/y

/**
 * Finds the error in a text that `JSON.parse` rejects, in the words of CPython's decoder, as the service (measured). Its
 * position counts characters, not UTF-16 units.
 */
export function findJsonError(text: string): { message: string; position: number } {
  try {
    return new Reader(text).readAll()
  } catch (error) {
    if (!(error instanceof Stop)) throw new HttpError(unreadable)
    return { message: error.what, position: [...text.slice(0, error.offset)].length }
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
    return this.#stop('Extra data')
  }

  #readValue(): void {
    const character = this.#next()
    if (character === '"') this.#readString()
    else if (character === '{') this.#readMany('}', () => this.#readMember())
    else if (character === '[') this.#readMany(']', () => this.#readValue())
    else if (!this.#skip(WORD) && !this.#skip(NUMBER)) this.#stop('Expecting value')
  }

  #readMany(end: string, readOne: () => void): void {
    this.#at++
    if (this.#next() !== end) readOne()
    while (this.#next() !== end) {
      if (this.#next() !== ',') this.#stop("Expecting ',' delimiter")
      this.#at++
      readOne()
    }
    this.#at++
  }

  #readMember(): void {
    if (this.#next() !== '"') this.#stop('Expecting property name enclosed in double quotes')
    this.#readString()
    if (this.#next() !== ':') this.#stop("Expecting ':' delimiter")
    this.#at++
    this.#readValue()
  }

  #readString(): void {
    const start = this.#at++
    for (;;) {
      this.#skip(PLAIN)
      const character = this.#text[this.#at]
      if (character === undefined) this.#stop('Unterminated string starting at', start)
      if (character === '"') break
      if (character !== '\\') this.#stop('Invalid control character at')
      this.#readEscape(start)
    }
    this.#at++
  }

  #readEscape(start: number): void {
    const escaped = this.#text[this.#at + 1]
    if (escaped === undefined) this.#stop('Unterminated string starting at', start)
    if (!'"\\/bfnrtu'.includes(escaped)) this.#stop('Invalid \\escape')
    if (escaped === 'u' && !/^[0-9a-fA-F]{4}/.test(this.#text.slice(this.#at + 2, this.#at + 6)))
      this.#stop('Invalid \\uXXXX escape', this.#at + 1)
    this.#at += escaped === 'u' ? 6 : 2
  }

  /** Goes past white space, and returns the character after it. */
  #next(): string | undefined {
    this.#skip(SPACE)
    return this.#text[this.#at]
  }

  /** Goes past what matches here, and tells whether anything did. */
  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at
    const matches = pattern.test(this.#text)
    if (matches) this.#at = pattern.lastIndex
    return matches
  }

  #stop(what: string, at = this.#at): never {
    throw new Stop(what, at)
  }
}
