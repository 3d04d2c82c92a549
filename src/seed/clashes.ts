import type { Finding } from './check.js'
import type { Path } from './fault.js'
import { findUnservable, isServable } from './unservable.js'

/** An object of which nothing is known yet. */
export type Loose = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Loose => typeof value === 'object' && value !== null

/** The elements of a pipeline, as far as there are any. */
export const elementsOf = ({ elements }: Loose): readonly unknown[] => (Array.isArray(elements) ? elements : [])

/**
 * What no schema can say of a pipeline: names and orders that clash, values that are no JSON. The pipeline may have
 * other faults, for all are to be told at once.
 */
export function findClashes(pipeline: Loose, path: Path): Finding[] {
  const elements = elementsOf(pipeline)
  const findings = findUnservableIn(elements, path)
  const names = elements.map((element) => (isObject(element) ? element.name : undefined))
  if (hasRepeats(names)) findings.push(...findShared('name', names, elements, path))
  if (!elements.some((element) => isObject(element) && element.element_order !== undefined)) return findings
  const orders = elements.map((element, i) => (isObject(element) ? (element.element_order ?? i + 1) : undefined))
  if (hasRepeats(orders)) findings.push(...findShared('element_order', orders, elements, path))
  return findings
}

/** Of a few, to compare each with each is quickest. */
const hasRepeats = (values: readonly unknown[]) =>
  values.length > 16 ? new Set(values).size < values.length : values.some((value, i) => values.indexOf(value) < i)

/** What of an element may hold anything. */
const OPEN_KEYS = ['job_config', 'result', 'error_detail'] as const

function findUnservableIn(elements: readonly unknown[], path: Path): Finding[] {
  const findings: Finding[] = []
  const look = (value: unknown, i: number, ...keys: string[]) => {
    if (isObject(value) && !isServable(value))
      findings.push(...findUnservable(value, [...path, 'elements', i, ...keys]))
  }
  for (const [i, element] of elements.entries()) {
    if (!isObject(element)) continue
    for (const key of OPEN_KEYS) if (element[key]) look(element[key], i, key)
    if (isObject(element.mock)) look(element.mock.result, i, 'mock', 'result')
  }
  return findings
}

const REMEDIES = {
  name: 'give each element a name of its own',
  element_order: 'give each its own; left out, it is the place in the list',
}

function findShared(
  key: keyof typeof REMEDIES,
  values: readonly unknown[],
  elements: readonly unknown[],
  path: Path,
): Finding[] {
  const taken = new Map<unknown, number>()
  return values.flatMap((value, i) => {
    const first = taken.get(value)
    if (first === undefined) taken.set(value, i)
    if (first === undefined || value === undefined) return []
    const message = `${key} ${JSON.stringify(value)} is that of elements[${first}] too: ${REMEDIES[key]}`
    const place = [...path, 'elements', i]
    return [{ path: key in (elements[i] as Loose) ? [...place, key] : place, part: 'value' as const, message }]
  })
}
