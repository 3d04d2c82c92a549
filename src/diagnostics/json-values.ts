import { type Finding, show } from './check.js'
import { MAX_FAULTS, type Path } from './issue.js'

/** Deeper than anyone nests results, and far from where writing JSON would exhaust the stack. */
const MAX_DEPTH = 100

const TOO_DEEP = `this is nested more than ${MAX_DEPTH} levels deep: flatten it`

/** Whether an answer in JSON shows it as it is. This alone is asked of most values, and is quick. */
export function isServable(value: unknown, within: unknown[] = []): boolean {
  if (within.length > MAX_DEPTH) return false
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return isPlain(value)
  if (within.includes(value)) return false
  within.push(value)
  const isRight = Array.isArray(value)
    ? value.every((inner) => isServable(inner, within))
    : isRecord(value) && holdsServable(value, within)
  within.pop()
  return isRight
}

function holdsServable(record: Record<string, unknown>, within: unknown[]): boolean {
  for (const key in record) if (!isServable(record[key], within)) return false
  return true
}

const isPlain = (value: unknown) => value === null || ['undefined', 'boolean', 'string'].includes(typeof value)

const isRecord = (value: unknown): value is Record<string, unknown> => {
  const prototype: unknown = typeof value === 'object' && Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** What an answer in JSON could not show as it is: no JSON type, no JSON number, nested too deep, or endless. */
export function findUnservable(root: unknown, at: Path = []): Finding[] {
  const findings: Finding[] = []
  const look = (value: unknown, path: Path, within: readonly unknown[]): void => {
    // What stands in many places within itself has faults without number.
    if (findings.length === MAX_FAULTS) return
    const note = (message: string, where = path) => void findings.push({ path: where, part: 'value', message })
    if (within.length > MAX_DEPTH) return note(TOO_DEEP, path.slice(0, -MAX_DEPTH))
    if (typeof value === 'number' && !Number.isFinite(value))
      return note(`found ${value}, which JSON has no number for: use null or a text`)
    if (typeof value === 'number' || isPlain(value)) return
    if (within.includes(value))
      return note('this stands within itself, which has no end in JSON: write out what is meant')
    const around = [...within, value]
    if (Array.isArray(value)) for (const [i, item] of value.entries()) look(item, [...path, i], around)
    else if (isRecord(value)) for (const [key, item] of Object.entries(value)) look(item, [...path, key], around)
    else note(`found ${show(value)}, which JSON has no form for: use a text, a number, a list or an object`)
  }
  look(root, at, [])
  return findings
}
