import { type Finding, show } from './check.js'
import type { Path } from './fault.js'

/** Deeper than anyone nests results, and far from where writing JSON would exhaust the stack. */
const MAX_DEPTH = 100

const tooDeep = { part: 'value', message: `this is nested more than ${MAX_DEPTH} levels deep: flatten it` } as const

/** Whether an answer in JSON shows it as it is. This alone is asked of most values, and is quick. */
export function isServable(value: unknown, depth = 0): boolean {
  if (depth > MAX_DEPTH) return false
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return isPlain(value)
  if (Array.isArray(value)) return value.every((inner) => isServable(inner, depth + 1))
  if (!isRecord(value)) return false
  for (const key in value) if (!isServable(value[key], depth + 1)) return false
  return true
}

const isPlain = (value: unknown) => value === null || ['undefined', 'boolean', 'string'].includes(typeof value)

const isRecord = (value: unknown): value is Record<string, unknown> => {
  const prototype: unknown = typeof value === 'object' && Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** What an answer in JSON could not show as it is: no JSON type, no JSON number, or nested too deep. */
export function findUnservable(value: unknown, path: Path = [], depth = 0): Finding[] {
  const finding = (message: string): Finding[] => [{ path, part: 'value', message }]
  if (depth > MAX_DEPTH) return [{ ...tooDeep, path: path.slice(0, -MAX_DEPTH) }]
  if (typeof value === 'number' && !Number.isFinite(value))
    return finding(`found ${value}, which JSON has no number for: use null or a text`)
  if (typeof value === 'number' || isPlain(value)) return []
  if (Array.isArray(value)) return value.flatMap((item, i) => findUnservable(item, [...path, i], depth + 1))
  if (!isRecord(value))
    return finding(`found ${show(value)}, which JSON has no form for: use a text, a number, a list or an object`)
  return Object.entries(value).flatMap(([key, inner]) => findUnservable(inner, [...path, key], depth + 1))
}
