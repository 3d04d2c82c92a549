import { deepFreeze } from '../pipelines/freeze.js'
import { idsWithin, isMadeId } from '../pipelines/ids.js'
import type { Instant } from '../pipelines/instant.js'
import type { PipelineState } from '../pipelines/state.js'
import { complete, projectOf } from './complete.js'
import type { FixturePipeline } from './fixture.js'

/** A pipeline as a fixture has it, and its id. */
export interface Written {
  readonly fixture: FixturePipeline
  readonly id: string
  /** Its records, once somebody has looked at it. */
  state?: PipelineState
}

/**
 * All pipelines that a mock begins with, indexed once. Shared by every sandbox, and never written to. What is taken out is
 * completed and frozen when it is taken out first: most of a large seed never is.
 */
export class Seed {
  readonly #written: readonly Written[]
  readonly #byId: ReadonlyMap<string, Written>
  readonly #byElement: ReadonlyMap<string, Written>
  readonly #start: Instant
  readonly #byProject = new Map<string, Written[]>()
  #byMadeElement: ReadonlyMap<string, Written> | undefined
  readonly elementCount: number

  /** The maps have each pipeline by its id, and by those of its elements that were written. Times count from `start`. */
  constructor(
    written: readonly Written[],
    byId: ReadonlyMap<string, Written>,
    byElement: ReadonlyMap<string, Written>,
    start: Instant,
  ) {
    this.#written = written
    this.#byId = byId
    this.#byElement = byElement
    this.#start = start
    let count = 0
    for (const one of written) {
      count += one.fixture.elements?.length ?? 0
      const project_id = projectOf(one.fixture)
      const project = this.#byProject.get(project_id)
      if (project) project.push(one)
      else this.#byProject.set(project_id, [one])
    }
    this.elementCount = count
  }

  get pipelineCount(): number {
    return this.#written.length
  }

  /** The project of the first pipeline, if there is one. */
  get project_id(): string | undefined {
    const [first] = this.#written
    return first && projectOf(first.fixture)
  }

  /** In the order of the fixtures. */
  get pipelines(): readonly PipelineState[] {
    return this.#written.map((one) => this.#stateOf(one))
  }

  pipeline(id: string): PipelineState | undefined {
    const written = this.#byId.get(id)
    return written && this.#stateOf(written)
  }

  /** The pipeline that an element belongs to. */
  pipelineOfElement(id: string): PipelineState | undefined {
    const written = this.#byElement.get(id) ?? (isMadeId(id) ? this.#madeElements().get(id) : undefined)
    return written && this.#stateOf(written)
  }

  /** Whether a fixture gives this id to a pipeline or to an element. */
  isWritten(id: string): boolean {
    return this.#byId.has(id) || this.#byElement.has(id)
  }

  /** In the order of the fixtures. */
  pipelinesOf(project_id: string): readonly PipelineState[] {
    return (this.#byProject.get(project_id) ?? []).map((one) => this.#stateOf(one))
  }

  #stateOf(written: Written): PipelineState {
    return (written.state ??= deepFreeze(complete(written.fixture, written.id, this.#start)))
  }

  /** Indexed when somebody asks for such an element: hashing names takes longer than all else at a start. */
  #madeElements(): ReadonlyMap<string, Written> {
    return (this.#byMadeElement ??= new Map(this.#written.flatMap((one) => madeIds(one).map(([, id]) => [id, one]))))
  }
}

/** The places and ids of those elements to which the fixture gives no id. */
export function madeIds({ fixture, id }: Written): [place: number, id: string][] {
  const idWithin = idsWithin(id)
  return (fixture.elements ?? []).flatMap(({ id, name }, i) => (id === undefined ? [[i, idWithin(name)]] : []))
}
