import type { ErrorCode } from '../contract/codes.js'
import { describeValue } from './check.js'
import type { Finding } from './collector.js'
import { MAX_ISSUES, type Path } from './issue.js'

/**
 * Maximum depth of nesting. This maximum is greater than the maximum depth of a request body of the mocked API, so that
 * every exported state can be seeded. `JSON.stringify` can convert much deeper values before it exhausts the stack.
 */
const MAX_DEPTH = 1000

/**
 * Returns whether JSON can represent a value. Returns false for a value that is nested too deeply or contains itself.
 * Returns true for undefined. This function is faster than `nonJsonValues`, so call `nonJsonValues` only for a value
 * that fails this check.
 */
export function isJson(value: unknown, depth = 0): boolean {
  if (depth > MAX_DEPTH) return false
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return isPrimitive(value)
  if (Array.isArray(value)) return value.every((inner) => isJson(inner, depth + 1))
  return isRecord(value) && holdsJson(value, depth + 1)
}

function holdsJson(record: Record<string, unknown>, depth: number): boolean {
  for (const key in record) if (!isJson(record[key], depth)) return false
  return true
}

/** Replaces infinite numbers inside a JSON value by null, as `JSON.stringify` does. */
export function replaceInfinity(value: unknown): void {
  if (Array.isArray(value)) for (let i = 0; i < value.length; i++) replaceIn(value, i)
  else if (isRecord(value)) for (const key in value) replaceIn(value, key)
}

function replaceIn<K extends PropertyKey>(owner: Record<K, unknown>, key: K): void {
  const value = owner[key]
  if (typeof value !== 'number') replaceInfinity(value)
  else if (!Number.isFinite(value)) owner[key] = null
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
 * Returns a deep copy of arrays and plain objects. Other values stay in the copy unchanged, so that `nonJsonValues`
 * can find them. `structuredClone` would throw an error if it found a function, and does not exist in jsdom.
 */
export function copyOf(root: unknown): unknown {
  const copies = new Map<unknown, unknown>()
  const rest: [original: object, copy: object][] = []
  const copied = (value: unknown): unknown => {
    if (!(Array.isArray(value) || isRecord(value))) return value
    const known = copies.get(value)
    if (known !== undefined) return known
    const copy = Array.isArray(value) ? [] : {}
    copies.set(value, copy)
    rest.push([value, copy])
    return copy
  }
  const copy = copied(root)
  for (let next = rest.pop(); next; next = rest.pop())
    for (const [key, inner] of Object.entries(next[0])) {
      const value = copied(inner)
      // An assignment to this key would set the prototype of the copy.
      if (key === '__proto__') Object.defineProperty(next[1], key, { value, enumerable: true, writable: true })
      else (next[1] as Record<string, unknown>)[key] = value
    }
  return copy
}

/**
 * Returns a finding for each part of a value that JSON cannot represent or that is nested too deeply. Returns at most
 * `MAX_ISSUES + 1` findings. `at` is the path of the value.
 */
export function nonJsonValues(root: unknown, at: Path = []): Finding[] {
  const findings: Finding[] = []
  const path = [...at]
  const ancestors = new Set<unknown>()
  const add = (code: ErrorCode, message: string, where = [...path]) =>
    void findings.push({ code, path: where, part: 'value', message })
  const visit = (value: unknown): void => {
    // This limit also limits the time: a value in which objects refer to each other in many places can have
    // exponentially many paths that end in a circular reference.
    if (findings.length > MAX_ISSUES) return
    if (ancestors.size > MAX_DEPTH)
      return add('too_deep', `nested more than ${MAX_DEPTH} levels deep; use fewer levels`, path.slice(0, -MAX_DEPTH))
    if (typeof value === 'number' && !Number.isFinite(value))
      return add('not_json', `found ${value}, which is not a JSON number; use null or a string`)
    if (typeof value === 'number' || isPrimitive(value)) return
    if (ancestors.has(value))
      return add(
        'circular_reference',
        'circular reference: JSON cannot represent a value that contains itself; remove the reference',
      )
    if (!(Array.isArray(value) || isRecord(value)))
      return add(
        'not_json',
        `found ${typeof value === 'object' ? 'an instance of a class' : describeValue(value)}, ` +
          'which JSON cannot represent; use a string, number, array or plain object',
      )
    ancestors.add(value)
    for (const [key, inner] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
      path.push(key)
      visit(inner)
      path.pop()
    }
    ancestors.delete(value)
  }
  visit(root)
  return findings
}
