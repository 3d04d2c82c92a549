import { type Finding, show } from './check.js'
import type { Path } from './fault.js'

/** Deeper than anyone nests results, and far from where writing JSON would exhaust the stack. */
const MAX_DEPTH = 100

const tooDeep = { part: 'value', message: `this is nested more than ${MAX_DEPTH} levels deep: flatten it` } as const

/** What an answer in JSON could not show as it is: no JSON type, no JSON number, or nested too deep. */
export function findUnservable(value: unknown, path: Path, depth = 0): Finding[] {
  const finding = (message: string): Finding[] => [{ path, part: 'value', message }]
  if (depth > MAX_DEPTH) return [{ ...tooDeep, path: path.slice(0, -MAX_DEPTH) }]
  if (typeof value === 'number' && !Number.isFinite(value))
    return finding(`found ${value}, which JSON has no number for: use null or a text`)
  if (value === null || ['undefined', 'boolean', 'number', 'string'].includes(typeof value)) return []
  if (Array.isArray(value)) return value.flatMap((item, i) => findUnservable(item, [...path, i], depth + 1))
  if (typeof value !== 'object' || ![Object.prototype, null].includes(Object.getPrototypeOf(value)))
    return finding(`found ${show(value)}, which JSON has no form for: use a text, a number, a list or an object`)
  return Object.entries(value).flatMap(([key, inner]) => findUnservable(inner, [...path, key], depth + 1))
}
