import type { Issue, Path, Position } from './issue.js'

/** The place of a value, or of the key of a value, in a document. */
export interface Location {
  readonly path: Path
  readonly part: 'key' | 'value'
}

/** A parsed input. If `issues` is not empty, the input is invalid and `value` must not be used. */
export interface Document {
  readonly file?: string | undefined
  readonly value: unknown
  readonly issues: readonly Issue[]
  /**
   * Returns the position of each location, in the same order. The positions are undefined if the document has no
   * text.
   */
  locate(locations: readonly Location[]): (Position | undefined)[]
  /** Converts a path in `value` to a path in the parsed input. Absent if `value` is the parsed input. */
  readonly originOf?: (path: Path) => Path
}

/** Returns a document for a value that was not parsed from a text. */
export const documentOf = (value: unknown, issues: readonly Issue[] = []): Document => ({
  value,
  issues,
  locate: (locations) => locations.map(() => undefined),
})

export const DUPLICATE_KEY: Pick<Issue, 'code' | 'message'> = {
  code: 'duplicate_key',
  message: 'duplicate key; remove one of the two keys',
}

/** Returns a function that converts offsets in a text to positions. Lines end with `\n`, `\r\n` or a lone `\r`. */
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
