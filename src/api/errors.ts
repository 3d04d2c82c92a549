import { STATUS_CODES } from 'node:http'
import type { HTTPValidationError, ValidationError } from '../contract/index.js'
import type { ErrorResponse } from '../http/error.js'
import { SANDBOX_NAMES } from '../state/sandboxes.js'

/** 422, with every error that was found. */
export function invalid(detail: ValidationError[]): ErrorResponse {
  const body: HTTPValidationError = { detail }
  return { status: 422, body }
}

/** An error that the contract does not declare, in the envelope that the official client reads (seen). */
export const envelope = (status: number, error_code: string, message: string, detail: string): ErrorResponse => ({
  status,
  body: { error_code, message, detail },
})

/** An error in the form of FastAPI's own. */
const plain = (status: number, detail: string): ErrorResponse => ({ status, body: { detail } })

export const notFound = plain(404, 'Not Found')
export const methodNotAllowed = plain(405, 'Method Not Allowed')

/** FastAPI's response to a body that it cannot decode (its source: any error but broken JSON). */
export const unreadable = plain(400, 'There was an error parsing the body')

/** Ours: the limit of the real service is not known. */
export const bodyTooLarge = (limit: number) => plain(413, `The body is larger than ${limit} bytes`)

/** A call without a key (the status is documented, the body assumed). */
export const unauthorized = envelope(
  401,
  'UNAUTHORIZED',
  'Missing API key',
  'Send any key as X-API-Key, or as a bearer token in Authorization',
)

/** No sandbox can have the name (ours). */
export const invalidSandbox = (name: string) =>
  envelope(400, 'BAD_REQUEST', 'Invalid sandbox name', `The sandbox ${JSON.stringify(name)}: use ${SANDBOX_NAMES}`)

/** The response of a fault that plans no more than a status. */
export function plannedError(status: number): ErrorResponse {
  const message = STATUS_CODES[status] ?? 'Error'
  const error_code = message.toUpperCase().replace(/\W+/g, '_')
  return envelope(status, error_code, message, 'A fault that was planned in ionworks-mock')
}

/** A defect of the mock itself (assumed). */
export const internalError = envelope(
  500,
  'INTERNAL_ERROR',
  'Internal Server Error',
  'ionworks-mock failed, which is a defect: please report it with the stack trace from its log',
)
