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

/**
 * Schema keyword. Its value is the JSON Schema that documents contain in place of this schema. The keyword is necessary
 * if TypeBox could not report issues of a value precisely with the published form.
 */
export const published = Symbol('published')

/** Schema keyword. Its value is the original schema, before `described` replaced the description. */
export const undescribed = Symbol('undescribed')

/** The schema keywords that the mock reads, with their types. TypeBox does not declare these types. */
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
  readonly [published]?: Keywords
  readonly [undescribed]?: Keywords
}

const isReference = (schema: Keywords): boolean => '$ref' in schema || (schema.anyOf ?? []).some(isReference)

/**
 * Adds a title to each property, as pydantic does. A reference to a model gets no title, because the model has its own
 * title.
 */
function titled<P extends TProperties>(properties: P): P {
  const entries = Object.entries(properties).map(([field, schema]) =>
    isReference(schema) ? [field, schema] : [field, { title: titleOf(field), ...schema }],
  )
  return Object.fromEntries(entries) as P
}

/**
 * Returns the schema of a model in the form that pydantic generates. In the OpenAPI document, the schema has the name
 * `name`.
 */
export const Model = <P extends TProperties>(name: string, properties: P, options: { description?: string } = {}) =>
  Type.Object(titled(properties), { $id: name, title: name, ...options })

/**
 * Returns the schema of the parameters of an operation, as FastAPI describes them. A parameter with a default is not
 * required in requests, but its TypeScript type is not optional, because validation sets the default.
 */
export function Parameters<P extends TProperties>(parameters: P): TObject<P> {
  const schema = Type.Object(titled(parameters))
  const required = Object.keys(parameters).filter((name) => isRequired(parameters[name] as TSchema))
  return Object.assign(schema, { required })
}

const isRequired = (schema: TSchema) => !TypeGuard.IsOptional(schema) && schema.default === undefined

/** Returns a reference to a model: a `$ref` in the OpenAPI document, with the TypeScript type of the model. */
export const Reference = <S extends TSchema>(model: S) => Type.Unsafe<Static<S>>(Type.Ref(String(model.$id)))

/**
 * Returns the schema of an object with only the given keys. Other keys are invalid, because an unknown key is usually
 * a misspelled key.
 */
export const Closed = <P extends TProperties>(properties: P, options: Record<string, unknown> = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options })

/** Returns a closed schema (see `Closed`) that has the name `name` in the OpenAPI document. */
export const Named = <P extends TProperties>(name: string, properties: P, options: Record<string, unknown> = {}) =>
  Closed(properties, { $id: name, ...options })

/** Returns a copy of a schema with another description. */
export const described = <S extends TSchema>(schema: S, description: string): S => ({
  ...schema,
  description,
  ...(schema.$id !== undefined && { [undescribed]: schema }),
})

export const optional = <S extends TSchema>(schema: S, description: string) =>
  Type.Optional(described(schema, description))

export const Nullable = <S extends TSchema>(schema: S, options: { description?: string } = {}) =>
  Type.Union([schema, Type.Null()], options)

/** Returns whether a value is an object, but neither null nor an array. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Returns a copy of schemas as plain JSON, without their keys `$id`. */
export const withoutIds = <T extends object>(schemas: T) =>
  JSON.parse(JSON.stringify(schemas, (key, value: unknown) => (key === '$id' ? undefined : value))) as T

TypeRegistry.Set('ionworks-mock:OpenObject', (_, value) => isObject(value))

/** Returns the schema of an object with any keys and values. */
export const OpenObject = (options: Record<string, unknown> = {}) =>
  Type.Unsafe<Readonly<Record<string, unknown>>>({ [Kind]: 'ionworks-mock:OpenObject', type: 'object', ...options })

/**
 * Returns the schema of an object with any keys, and with values that match the schema `values`. Request validation
 * converts the object to a Map. A Map keeps the order in which the request lists the keys, but a JavaScript object
 * lists integer keys such as `2` first.
 */
export const Dictionary = <S extends TSchema>(values: S) =>
  Type.Unsafe<ReadonlyMap<string, Static<S>>>({ ...OpenObject(), additionalProperties: values })

TypeRegistry.Set<{ enum: readonly string[] }>(
  'ionworks-mock:StringEnum',
  (schema, value) => typeof value === 'string' && schema.enum.includes(value),
)

/**
 * Returns the schema of a string that is one of `values`. In JSON, the schema has `type: string` and an `enum`, as in
 * the published OpenAPI document. A TypeBox union of literals would be an `anyOf` of constants instead.
 */
export const StringEnum = <const V extends readonly string[]>(values: V, options: Record<string, unknown> = {}) =>
  Type.Unsafe<V[number]>({
    ...{ [Kind]: 'ionworks-mock:StringEnum', type: 'string', enum: values },
    ...options,
  }) as TUnsafe<V[number]> & { readonly enum: V }

/** Returns a StringEnum that has the name `name` in the OpenAPI document. */
export const Enum = <const V extends readonly string[]>(
  name: string,
  values: V,
  options: { description?: string } = {},
) => StringEnum(values, { $id: name, title: name, ...options })

/**
 * Schema keyword for a description of the valid values. Error messages contain the description. Published JSON Schemas
 * do not contain the description, because the keyword is a symbol and JSON omits symbols.
 */
export const expected = Symbol('expected')
