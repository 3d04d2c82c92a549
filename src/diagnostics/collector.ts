import {
  comparePositions,
  formatPlace,
  type Issue,
  MAX_ISSUES,
  MORE_ISSUES,
  type Path,
  type Position,
} from './issue.js'
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

/** The finding that stands for all issues above the limit `MAX_ISSUES` of a document. */
const MORE_FINDINGS: Finding = { ...MORE_ISSUES, path: [], part: 'value' }

/**
 * Collects the issues of several documents, at most `MAX_ISSUES` of each document. All issues of a document are
 * located in one call, because `locate` may scan the whole text.
 */
export class IssueCollector {
  readonly #entries = new Map<Document, Entry[]>()

  add(document: Document, finding: Finding, first?: Place): void {
    const entries = this.#entries.get(document) ?? []
    this.#entries.set(document, entries)
    if (entries.length < MAX_ISSUES) {
      const origin = first && { ...original(first), part: 'value' as const }
      entries.push({ ...finding, ...original({ document, path: finding.path }), first: origin })
    } else if (entries.length === MAX_ISSUES) entries.unshift({ document, ...MORE_FINDINGS, first: undefined })
  }

  /**
   * Returns the collected issues, and the issues that `documents` contain. The issues are sorted by document, in the
   * order of `documents`, and then by position.
   */
  inOrder(documents: readonly Document[]): Issue[] {
    const entries = [...this.#entries.values()].flat()
    const placeOf = locateAll(entries.flatMap((entry) => (entry.first ? [entry, entry.first] : [entry])))
    const issueOf = (entry: Entry): Issue => {
      const { code, path, first } = entry
      const origin = first && formatPlace(placeOf(first))
      const message = origin ? `${entry.message} (first used at ${origin})` : entry.message
      return { code, ...placeOf(entry), path, message }
    }
    return documents.flatMap((document) =>
      [...document.issues, ...(this.#entries.get(document) ?? []).map(issueOf)].sort((a, b) =>
        comparePositions(a.position, b.position),
      ),
    )
  }
}

/** Converts a place in the value of a document to the corresponding place in the parsed input. */
const original = ({ document, path }: Place): Place => ({ document, path: document.originOf?.(path) ?? path })

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
