import type { Static, TSchema } from '@sinclair/typebox'
import { TypeCompiler, type ValueError, ValueErrorType } from '@sinclair/typebox/compiler'
import { expected, type Keywords } from '../contract/schema.js'
import type { Finding } from './collector.js'
import { MAX_ISSUES, type Path } from './issue.js'
import { didYouMean } from './spelling.js'

/** Compiles a schema. Returns functions that check a value against the schema. */
export function checkerOf<S extends TSchema>(shape: S) {
  const compiled = TypeCompiler.Compile(shape)
  return {
    check: (value: unknown): value is Static<S> => compiled.Check(value),
    /** Returns one finding for each invalid path, and at most `MAX_ISSUES + 1` findings. */
    errors: (value: unknown): Finding[] => {
      const findings = new Map<string, Finding>()
      for (const error of compiled.Errors(value)) {
        if (findings.size > MAX_ISSUES) break
        if (!findings.has(error.path)) findings.set(error.path, findingOf(error, value))
      }
      return [...findings.values()]
    },
  }
}

function findingOf({ type, path: pointer, schema, value }: ValueError, root: unknown): Finding {
  const path = pathOf(pointer, root)
  if (type === ValueErrorType.ObjectRequiredProperty) {
    const message = `missing key ${JSON.stringify(path.at(-1))}; set it to ${describe(schema)}`
    return { code: 'missing_key', path: path.slice(0, -1), part: 'value', message }
  }
  if (type === ValueErrorType.ObjectAdditionalProperties) {
    const known = Object.keys((schema as Required<Keywords>).properties)
    const hint = didYouMean(String(path.at(-1)), known) || `; known keys: ${known.join(', ') || 'none'}`
    return { code: 'unknown_key', path, part: 'key', message: `unknown key${hint}` }
  }
  const hint = typeof value === 'string' ? didYouMean(value, valuesOf(schema)) : ''
  const remedy = typeof value === 'number' && describe(schema).startsWith('a string') ? '; put it in quotes' : ''
  const message = `found ${describeValue(value)}, expected ${describe(schema)}${hint}${remedy}`
  return { code: 'invalid_value', path, part: 'value', message }
}

/**
 * Converts a JSON pointer to a path. `root` is the value to which the pointer applies: only the value shows whether a
 * step is an array index or a key.
 */
function pathOf(pointer: string, root: unknown): Path {
  const path: (string | number)[] = []
  let value = root
  for (const step of pointer.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
    path.push(Array.isArray(value) ? Number(key) : key)
    value = (value as Record<string, unknown> | undefined)?.[key]
  }
  return path
}

/** Describes a value for a message. A long description is truncated. */
export function describeValue(value: unknown): string {
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  if (text.length <= 60) return text
  return text.slice(0, 60) + (typeof value === 'string' ? '…"' : '…')
}

const valuesOf = (schema: Keywords): readonly string[] => schema.enum ?? schema.anyOf?.flatMap(valuesOf) ?? []

const TYPES: Record<string, string> = {
  array: 'an array',
  boolean: 'true or false',
  object: 'an object',
  null: 'null',
  number: 'a number',
}

function describe(schema: Keywords): string {
  if (expected in schema) return String((schema as Record<symbol, unknown>)[expected])
  if (schema.anyOf) return schema.anyOf.map(describe).join(' or ')
  if (schema.enum) return `one of ${schema.enum.join(', ')}`
  return schema.type === 'integer' ? `an integer from ${schema.minimum}` : (TYPES[String(schema.type)] ?? 'a string')
}
