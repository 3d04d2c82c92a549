import { fileURLToPath } from 'node:url'
import { idsWithin } from '../pipelines/ids.js'
import type { Instant } from '../pipelines/instant.js'
import type { PipelineState } from '../pipelines/state.js'
import { checkerOf, type Finding, MORE } from './check.js'
import { complete, idOfPipeline } from './complete.js'
import { elementsOf, findClashes, isObject, type Loose } from './clashes.js'
import { type Document, documentOf } from './document.js'
import { findContradictions } from './contradictions.js'
import { type Fault, FixtureError, formatFault, type Path } from './fault.js'
import { Fixture, type FixturePipeline } from './fixture.js'
import { Notes, type Place } from './notes.js'
import { readFixtures } from './read.js'
import { Seed } from './seed.js'

/** Where fixtures come from: the path of a file or folder, its file URL, or the fixture itself as an object. */
export type FixtureSource = string | URL | Fixture

export interface Loaded {
  readonly seed: Seed
  /** How many files, or objects, the seed was made of. */
  readonly documents: number
  /** States that contradict themselves; they are served as they are. */
  readonly warnings: readonly Fault[]
}

/**
 * Reads, checks and completes fixtures. `start` is the time that relative times count from.
 * @throws FixtureError with every fault of every source, if there is any.
 */
export async function loadSeed(sources: readonly FixtureSource[], start: Instant): Promise<Loaded> {
  return loadDocuments(await openFixtures(sources), start)
}

/** Reads fixtures without a look at what they mean. */
export async function openFixtures(sources: readonly FixtureSource[]): Promise<Document[]> {
  const documents: Document[] = []
  for (const source of sources) documents.push(...(await open(source)))
  return documents
}

/**
 * Checks and completes what was read.
 * @throws FixtureError with every fault of every document, if there is any.
 */
export function loadDocuments(documents: readonly Document[], start: Instant): Loaded {
  const builder = new SeedBuilder(start)
  for (const document of documents) builder.add(document)
  const faults = builder.faults.inOrder(documents)
  if (faults.length > 0) throw new FixtureError(faults)
  return {
    seed: builder.seed(),
    documents: documents.length,
    warnings: builder.warnings.inOrder(documents),
  }
}

/** What there is to say of what was loaded. */
export const summaryOf = ({ seed, documents, warnings }: Loaded) => ({
  pipelines: seed.pipelineCount,
  elements: seed.elementCount,
  documents,
  warnings: warnings.map(formatFault),
})

async function open(source: FixtureSource): Promise<Document[]> {
  if (source instanceof URL) return readFixtures(fileURLToPath(source))
  return typeof source === 'string' ? readFixtures(source) : [copyOf(source)]
}

/** The caller's own object is neither frozen nor changed later by what happens to it. */
function copyOf(fixture: Fixture): Document {
  try {
    return documentOf(structuredClone(fixture))
  } catch (error) {
    const message = `${(error as Error).message}: a fixture holds nothing but data`
    return { ...documentOf(undefined), faults: [{ message }] }
  }
}

const checker = checkerOf(Fixture)

/** A pipeline as it is written, its place, and its id; that is empty where it is not known. */
interface Written {
  readonly pipeline: Loose
  readonly place: Place
  readonly id: string
}

type Holder = PipelineState | Written

class SeedBuilder {
  readonly #states: PipelineState[] = []
  readonly faults = new Notes()
  readonly warnings = new Notes()
  readonly #start: Instant
  /** Who has which id; of an element, the pipeline that it is in. One that cannot be seeded stands for itself. */
  readonly #pipelineIds = new Map<string, Holder>()
  readonly #elementIds = new Map<string, Holder>()
  readonly #writtenAs = new Map<PipelineState, Written>()
  readonly #withoutId = new Map<string, number>()

  constructor(start: Instant) {
    this.#start = start
  }

  /** No fault hides another: what is known of a pipeline that cannot be seeded is looked into all the same. */
  add(document: Document): void {
    if (document.faults.length > 0) return
    const findings = checker.isRight(document.value) ? [] : checker.findFaults(document.value)
    const misshapen = new Set(findings.map(({ path }) => path[1]))
    const isUnknown = findings.includes(MORE)
    const pipelines = isObject(document.value) ? document.value.pipelines : []
    for (const [i, pipeline] of (Array.isArray(pipelines) ? pipelines : []).entries()) {
      const place = { document, path: ['pipelines', i] }
      if (!isObject(pipeline)) continue
      const clashes = findClashes(pipeline, place.path)
      findings.push(...clashes)
      const id = typeof pipeline.id === 'string' ? pipeline.id : ''
      if (isUnknown || misshapen.has(i) || clashes.length > 0) this.#claimWritten({ pipeline, place, id })
      else this.#seed(pipeline as FixturePipeline, place)
    }
    for (const finding of findings) this.faults.add(document, finding)
  }

  /** Where there are no faults, all that hold an id are seeded. */
  seed(): Seed {
    type Index = ReadonlyMap<string, PipelineState>
    return new Seed(this.#states, this.#pipelineIds as Index, this.#elementIds as Index)
  }

  #seed(fixture: FixturePipeline, place: Place): void {
    const state = complete(fixture, fixture.id ?? this.#nextId(fixture.name), this.#start)
    const written = { pipeline: fixture, place, id: state.pipeline.id }
    this.#writtenAs.set(state, written)
    if (!this.#claimPipeline(written.id, written, state)) return this.#claimElements(written)
    const pathOf = (name: string) => pathTo(written, (element) => element.name === name)
    for (const { id, name } of state.elements) this.#claimElement(id, written, () => pathOf(name), state)
    for (const { element, key, message } of findContradictions(state, this.#start)) {
      const path = element === undefined ? place.path : pathOf(element)
      this.warnings.add(place.document, valueAt([...path, key], message))
    }
    this.#states.push(state)
  }

  /** A pipeline that is not seeded takes its ids from others all the same. */
  #claimWritten(written: Written): void {
    if (written.id) this.#claimPipeline(written.id, written)
    this.#claimElements(written)
  }

  /** The ids that were written; those that would be made from the pipeline's are not known. */
  #claimElements(written: Written): void {
    for (const { element, path } of elementsOf(written.pipeline, written.place.path))
      if (typeof element.id === 'string') this.#claimElement(element.id, written, () => path)
  }

  #nextId(name: string): string {
    const nth = (this.#withoutId.get(name) ?? 0) + 1
    this.#withoutId.set(name, nth)
    return idOfPipeline(name, nth)
  }

  /** Takes an id, or finds the fault that it is taken. */
  #claimPipeline(id: string, written: Written, holder: Holder = written): boolean {
    const first = this.#firstOf(this.#pipelineIds, id, holder)
    if (first) this.#refuse('pipeline', id, written.place, first.place)
    return first === undefined
  }

  #claimElement(id: string, written: Written, path: () => Path, holder: Holder = written): void {
    const first = this.#firstOf(this.#elementIds, id, holder)
    if (!first) return
    const idIn = ({ id, name }: Loose) => id ?? idsWithin(first.id)(String(name))
    const pathOfFirst = pathTo(first, (element) => idIn(element) === id)
    this.#refuse('element', id, { ...written.place, path: path() }, { ...first.place, path: pathOfFirst })
  }

  /** Who had the id before, if anyone had. */
  #firstOf(ids: Map<string, Holder>, id: string, holder: Holder): Written | undefined {
    const first = ids.get(id)
    if (!first) ids.set(id, holder)
    return first && ('place' in first ? first : this.#writtenAs.get(first))
  }

  #refuse(kind: string, id: string, { document, path }: Place, first: Place): void {
    const message = `another ${kind} has the id ${JSON.stringify(id)} already: give each its own`
    this.faults.add(document, valueAt([...path, 'id'], message), { ...first, path: [...first.path, 'id'] })
  }
}

/** The way to the element of a pipeline to which something applies. */
const pathTo = ({ pipeline, place }: Written, applies: (element: Loose) => boolean): Path =>
  elementsOf(pipeline, place.path).find(({ element }) => applies(element))?.path as Path

const valueAt = (path: Path, message: string): Finding => ({ path, part: 'value', message })
