import { type TOptional, type TSchema, Type } from '@sinclair/typebox'
import { described } from '../contract/schema.js'

/** How a field of a record is set: by a key in fixtures, or by a default. */
interface Field<R, C, K extends keyof R> {
  /** Schema of the key in fixtures. */
  readonly schema: TSchema
  /** Description of the default. Absent if fixtures must set the field. */
  readonly defaultText?: string
  /**
   * The default, or a function that computes the default from the preceding fields and the context. Absent if the
   * field has no default.
   */
  readonly default?: R[K] | ((record: R, context: C) => R[K])
  /**
   * Converts a given value to the value of the field. If this function is absent, given values are used unchanged.
   */
  readonly read?: (value: R[K], context: C) => R[K]
  readonly help?: string
}

/** All fields of a record, in the order in which responses contain them. */
export type Fields<R, C> = { readonly [K in keyof R]: Field<R, C, K> }

/** Returns a field that fixtures can set or omit. */
export const field = <S extends TSchema, D>(schema: S, defaultText: string, value: D, help = '') => ({
  schema,
  defaultText,
  default: value,
  help,
})

/** A record in which every field may be absent or undefined. */
export type Given<R> = { readonly [K in keyof R]?: R[K] | undefined }

/**
 * Returns a function that adds defaults to a record. A field that is absent or undefined gets its default. A field that
 * is null stays null. `G` is the type of the given record. Default: `R`. The returned record has the fields in `keys`,
 * by default all fields. The function adds the fields one by one: a copy of a template object would take twice as much
 * memory after the copy is frozen.
 */
export function completerOf<R extends object, C, K extends keyof R = keyof R, G = R>(
  fields: Fields<R, C>,
  keys: readonly K[] = Object.keys(fields) as K[],
) {
  const computed = keys.map((key) => functionOf(fields[key].default))
  const constants = keys.map((key) => fields[key].default as R[K])
  const readers = keys.map((key) => fields[key].read)
  return (given: Given<G>, context: C): Pick<R, K> => {
    const record = {} as R
    for (const [i, key] of keys.entries()) {
      const [value, compute, read] = [given[key as never] as R[K] | undefined, computed[i], readers[i]]
      if (value === undefined) record[key] = (compute ? compute(record, context) : constants[i]) as R[K]
      else record[key] = read ? read(value, context) : value
    }
    return record
  }
}

const functionOf = <R, C, V>(value: V | ((record: R, context: C) => V)) =>
  typeof value === 'function' ? (value as (record: R, context: C) => V) : undefined

type Described = Pick<Field<never, never, never>, 'schema' | 'defaultText' | 'help'> & {
  default?: unknown
  read?: unknown
}

type FixtureKeys<F> = {
  [K in keyof F]: F[K] extends { schema: infer S extends TSchema }
    ? F[K] extends { defaultText: string }
      ? TOptional<S>
      : S
    : never
}

/**
 * Returns the schemas of all keys that fixtures can set. The description of each schema contains the help text and
 * the default of the key.
 */
export function fixtureKeys<F extends Readonly<Record<string, Described>>>(fields: F): FixtureKeys<F> {
  const keys = Object.entries<Described>(fields).map(([key, { schema, defaultText, help = '' }]) => {
    return [key, defaultText === undefined ? describe(schema, help) : optionalKey(schema, defaultText, help)]
  })
  return Object.fromEntries(keys) as FixtureKeys<F>
}

/**
 * Returns the schema of an optional key in fixtures. The description of the schema contains the help text and the
 * default of the key.
 */
export const optionalKey = <S extends TSchema>(schema: S, defaultText: string, help = '') =>
  Type.Optional(describe(schema, `${help === '' ? '' : `${help}. `}Default: ${defaultText}.`))

const describe = <S extends TSchema>(schema: S, text: string) => (text === '' ? schema : described(schema, text))
