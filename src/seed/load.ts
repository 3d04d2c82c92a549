import { fileURLToPath } from 'node:url'
import { isMadeId } from '../pipelines/ids.js'
import type { Instant } from '../pipelines/instant.js'
import { checkerOf, type Finding, MORE } from './check.js'
import { idOfPipeline } from './complete.js'
import { elementsOf, findClashes, isObject, type Loose } from './clashes.js'
import { type Document, documentOf } from './document.js'
import { findContradictions } from './contradictions.js'
import { type Fault, FixtureError, formatFault, type Path } from './fault.js'
import { Fixture, type FixturePipeline } from './fixture.js'
import { Notes, type Place } from './notes.js'
import { readFixtures } from './read.js'
import { madeIds, Seed, type Written } from './seed.js'

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
  builder.refuseMadeIds()
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

class SeedBuilder {
  readonly faults = new Notes()
  readonly warnings = new Notes()
  readonly #start: Instant
  readonly #good: Written[] = []
  /** Who has which id; of an element, the pipeline that it is in. */
  readonly #pipelineIds = new Map<string, Written>()
  readonly #elementIds = new Map<string, Written>()
  /** Where each is written, in the order of the documents. Apart from it, for a document is not to be kept. */
  readonly #places = new Map<Written, Place>()
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
      const isGood = !isUnknown && !misshapen.has(i) && clashes.length === 0
      this.#claim(pipeline as FixturePipeline, place, isGood)
    }
    for (const finding of findings) this.faults.add(document, finding)
  }

  /** Where there are no faults, all that hold an id are good. */
  seed(): Seed {
    return new Seed(this.#good, this.#pipelineIds, this.#elementIds, this.#start)
  }

  /** Takes the ids of a pipeline; of one that is not good, those that are known. */
  #claim(fixture: FixturePipeline, place: Place, isGood: boolean): void {
    const id = typeof fixture.id === 'string' ? fixture.id : isGood ? this.#nextId(fixture.name) : ''
    const written = { fixture, id }
    this.#places.set(written, place)
    const first = id === '' ? undefined : this.#pipelineIds.get(id)
    if (first) this.#refuse('pipeline', id, place, this.#placeOf(first))
    else if (id !== '') this.#pipelineIds.set(id, written)
    for (const [i, element] of elementsOf(fixture as Loose).entries())
      if (isObject(element) && typeof element.id === 'string') this.#claimElement(element.id, written, i)
    if (!isGood || first) return
    for (const { path, message } of findContradictions(fixture, this.#start))
      this.warnings.add(place.document, valueAt([...place.path, ...path], message))
    this.#good.push(written)
  }

  #nextId(name: string): string {
    const nth = (this.#withoutId.get(name) ?? 0) + 1
    this.#withoutId.set(name, nth)
    return idOfPipeline(name, nth)
  }

  #claimElement(id: string, written: Written, i: number): void {
    const first = this.#elementIds.get(id)
    if (!first) this.#elementIds.set(id, written)
    else this.#refuse('element', id, this.#placeOf(written, i), this.#placeOf(first, indexOf(first, id)))
  }

  /** Refuses ids that were written, and are what elements have that were given none. Few fixtures have such as might be. */
  refuseMadeIds(): void {
    const suspects = new Set<string>()
    for (const id of this.#elementIds.keys()) if (isMadeId(id)) suspects.add(id)
    if (suspects.size === 0) return
    for (const written of this.#good)
      for (const [i, id] of madeIds(written)) {
        const other = suspects.has(id) && this.#elementIds.get(id)
        if (other) this.#refuse('element', id, this.#placeOf(other, indexOf(other, id)), this.#placeOf(written, i))
      }
  }

  #placeOf(written: Written, element?: number): Place {
    const { document, path } = this.#places.get(written) as Place
    return { document, path: element === undefined ? path : [...path, 'elements', element] }
  }

  #refuse(kind: string, id: string, { document, path }: Place, first: Place): void {
    const message = `another ${kind} has the id ${JSON.stringify(id)} already: give each its own`
    this.faults.add(document, valueAt([...path, 'id'], message), { ...first, path: [...first.path, 'id'] })
  }
}

/** Where a pipeline has the element with an id that was written. */
const indexOf = ({ fixture }: Written, id: string) =>
  elementsOf(fixture as Loose).findIndex((element) => isObject(element) && element.id === id)

const valueAt = (path: Path, message: string): Finding => ({ path, part: 'value', message })
