import { type TOptional, type TSchema, Type } from '@sinclair/typebox'
import { described } from '../contract/schema.js'

/** A field of a record: its default, and the key that fixtures have for it. */
interface Field<R, C, K extends keyof R> {
  /** Schema of the key in fixtures; absent if they have no such key. */
  readonly schema?: TSchema
  /** Describes the default. Absent: fixtures must have the key. */
  readonly otherwise?: string
  /** The default, or how it is computed from the fields before this one. Absent: the field must be given. */
  readonly default?: R[K] | ((record: R, context: C) => R[K])
  /** Computes the field from the value that is given. Default: it is that value. */
  readonly read?: (value: NonNullable<R[K]>, context: C) => R[K]
  readonly help?: string
}

/** All fields of a record, in the order of the wire. */
export type Fields<R, C> = { readonly [K in keyof R]: Field<R, C, K> }

/** A field with an optional key in fixtures. */
export const field = <S extends TSchema, D>(schema: S, otherwise: string, value: D, help = '') => ({
  schema,
  otherwise,
  default: value,
  help,
})

/** A record as far as it is given. */
export type Given<R> = { readonly [K in keyof R]?: R[K] | undefined }

/**
 * Makes a function that completes a record, or some of its fields: what is not given has its default, what is given as null
 * stays null. Keys are added in turn: a frozen copy of a template would take twice the memory.
 */
export function completerOf<R extends object, C, K extends keyof R = keyof R>(
  fields: Fields<R, C>,
  keys: readonly K[] = Object.keys(fields) as K[],
) {
  const computed = keys.map((key) => functionOf(fields[key].default))
  const constants = keys.map((key) => fields[key].default as R[K])
  const readers = keys.map((key) => fields[key].read)
  return (given: Given<R>, context: C): Pick<R, K> => {
    const record = {} as R
    for (const [i, key] of keys.entries()) {
      const [value, compute, read] = [given[key], computed[i], readers[i]]
      if (value === undefined) record[key] = (compute ? compute(record, context) : constants[i]) as R[K]
      else record[key] = read && value !== null ? read(value, context) : value
    }
    return record
  }
}

const functionOf = <R, C, V>(value: V | ((record: R, context: C) => V)) =>
  typeof value === 'function' ? (value as (record: R, context: C) => V) : undefined

type Described = Pick<Field<never, never, never>, 'schema' | 'otherwise' | 'help'> & {
  default?: unknown
  read?: unknown
}

type FixtureKeys<F> = {
  [K in keyof F as F[K] extends { schema: TSchema } ? K : never]: F[K] extends { schema: infer S extends TSchema }
    ? F[K] extends { otherwise: string }
      ? TOptional<S>
      : S
    : never
}

/** The keys that fixtures have for a record, each described by its help and its default. */
export function fixtureKeys<F extends Readonly<Record<string, Described>>>(fields: F): FixtureKeys<F> {
  const keys = Object.entries<Described>(fields).flatMap(([key, { schema, otherwise, help = '' }]) => {
    if (!schema) return []
    return [[key, otherwise === undefined ? describe(schema, help) : optionalKey(schema, otherwise, help)]]
  })
  return Object.fromEntries(keys) as FixtureKeys<F>
}

/** An optional key of fixtures, described by its help and its default. */
export const optionalKey = <S extends TSchema>(schema: S, otherwise: string, help = '') =>
  Type.Optional(describe(schema, `${help === '' ? '' : `${help}. `}Default: ${otherwise}.`))

const describe = <S extends TSchema>(schema: S, text: string) => (text === '' ? schema : described(schema, text))
