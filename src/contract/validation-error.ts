import { type Static, Type } from '@sinclair/typebox'
import { Model, OpenObject, Reference } from './schema.js'

/** One fault of a request, in pydantic's words. `ctx` is there only for some types. */
export const ValidationError = Model('ValidationError', {
  loc: Type.Array(Type.Union([Type.String(), Type.Integer()]), { title: 'Location' }),
  msg: Type.String({ title: 'Message' }),
  type: Type.String({ title: 'Error Type' }),
  input: Type.Optional(Type.Unknown()),
  ctx: Type.Optional(OpenObject({ title: 'Context' })),
})
export type ValidationError = Static<typeof ValidationError>

/** The one error body that the contract declares, for status 422. */
export const HTTPValidationError = Model('HTTPValidationError', {
  detail: Type.Optional(Type.Array(Reference(ValidationError))),
})
export type HTTPValidationError = Static<typeof HTTPValidationError>
