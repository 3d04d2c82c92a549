import type { Fault, Path, Position } from './issue.js'

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

/** Tells the positions of offsets in a text, counting from 1; `\n`, `\r\n` and a lone `\r` end a line. */
export function positionsIn(text: string): (offset: number) => Position {
  const starts = [0]
  for (const { 0: end, index } of text.matchAll(/\r\n|\r|\n/g)) starts.push(index + end.length)
  return (offset) => {
    let [line, above] = [0, starts.length]
    while (above - line > 1) {
      const middle = (line + above) >> 1
      if ((starts[middle] as number) <= offset) line = middle
      else above = middle
    }
    return { line: line + 1, column: offset - (starts[line] as number) + 1 }
  }
}
