import type { Fault, Path, Position } from './fault.js'

/** What a place in a document is asked for: a path to a value, or to the key in front of it. */
export interface Spot {
  readonly path: Path
  readonly part: 'key' | 'value'
}

/** One fixture document as it was parsed. What is wrong with its text is in `faults`; then its value is not used. */
export interface Document {
  readonly file?: string | undefined
  readonly value: unknown
  readonly faults: readonly Fault[]
  /** Where the spots stand in the text, in one pass over it; undefined where nobody knows. */
  locate(spots: readonly Spot[]): (Position | undefined)[]
}

export const DUPLICATE_KEY = 'this key is here twice: remove one'

/** A document from the library's caller: it never was text, so it has no positions. */
export const documentOf = (value: unknown): Document => ({
  value,
  faults: [],
  locate: (spots) => spots.map(() => undefined),
})

/** The position of an offset, counting from 1; `\n`, `\r\n` and a lone `\r` end a line. */
export function positionAt(text: string, offset: number): Position {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/)
  return { line: lines.length, column: (lines.at(-1) as string).length + 1 }
}
