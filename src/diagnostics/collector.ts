import { formatPlace, type Issue, type Path, type Position } from './issue.js'
import type { Document, Location } from './source.js'

/** An issue at a path of a document. The position of the issue in the text is not known yet. */
export interface Finding extends Location, Pick<Issue, 'code' | 'message'> {}

/** The path of a value, and the document that contains it. */
export interface Place {
  readonly document: Document
  readonly path: Path
}

interface Entry extends Finding, Place {
  /** If the issue is a duplicate value, the place where this value is first used. */
  readonly first: (Place & Location) | undefined
}

/**
 * Collects the issues of several documents. All issues of a document are located in one call, because `locate` may
 * scan the whole text.
 */
export class IssueCollector {
  readonly #entries: Entry[] = []

  add(document: Document, finding: Finding, first?: Place): void {
    this.#entries.push({ document, ...finding, first: first && { ...first, part: 'value' } })
  }

  /**
   * Returns the collected issues, and the issues that `documents` contain. The issues are sorted by document, in the
   * order of `documents`, and then by position.
   */
  inOrder(documents: readonly Document[]): Issue[] {
    const placeOf = locateAll(this.#entries.flatMap((entry) => (entry.first ? [entry, entry.first] : [entry])))
    const found = new Map<Document, Issue[]>(documents.map((document) => [document, [...document.issues]]))
    for (const entry of this.#entries) {
      const { document, code, path, first } = entry
      const origin = first && formatPlace(placeOf(first))
      const message = origin ? `${entry.message} (first used at ${origin})` : entry.message
      found.get(document)?.push({ code, ...placeOf(entry), path, message })
    }
    return [...found.values()].flatMap((issues) => issues.sort((a, b) => comparePositions(a.position, b.position)))
  }
}

function locateAll(locations: readonly (Place & Location)[]) {
  const byDocument = new Map<Document, Location[]>()
  for (const location of locations) {
    const group = byDocument.get(location.document)
    if (group) group.push(location)
    else byDocument.set(location.document, [location])
  }
  const positions = new Map<Location, Position | undefined>()
  for (const [document, group] of byDocument)
    for (const [i, position] of document.locate(group).entries()) positions.set(group[i] as Location, position)
  return (location: Place & Location) => ({ file: location.document.file, position: positions.get(location) })
}

const START: Position = { line: 0, column: 0 }

const comparePositions = (a = START, b = START) => a.line - b.line || a.column - b.column
