import { type Static, Type } from '@sinclair/typebox'
import { Model } from './schema.js'

/**
 * Body of an error response with an error code (seen in the official client). The contract does not declare this body.
 */
export const ErrorEnvelope = Model('ErrorEnvelope', {
  error_code: Type.String(),
  message: Type.String(),
  detail: Type.String(),
})
export type ErrorEnvelope = Static<typeof ErrorEnvelope>

/** Body of an error response in the default form of FastAPI. FastAPI's OpenAPI documents do not declare this body. */
export const ErrorDetail = Model('ErrorDetail', { detail: Type.String() })
export type ErrorDetail = Static<typeof ErrorDetail>
