import { type Static, Type } from '@sinclair/typebox'
import { Model, OpenObject, Reference } from './schema.js'

/** An issue in a request, in the form and the words of pydantic. Only some types of issues have a `ctx`. */
export const ValidationError = Model('ValidationError', {
  loc: Type.Array(Type.Union([Type.String(), Type.Integer()]), { title: 'Location' }),
  msg: Type.String({ title: 'Message' }),
  type: Type.String({ title: 'Error Type' }),
  input: Type.Optional(Type.Unknown()),
  ctx: Type.Optional(OpenObject({ title: 'Context' })),
})
export type ValidationError = Static<typeof ValidationError>

/** Body of a 422 response. The contract declares no other error response. */
export const HTTPValidationError = Model('HTTPValidationError', {
  detail: Type.Optional(Type.Array(Reference(ValidationError))),
})
export type HTTPValidationError = Static<typeof HTTPValidationError>
