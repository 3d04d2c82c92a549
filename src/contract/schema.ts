import {
  Kind,
  type Static,
  type TObject,
  type TProperties,
  type TSchema,
  type TUnsafe,
  Type,
  TypeGuard,
  TypeRegistry,
} from '@sinclair/typebox'

/** Returns the title that pydantic generates for a field: `project_id` → `Project Id`. */
export const titleOf = (field: string) =>
  field
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')

/** Types of the schema keywords that the mock reads; TypeBox leaves them untyped. */
export interface Keywords extends TSchema {
  readonly $id?: string
  readonly $ref?: string
  readonly type?: string
  readonly enum?: readonly string[]
  readonly anyOf?: readonly Keywords[]
  readonly properties?: Readonly<Record<string, Keywords>>
  readonly required?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
}

const isReference = (schema: Keywords): boolean => '$ref' in schema || (schema.anyOf ?? []).some(isReference)

/** Adds pydantic's titles to properties, except to references to another model, which has its own title. */
function titled<P extends TProperties>(properties: P): P {
  const entries = Object.entries(properties).map(([field, schema]) =>
    isReference(schema) ? [field, schema] : [field, { title: titleOf(field), ...schema }],
  )
  return Object.fromEntries(entries) as P
}

/** Schema of an object that is published under `name`, as pydantic describes a model. */
export const Model = <P extends TProperties>(name: string, properties: P, options: { description?: string } = {}) =>
  Type.Object(titled(properties), { $id: name, title: name, ...options })

/**
 * Schema of the parameters of an operation, as FastAPI describes them. A parameter with a default is not required,
 * but always has a value after validation.
 */
export function Parameters<P extends TProperties>(parameters: P): TObject<P> {
  const schema = Type.Object(titled(parameters))
  const required = Object.keys(parameters).filter((name) => isRequired(parameters[name] as TSchema))
  return Object.assign(schema, { required })
}

const isRequired = (schema: TSchema) => !TypeGuard.IsOptional(schema) && schema.default === undefined

/** Reference to a published model: a `$ref` in the document, the type of the model in TypeScript. */
export const Reference = <S extends TSchema>(model: S) => Type.Unsafe<Static<S>>(Type.Ref(String(model.$id)))

/** Schema of an object that rejects unknown keys, which are mostly misspelled. */
export const Closed = <P extends TProperties>(properties: P, options: Record<string, unknown> = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options })

/** Schema of a closed object with a title. */
export const Titled = <P extends TProperties>(title: string, properties: P) => Closed(properties, { title })

/** Returns the schema with a description. */
export const described = <S extends TSchema>(schema: S, description: string) => ({ ...schema, description }) as S

export const optional = <S extends TSchema>(schema: S, description: string) =>
  Type.Optional(described(schema, description))

export const Nullable = <S extends TSchema>(schema: S, options: { description?: string } = {}) =>
  Type.Union([schema, Type.Null()], options)

/** Returns whether a value is a JSON object: neither null nor an array. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Returns schemas as plain JSON without `$id`s, which name components of the served OpenAPI document. */
export const withoutIds = <T extends object>(schemas: T) =>
  JSON.parse(JSON.stringify(schemas, (key, value: unknown) => (key === '$id' ? undefined : value))) as T

TypeRegistry.Set('ionworks-mock:OpenObject', (_, value) => isObject(value))

/** Schema of any JSON object, for objects whose keys the contract does not declare. */
export const OpenObject = (options: Record<string, unknown> = {}) =>
  Type.Unsafe<Readonly<Record<string, unknown>>>({ [Kind]: 'ionworks-mock:OpenObject', type: 'object', ...options })

/** Schema of a JSON object with values of one schema. It is read as a Map: an object moves keys like `2` first. */
export const Dictionary = <S extends TSchema>(values: S) =>
  Type.Unsafe<ReadonlyMap<string, Static<S>>>({ ...OpenObject(), additionalProperties: values })

TypeRegistry.Set<{ enum: readonly string[] }>(
  'ionworks-mock:StringEnum',
  (schema, value) => typeof value === 'string' && schema.enum.includes(value),
)

/** Schema of one of `values`, published as in the contract: `type: string` with `enum`, not a union of constants. */
export const StringEnum = <const V extends readonly string[]>(values: V, options: Record<string, unknown> = {}) =>
  Type.Unsafe<V[number]>({
    ...{ [Kind]: 'ionworks-mock:StringEnum', type: 'string', enum: values },
    ...options,
  }) as TUnsafe<V[number]> & { readonly enum: V }

/** Schema of a StringEnum that is published under `name`. */
export const Enum = <const V extends readonly string[]>(
  name: string,
  values: V,
  options: { description?: string } = {},
) => StringEnum(values, { $id: name, title: name, ...options })

/** Key of a schema for its description of valid values in messages. A symbol, so JSON Schemas do not contain it. */
export const expected = Symbol('expected')
