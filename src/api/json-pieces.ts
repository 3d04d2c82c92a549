/** Minimum length of a piece, except the last one. A longer string is split into pieces of about this length. */
const PIECE_LENGTH = 32 * 1024

/**
 * Returns the text that `JSON.stringify` returns for a JSON value, in pieces, so that the caller can do other work
 * between them. For deeply nested values, `JSON.stringify` itself would take much longer than `JSON.parse`: it compares
 * each object and array with all those around it (measured with Node.js 20).
 */
export function* jsonPieces(value: unknown): Generator<string, void> {
  const writer = new Writer()
  yield* writer.write(value)
  yield writer.take()
}

class Writer {
  #text = ''

  /** Returns the text since the last piece. */
  take(): string {
    const text = this.#text
    this.#text = ''
    return text
  }

  *write(value: unknown): Generator<string, void> {
    if (isShort(value)) this.#text += JSON.stringify(value)
    else if (typeof value === 'string') yield* this.#writeLong(value)
    else if (Array.isArray(value)) yield* this.#writeArray(value)
    else yield* this.#writeObject(value as Record<string, unknown>)
  }

  *#writeArray(items: readonly unknown[]): Generator<string, void> {
    let separator = '['
    for (const item of items) {
      this.#text += separator
      if (isShort(item)) this.#text += JSON.stringify(item)
      else yield* this.write(item)
      if (this.#text.length > PIECE_LENGTH) yield this.take()
      separator = ','
    }
    this.#text += items.length === 0 ? '[]' : ']'
  }

  *#writeObject(record: Readonly<Record<string, unknown>>): Generator<string, void> {
    let separator = '{'
    for (const key in record) {
      const value = record[key]
      this.#text += `${separator}${JSON.stringify(key)}:`
      if (isShort(value)) this.#text += JSON.stringify(value)
      else yield* this.write(value)
      if (this.#text.length > PIECE_LENGTH) yield this.take()
      separator = ','
    }
    this.#text += separator === '{' ? '{}' : '}'
  }

  *#writeLong(text: string): Generator<string, void> {
    this.#text += '"'
    for (let start = 0, end; start < text.length; start = end) {
      end = start + PIECE_LENGTH
      // A surrogate pair must stay together: `JSON.stringify` escapes half a pair.
      if (isHighSurrogate(text.charCodeAt(end - 1))) end--
      this.#text += JSON.stringify(text.slice(start, end)).slice(1, -1)
      yield this.take()
    }
    this.#text += '"'
  }
}

const isShort = (value: unknown) =>
  typeof value === 'string' ? value.length <= PIECE_LENGTH : typeof value !== 'object' || value === null

const isHighSurrogate = (code: number) => (code & 0xfc00) === 0xd800
