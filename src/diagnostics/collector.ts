import type { Finding } from './check.js'
import type { Document, Spot } from './source.js'
import { type Fault, formatPlace, type Path, type Position } from './issue.js'

/** Where something is written. */
export interface Place {
  readonly document: Document
  readonly path: Path
}

interface Note extends Finding {
  readonly document: Document
  /** Who had it first, where this is a duplicate. */
  readonly first: Place | undefined
}

/** Collects findings, and looks up their positions all at once: a pass over a huge file is made only once. */
export class Notes {
  readonly #notes: Note[] = []

  add(document: Document, finding: Finding, first?: Place): void {
    this.#notes.push({ document, ...finding, first })
  }

  /** What was found, in the order of the documents and, within each, of the text. */
  inOrder(documents: readonly Document[]): Fault[] {
    const asked = new Map<Document, Spot[]>()
    const ask = (document: Document, spot: Spot) => {
      const spots = asked.get(document) ?? []
      asked.set(document, spots)
      return { document, index: spots.push(spot) - 1 }
    }
    const questions = this.#notes.map((note) => ({
      note,
      here: ask(note.document, note),
      there: note.first && ask(note.first.document, { path: note.first.path, part: 'value' }),
    }))

    const answers = new Map([...asked].map(([document, spots]) => [document, document.locate(spots)]))
    const answer = ({ document, index }: ReturnType<typeof ask>) => ({
      file: document.file,
      position: answers.get(document)?.[index],
    })

    const found = new Map<Document, Fault[]>(documents.map((document) => [document, [...document.faults]]))
    for (const { note, here, there } of questions) {
      const first = there && formatPlace(answer(there))
      const message = first ? `${note.message} (first at ${first})` : note.message
      found.get(note.document)?.push({ ...answer(here), path: note.path, message })
    }
    return [...found.values()].flatMap((faults) => faults.sort((a, b) => inText(a.position, b.position)))
  }
}

const START: Position = { line: 0, column: 0 }

const inText = (a = START, b = START) => a.line - b.line || a.column - b.column
