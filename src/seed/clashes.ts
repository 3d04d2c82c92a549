import type { Finding } from './check.js'
import type { Path } from './fault.js'
import { findUnservable, isServable } from './unservable.js'

/** An object of which nothing is known yet. */
export type Loose = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Loose => typeof value === 'object' && value !== null

/** The elements of a pipeline with their paths, as far as they are objects. */
export const elementsOf = (pipeline: Loose, path: Path): { element: Loose; path: Path; place: number }[] =>
  (Array.isArray(pipeline.elements) ? pipeline.elements : []).flatMap((element: unknown, i) =>
    isObject(element) ? [{ element, path: [...path, 'elements', i], place: i + 1 }] : [],
  )

/**
 * What no schema can say of a pipeline: names and orders that clash, values that are no JSON. The pipeline may have
 * other faults, for all are to be told at once.
 */
export function findClashes(pipeline: Loose, path: Path): Finding[] {
  const elements = elementsOf(pipeline, path)
  const unservable: Finding[] = []
  const look = (value: unknown, pathOf: () => Path) => {
    if (isObject(value) && !isServable(value)) unservable.push(...findUnservable(value, pathOf()))
  }
  for (const { element, path } of elements) {
    for (const key of OPEN_KEYS) look(element[key], () => [...path, key])
    if (isObject(element.mock)) look(element.mock.result, () => [...path, 'mock', 'result'])
  }
  return [
    ...findShared(elements, 'name', ({ element }) => element.name),
    ...findShared(elements, 'element_order', ({ element, place }) => element.element_order ?? place),
    ...unservable,
  ]
}

/** What of an element may hold anything. */
const OPEN_KEYS = ['job_config', 'result', 'error_detail'] as const

const REMEDIES = {
  name: 'give each element a name of its own',
  element_order: 'give each its own; left out, it is the place in the list',
}

function findShared(
  elements: ReturnType<typeof elementsOf>,
  key: keyof typeof REMEDIES,
  read: (one: (typeof elements)[number]) => unknown,
): Finding[] {
  const taken = new Map<unknown, number>()
  return elements.flatMap((one) => {
    const value = read(one)
    const first = taken.get(value)
    taken.set(value, first ?? one.place)
    if (first === undefined || value === undefined) return []
    const message = `${key} ${JSON.stringify(value)} is that of elements[${first - 1}] too: ${REMEDIES[key]}`
    return [{ path: key in one.element ? [...one.path, key] : one.path, part: 'value' as const, message }]
  })
}
