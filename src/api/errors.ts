import { STATUS_CODES } from 'node:http'
import type { ErrorDetail, ErrorEnvelope, HTTPValidationError, ValidationError } from '../contract/index.js'
import type { ErrorResponse } from '../http/error.js'
import { SANDBOX_NAMES } from '../state/sandboxes.js'

/** Maximum number of errors in a 422 response. */
export const MAX_ERRORS = 1000

/** Returns a 422 response with the first `MAX_ERRORS` of the given errors. */
export function invalid(detail: ValidationError[]): ErrorResponse {
  const body: HTTPValidationError = { detail: detail.slice(0, MAX_ERRORS) }
  return { status: 422, body }
}

/**
 * Returns an error response with the keys `error_code`, `message` and `detail` (seen in the official client). The
 * published contract does not declare this form.
 */
export function envelope(status: number, error_code: string, message: string, detail: string): ErrorResponse {
  const body: ErrorEnvelope = { error_code, message, detail }
  return { status, body }
}

/** Returns an error response in the default form of FastAPI, such as `{"detail":"Not Found"}`. */
function plain(status: number, detail: string): ErrorResponse {
  const body: ErrorDetail = { detail }
  return { status, body }
}

export const notFound = plain(404, 'Not Found')
export const methodNotAllowed = plain(405, 'Method Not Allowed')

/**
 * FastAPI's response if reading or decoding a body fails (seen in FastAPI's source). A body with invalid JSON gets a
 * 422 instead.
 */
export const unreadable = plain(400, 'There was an error parsing the body')

/**
 * Returns the response to a body of more than `limit` bytes. The limit and the response of the real service are
 * unknown.
 */
export const bodyTooLarge = (limit: number) => plain(413, `The body is larger than ${limit} bytes`)

/** Returns the response to a request for which the mock has no memory left. The real service has no such limit. */
export const outOfMemory = (message: string) => envelope(507, 'OUT_OF_MEMORY', 'Insufficient Storage', message)

/**
 * The response to a JSON body whose values would take too much memory. We know of no such limit of the real service.
 */
export const tooManyValues = plain(413, 'The body has too many values')

/** The response to a request that creates a job. The status is seen in the official client. The body is assumed. */
export const jobsNotCreatable = envelope(
  410,
  'GONE',
  'Gone',
  'Jobs cannot be created any more; create a pipeline instead',
)

/** The response to a request without an API key. The status is documented. The body is assumed. */
export const unauthorized = envelope(
  401,
  'UNAUTHORIZED',
  'Missing API key',
  'Send any key as X-API-Key, or as a bearer token in Authorization',
)

/** Returns the response to a request with an invalid sandbox name. */
export const invalidSandbox = (name: string) =>
  envelope(400, 'BAD_REQUEST', 'Invalid sandbox name', `Invalid name ${JSON.stringify(name)}: use ${SANDBOX_NAMES}`)

/** Returns the response of a fault whose `respond` has a status other than 422 and no `body`. */
export function plannedError(status: number): ErrorResponse {
  const message = STATUS_CODES[status] ?? 'Error'
  const error_code = message.toUpperCase().replace(/\W+/g, '_')
  return envelope(status, error_code, message, 'This response is an injected fault of ionworks-mock')
}

/** The response to a request that fails because of a bug in the mock. The form of the response is assumed. */
export const internalError = envelope(
  500,
  'INTERNAL_ERROR',
  'Internal Server Error',
  'Internal error of ionworks-mock: please report it with the stack trace from its log',
)
