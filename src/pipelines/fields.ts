import { type TOptional, type TSchema, Type } from '@sinclair/typebox'
import { described } from '../contract/schema.js'

/** A field of a record: its default, and the key that fixtures have for it. */
interface Field<R, C, K extends keyof R> {
  /** Schema of the key in fixtures; absent if they have no such key. */
  readonly schema?: TSchema
  /** Describes the default. Absent: fixtures must have the key. */
  readonly otherwise?: string
  /** The default. The record has the fields before this one. Absent: the field must be given. */
  readonly default?: (record: R, context: C) => R[K]
  readonly help?: string
}

/** All fields of a record, in the order of the wire. */
export type Fields<R, C> = { readonly [K in keyof R]: Field<R, C, K> }

/** An optional key of fixtures. */
export const field = <S extends TSchema, D>(schema: S, otherwise: string, value: D, help = '') => ({
  schema,
  otherwise,
  default: value,
  help,
})

/** A record as far as it is given. */
export type Given<R> = { readonly [K in keyof R]?: R[K] | undefined }

/**
 * Makes a function that completes a record, or only some of its fields: what is not given has its default, what is given
 * as null stays null.
 */
export function completerOf<R extends object, C>(fields: Fields<R, C>) {
  const all = Object.keys(fields) as (keyof R)[]
  return <K extends keyof R = keyof R>(given: Given<R>, context: C, keys?: readonly K[]): Pick<R, K> => {
    const record = {} as R
    const wanted: readonly (keyof R)[] = keys ?? all
    for (const key of wanted) {
      const value = given[key]
      record[key] = (value === undefined ? fields[key].default?.(record, context) : value) as R[keyof R]
    }
    return record
  }
}

type Described = Omit<Field<never, never, never>, 'default'> & { readonly default?: unknown }

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
  return Object.fromEntries(keys)
}

/** An optional key of fixtures, described by its help and its default. */
export const optionalKey = <S extends TSchema>(schema: S, otherwise: string, help = '') =>
  Type.Optional(describe(schema, `${help === '' ? '' : `${help}. `}Default: ${otherwise}.`))

const describe = <S extends TSchema>(schema: S, text: string) => (text === '' ? schema : described(schema, text))
