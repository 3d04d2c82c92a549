/** A way into a document: keys and indexes from its root. */
export type Path = readonly (string | number)[]

/** A place in a file, both counted from 1; columns count UTF-16 units, as editors do. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** Something that is wrong with a fixture, and where. A document that never was a file has no `file`. */
export interface Fault {
  readonly file?: string | undefined
  readonly position?: Position | undefined
  readonly path?: Path | undefined
  /** What was found and what would be right. */
  readonly message: string
}

/** More than anyone reads. A million of them would take a minute to tell. */
export const MAX_FAULTS = 1000

export const MORE_FAULTS = `more than ${MAX_FAULTS} faults: the first are told`

/** As many as are told of a document, and that there are more. */
export const toldOf = (faults: readonly Fault[]): readonly Fault[] =>
  faults.length <= MAX_FAULTS
    ? faults
    : [{ position: { line: 1, column: 1 }, message: MORE_FAULTS }, ...faults.slice(0, MAX_FAULTS)]

/** `["pipelines", 0, "status"]` → `pipelines[0].status` */
export const formatPath = (path: Path) =>
  path
    .map((step, i) => {
      if (typeof step === 'number') return `[${step}]`
      if (!/^[\w$]+$/.test(step)) return `[${JSON.stringify(step)}]`
      return i === 0 ? step : `.${step}`
    })
    .join('')

export const formatPlace = ({ file, position }: Pick<Fault, 'file' | 'position'>) =>
  [file, position?.line, position?.column].filter((part) => part !== undefined).join(':')

/** `lab.yaml:7:15: pipelines[0].status: found "runing"; …` */
export const formatFault = (fault: Fault) =>
  [formatPlace(fault), fault.path ? formatPath(fault.path) : '', fault.message].filter((part) => part !== '').join(': ')

/** Fixtures that cannot be served: every fault found in them, in the order of their places. */
export class FixtureError extends Error {
  override readonly name = 'FixtureError'

  constructor(readonly faults: readonly Fault[]) {
    const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`
    super([`nothing was seeded: the fixtures have ${count}`, ...faults.map(formatFault)].join('\n'))
  }
}
