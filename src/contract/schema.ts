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

/** `project_id` → `Project Id`: the title that pydantic gives a field which was given none. */
export const titleOf = (field: string) =>
  field
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')

/** A schema whose keywords are read: TypeBox leaves them untyped. */
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

/** Gives every property its pydantic title; what refers to another model carries that model's title instead. */
function titled<P extends TProperties>(properties: P): P {
  const entries = Object.entries(properties).map(([field, schema]) =>
    isReference(schema) ? [field, schema] : [field, { title: titleOf(field), ...schema }],
  )
  return Object.fromEntries(entries) as P
}

/** An object published under `name`, as pydantic describes a model. */
export const Model = <P extends TProperties>(name: string, properties: P, options: { description?: string } = {}) =>
  Type.Object(titled(properties), { $id: name, title: name, ...options })

/** Parameters of an operation as FastAPI describes them: with a default they are not required, but always have a value. */
export function Parameters<P extends TProperties>(parameters: P): TObject<P> {
  const schema = Type.Object(titled(parameters))
  const required = Object.keys(parameters).filter((name) => isRequired(parameters[name] as TSchema))
  return Object.assign(schema, { required })
}

const isRequired = (schema: TSchema) => !TypeGuard.IsOptional(schema) && schema.default === undefined

/** A published model used inside another: a `$ref` in the document, the model's own type in TypeScript. */
export const Reference = <S extends TSchema>(model: S) => Type.Unsafe<Static<S>>(Type.Ref(String(model.$id)))

/** An object that takes no other keys: an unknown key is a typing error. */
export const Closed = <P extends TProperties>(properties: P, options: Record<string, unknown> = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options })

/** A closed object with a title. */
export const Titled = <P extends TProperties>(title: string, properties: P) => Closed(properties, { title })

/** The same schema, with a line for readers. */
export const described = <S extends TSchema>(schema: S, description: string) => ({ ...schema, description }) as S

export const optional = <S extends TSchema>(schema: S, description: string) =>
  Type.Optional(described(schema, description))

export const Nullable = <S extends TSchema>(schema: S, options: { description?: string } = {}) =>
  Type.Union([schema, Type.Null()], options)

/** Whether a value is an object as JSON has it: neither null nor an array. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Returns a schema, or something with schemas in it, as plain JSON without `$id`s: they belong to the served document. */
export const withoutIds = <T extends object>(schemas: T) =>
  JSON.parse(JSON.stringify(schemas, (key, value: unknown) => (key === '$id' ? undefined : value))) as T

TypeRegistry.Set('ionworks-mock:OpenObject', (_, value) => isObject(value))

/** Any JSON object: the contract does not say what is inside. */
export const OpenObject = (options: Record<string, unknown> = {}) =>
  Type.Unsafe<Readonly<Record<string, unknown>>>({ [Kind]: 'ionworks-mock:OpenObject', type: 'object', ...options })

/** A JSON object whose every value is of one shape. It is read as a map: an object would put keys like `2` first. */
export const Dictionary = <S extends TSchema>(values: S) =>
  Type.Unsafe<ReadonlyMap<string, Static<S>>>({ ...OpenObject(), additionalProperties: values })

TypeRegistry.Set<{ enum: readonly string[] }>(
  'ionworks-mock:StringEnum',
  (schema, value) => typeof value === 'string' && schema.enum.includes(value),
)

/** One of `values`, published as the contract has it: `type: string` with `enum`, not a union of constants. */
export const StringEnum = <const V extends readonly string[]>(values: V, options: Record<string, unknown> = {}) =>
  Type.Unsafe<V[number]>({
    ...{ [Kind]: 'ionworks-mock:StringEnum', type: 'string', enum: values },
    ...options,
  }) as TUnsafe<V[number]> & { readonly enum: V }

/** A StringEnum published under `name`. */
export const Enum = <const V extends readonly string[]>(
  name: string,
  values: V,
  options: { description?: string } = {},
) => StringEnum(values, { $id: name, title: name, ...options })

/** Says in a schema what a valid value is, for messages, where the schema alone does not. Absent from JSON Schemas. */
export const expected = Symbol('expected')
