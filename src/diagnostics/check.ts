import type { Static, TSchema } from '@sinclair/typebox'
import { TypeCompiler, type ValueError, ValueErrorType } from '@sinclair/typebox/compiler'
import { MAX_FAULTS, MORE_FAULTS, type Path } from './issue.js'
import { expected } from '../contract/expected.js'
import { didYouMean } from './spelling.js'

/** What is wrong with a parsed document, and which part of it shows that. */
export interface Finding {
  readonly path: Path
  readonly part: 'key' | 'value'
  /** What was found and what would be right. */
  readonly message: string
}

/** Found where there is more to find. */
export const MORE: Finding = { path: [], part: 'value', message: MORE_FAULTS }

/** Checks documents against a shape, compiled once. */
export function checkerOf<S extends TSchema>(shape: S) {
  const compiled = TypeCompiler.Compile(shape)
  return {
    isRight: (document: unknown): document is Static<S> => compiled.Check(document),
    /** Every way in which a document is not of the shape, one for a place; of very many, the first. */
    findFaults(document: unknown): Finding[] {
      const findings = new Map<string, Finding>()
      for (const error of compiled.Errors(document)) {
        if (findings.size === MAX_FAULTS) return [MORE, ...findings.values()]
        if (!findings.has(error.path)) findings.set(error.path, findingOf(error, document))
      }
      return [...findings.values()]
    },
  }
}

function findingOf({ type, path: pointer, schema, value }: ValueError, document: unknown): Finding {
  const path = pathOf(pointer, document)
  if (type === ValueErrorType.ObjectRequiredProperty) {
    const key = JSON.stringify(path.at(-1))
    return { path: path.slice(0, -1), part: 'value', message: `the key ${key} is missing: add ${describe(schema)}` }
  }
  if (type === ValueErrorType.ObjectAdditionalProperties) {
    const known = Object.keys(schema.properties)
    const hint = didYouMean(String(path.at(-1)), known) || `; the keys here are ${known.join(', ')}`
    return { path, part: 'key', message: `this key is not known${hint}` }
  }
  const hint = typeof value === 'string' ? didYouMean(value, valuesOf(schema)) : ''
  const remedy = typeof value === 'number' && describe(schema).startsWith('a text') ? ': put it in quotes' : ''
  return { path, part: 'value', message: `found ${show(value)}, expected ${describe(schema)}${hint}${remedy}` }
}

/** A JSON pointer as keys and indexes. */
function pathOf(pointer: string, document: unknown): Path {
  const path: (string | number)[] = []
  let value = document
  for (const step of pointer.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
    path.push(Array.isArray(value) ? Number(key) : key)
    value = (value as Record<string, unknown> | undefined)?.[key]
  }
  return path
}

export function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

const valuesOf = (schema: TSchema): string[] => schema.enum ?? schema.anyOf?.flatMap(valuesOf) ?? []

const TYPES: Record<string, string> = {
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number from 1',
  null: 'null',
  object: 'an object',
  string: 'a text',
}

function describe(schema: TSchema): string {
  if (expected in schema) return String(schema[expected as never])
  if (schema.anyOf) return schema.anyOf.map(describe).join(' or ')
  if (schema.enum) return `one of ${schema.enum.join(', ')}`
  return TYPES[schema.type] as string
}
