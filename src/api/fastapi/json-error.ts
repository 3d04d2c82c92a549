/** An error in a JSON text, with the message of CPython's JSON decoder. */
export class JsonError extends Error {
  /** The position of the error. It counts Unicode code points, as in Python, and not UTF-16 code units. */
  readonly position: number

  /** `at` is the position in UTF-16 code units. */
  constructor(message: string, text: string, at: number) {
    super(message)
    this.position = codePointsBefore(text, at)
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
