import { fileURLToPath } from 'node:url'
import type { Instant } from '../pipelines/instant.js'
import type { PipelineState } from '../pipelines/state.js'
import { checkerOf, type Finding } from './check.js'
import { complete, idOfPipeline } from './complete.js'
import { elementsOf, findClashes, isObject } from './clashes.js'
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
    seed: new Seed(builder.states),
    documents: documents.length,
    warnings: builder.warnings.inOrder(documents),
  }
}

/** What there is to say of what was loaded. */
export const summaryOf = ({ seed, documents, warnings }: Loaded) => ({
  pipelines: seed.pipelines.length,
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
  readonly states: PipelineState[] = []
  readonly faults = new Notes()
  readonly warnings = new Notes()
  readonly #start: Instant
  readonly #pipelineIds = new Map<string, Place>()
  readonly #elementIds = new Map<string, Place>()
  readonly #withoutId = new Map<string, number>()

  constructor(start: Instant) {
    this.#start = start
  }

  /** No fault hides another: what is known of a pipeline that cannot be seeded is looked into all the same. */
  add(document: Document): void {
    if (document.faults.length > 0) return
    const findings = checker.isRight(document.value) ? [] : checker.findFaults(document.value)
    const misshapen = new Set(findings.map(({ path }) => path[1]))
    const pipelines = isObject(document.value) ? document.value.pipelines : []
    for (const [i, pipeline] of (Array.isArray(pipelines) ? pipelines : []).entries()) {
      const place = { document, path: ['pipelines', i] }
      if (!isObject(pipeline)) continue
      const clashes = findClashes(pipeline, place.path)
      findings.push(...clashes)
      if (misshapen.has(i) || clashes.length > 0) this.#claimWritten(pipeline, place)
      else this.#seed(pipeline as FixturePipeline, place)
    }
    for (const finding of findings) this.faults.add(document, finding)
  }

  #seed(fixture: FixturePipeline, { document, path }: Place): void {
    const state = complete(fixture, fixture.id ?? this.#nextId(fixture.name), this.#start)
    const written = new Map(elementsOf(fixture, path).map(({ element, path }) => [element.name, path]))
    const pathOf = (name: string) => written.get(name) as Path

    if (!this.#claim(this.#pipelineIds, 'pipeline', state.pipeline.id, { document, path: [...path, 'id'] }))
      return this.#claimElements(fixture, { document, path })
    for (const { id, name } of state.elements)
      this.#claim(this.#elementIds, 'element', id, { document, path: [...pathOf(name), 'id'] })
    for (const { element, key, message } of findContradictions(state, this.#start))
      this.warnings.add(document, valueAt([...(element === undefined ? path : pathOf(element)), key], message))
    this.states.push(state)
  }

  /** A pipeline that is not seeded takes its ids from others all the same. */
  #claimWritten(pipeline: Readonly<Record<string, unknown>>, { document, path }: Place): void {
    if (typeof pipeline.id === 'string')
      this.#claim(this.#pipelineIds, 'pipeline', pipeline.id, { document, path: [...path, 'id'] })
    this.#claimElements(pipeline, { document, path })
  }

  /** The ids that were written; those that would be made from the pipeline's are not known. */
  #claimElements(pipeline: Readonly<Record<string, unknown>>, { document, path }: Place): void {
    for (const { element, path: at } of elementsOf(pipeline, path))
      if (typeof element.id === 'string')
        this.#claim(this.#elementIds, 'element', element.id, { document, path: [...at, 'id'] })
  }

  #nextId(name: string): string {
    const nth = (this.#withoutId.get(name) ?? 0) + 1
    this.#withoutId.set(name, nth)
    return idOfPipeline(name, nth)
  }

  /** Takes an id for a place, or finds the fault that it is taken. */
  #claim(ids: Map<string, Place>, kind: string, id: string, place: Place): boolean {
    const first = ids.get(id)
    if (first === undefined) {
      ids.set(id, place)
      return true
    }
    const message = `another ${kind} has the id ${JSON.stringify(id)} already: give each its own`
    this.faults.add(place.document, valueAt(place.path, message), first)
    return false
  }
}

const valueAt = (path: Path, message: string): Finding => ({ path, part: 'value', message })
