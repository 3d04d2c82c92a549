import type { ErrorCode } from '../contract/codes.js'
import { describeValue } from './check.js'
import type { Finding } from './collector.js'
import { MAX_ISSUES, type Path } from './issue.js'

/**
 * Maximum depth of nesting. Real results are nested far less deeply. `JSON.stringify` can convert much deeper values
 * before it exhausts the stack.
 */
const MAX_DEPTH = 100

/**
 * Returns whether JSON can represent a value and the value is not nested too deeply. Returns true for undefined. This
 * function is faster than `nonJsonValues`, so call `nonJsonValues` only for a value that fails this check.
 */
export function isJson(value: unknown, ancestors: unknown[] = []): boolean {
  if (ancestors.length > MAX_DEPTH) return false
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return isPrimitive(value)
  if (ancestors.includes(value)) return false
  ancestors.push(value)
  const holds = Array.isArray(value)
    ? value.every((inner) => isJson(inner, ancestors))
    : isRecord(value) && holdsJson(value, ancestors)
  ancestors.pop()
  return holds
}

function holdsJson(record: Record<string, unknown>, ancestors: unknown[]): boolean {
  for (const key in record) if (!isJson(record[key], ancestors)) return false
  return true
}

const isPrimitive = (value: unknown) => value === null || ['undefined', 'boolean', 'string'].includes(typeof value)

/**
 * Returns whether a value is a plain object, in any realm. Some test runners run each test file in its own realm,
 * with its own global `Object`.
 */
const isRecord = (value: unknown): value is Record<string, unknown> => {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/**
 * Returns a deep copy of arrays and plain objects. Other values, and values that are nested too deeply, stay in the
 * copy unchanged, so that `nonJsonValues` can find them. `structuredClone` would throw an error if it found a
 * function, and does not exist in jsdom.
 */
export function copyOf(value: unknown, copies = new Map<unknown, unknown>(), depth = 0): unknown {
  if (!(Array.isArray(value) || isRecord(value)) || depth > MAX_DEPTH + 1) return value
  const known = copies.get(value)
  if (known !== undefined) return known
  const copy: unknown[] | Record<string, unknown> = Array.isArray(value) ? [] : {}
  copies.set(value, copy)
  for (const [key, inner] of Object.entries(value)) {
    const copied = copyOf(inner, copies, depth + 1)
    // An assignment to this key would set the prototype of the copy.
    if (key === '__proto__') Object.defineProperty(copy, key, { value: copied, enumerable: true, writable: true })
    else (copy as Record<string, unknown>)[key] = copied
  }
  return copy
}

/**
 * Returns a finding for each part of a value that JSON cannot represent or that is nested too deeply, up to
 * `MAX_ISSUES` findings. `at` is the path of the value.
 */
export function nonJsonValues(root: unknown, at: Path = []): Finding[] {
  const findings: Finding[] = []
  const visit = (value: unknown, path: Path, ancestors: readonly unknown[]): void => {
    // This limit also limits the time: a value in which objects refer to each other in many places can have
    // exponentially many paths that end in a circular reference.
    if (findings.length === MAX_ISSUES) return
    const add = (code: ErrorCode, message: string, where = path) =>
      void findings.push({ code, path: where, part: 'value', message })
    if (ancestors.length > MAX_DEPTH)
      return add('too_deep', `nested more than ${MAX_DEPTH} levels deep; use fewer levels`, path.slice(0, -MAX_DEPTH))
    if (typeof value === 'number' && !Number.isFinite(value))
      return add('not_json', `found ${value}, which is not a JSON number; use null or a string`)
    if (typeof value === 'number' || isPrimitive(value)) return
    if (ancestors.includes(value))
      return add('circular_reference', 'circular reference, which JSON cannot represent; remove it')
    const inside = [...ancestors, value]
    if (Array.isArray(value)) for (const [i, item] of value.entries()) visit(item, [...path, i], inside)
    else if (isRecord(value)) for (const [key, item] of Object.entries(value)) visit(item, [...path, key], inside)
    else
      add(
        'not_json',
        `found ${typeof value === 'object' ? 'an instance of a class' : describeValue(value)}, ` +
          'which JSON cannot represent; use a string, number, array or plain object',
      )
  }
  visit(root, at, [])
  return findings
}
