import { STATUS_CODES } from 'node:http'
import type { HTTPValidationError, ValidationError } from '../contract/index.js'
import type { ErrorResponse } from '../http/error.js'
import { SANDBOX_NAMES } from '../state/sandboxes.js'

/** Returns a 422 with the given errors. */
export function invalid(detail: ValidationError[]): ErrorResponse {
  const body: HTTPValidationError = { detail }
  return { status: 422, body }
}

/** Returns an error that the contract does not declare, in the envelope that the official client reads (seen). */
export const envelope = (status: number, error_code: string, message: string, detail: string): ErrorResponse => ({
  status,
  body: { error_code, message, detail },
})

/** Returns an error in FastAPI's own form. */
const plain = (status: number, detail: string): ErrorResponse => ({ status, body: { detail } })

export const notFound = plain(404, 'Not Found')
export const methodNotAllowed = plain(405, 'Method Not Allowed')

/** FastAPI's response to a body that it cannot decode, except for invalid JSON (seen in its source). */
export const unreadable = plain(400, 'There was an error parsing the body')

/** The limit of the real service is unknown; this response is ours. */
export const bodyTooLarge = (limit: number) => plain(413, `The body is larger than ${limit} bytes`)

/** The response to a request without a key (its status is documented, its body assumed). */
export const unauthorized = envelope(
  401,
  'UNAUTHORIZED',
  'Missing API key',
  'Send any key as X-API-Key, or as a bearer token in Authorization',
)

/** The response to a request that names an invalid sandbox (ours). */
export const invalidSandbox = (name: string) =>
  envelope(400, 'BAD_REQUEST', 'Invalid sandbox name', `Invalid name ${JSON.stringify(name)}: use ${SANDBOX_NAMES}`)

/** Returns the response of a fault whose plan gives a status without a body. */
export function plannedError(status: number): ErrorResponse {
  const message = STATUS_CODES[status] ?? 'Error'
  const error_code = message.toUpperCase().replace(/\W+/g, '_')
  return envelope(status, error_code, message, 'This response is an injected fault of ionworks-mock')
}

/** The response to a defect of the mock itself (its form is assumed). */
export const internalError = envelope(
  500,
  'INTERNAL_ERROR',
  'Internal Server Error',
  'Internal error of ionworks-mock: please report it with the stack trace from its log',
)
