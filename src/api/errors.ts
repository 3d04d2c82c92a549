import { STATUS_CODES } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { HTTPValidationError, ValidationError } from '../contract/index.js'
import type { ErrorResponse } from '../http/error.js'
import { SANDBOX_NAMES } from '../state/sandboxes.js'
import { faultAt, noString } from './fastapi/error-types.js'

/** An error of the mocked API. */
interface ApiError extends ErrorResponse {
  readonly body: HTTPValidationError | Envelope | { readonly detail: string }
}

export const sendError = (reply: FastifyReply, { status, body }: ErrorResponse) => reply.code(status).send(body)

/** The body of the errors that the contract does not declare, as the official client reads it (seen). */
interface Envelope {
  readonly error_code: string
  readonly message: string
  readonly detail: string
}

/** 422, with every fault found. */
export const invalid = (faults: readonly ValidationError[]): ApiError => ({
  status: 422,
  body: { detail: [...faults] },
})

/** How unknown ids are answered: 422 is the only error that the contract declares, 404 is what the service sends. */
export type UnknownAnswer = 422 | 404

const UNKNOWN = {
  pipeline: { type: 'pipeline_not_found', parameter: 'pipeline_id', message: 'Pipeline not found' },
  element: { type: 'element_not_found', parameter: 'element_id', message: 'Pipeline element not found' },
} as const

/** There is no such pipeline or element here (as a 404: documented in general; its body: seen; as a 422: ours). */
export function unknown(what: keyof typeof UNKNOWN, id: string, answer: UnknownAnswer): ApiError {
  const { type, parameter, message } = UNKNOWN[what]
  if (answer === 422) return invalid([faultAt(['path', parameter], id, { type, msg: message })])
  return { status: 404, body: { error_code: 'NOT_FOUND', message, detail: `There is no ${what} with the id ${id}` } }
}

/** A call without a key (the status: documented; the body: assumed). */
export const unauthorized: ApiError = {
  status: 401,
  body: {
    error_code: 'UNAUTHORIZED',
    message: 'Missing API key',
    detail: 'Send any key as X-API-Key, or as a bearer token in Authorization',
  },
}

/** What names a sandbox cannot be its name (ours). */
export const badSandbox = (name: string): ApiError => ({
  status: 400,
  body: {
    error_code: 'BAD_REQUEST',
    message: 'No name of a sandbox',
    detail: `${JSON.stringify(name)} cannot name a sandbox of ionworks-mock: use ${SANDBOX_NAMES}`,
  },
})

/** The answer of a planned fault that says no more than a status: in the client's envelope, or as pydantic's for a 422. */
export function refusalFor(status: number): ApiError {
  if (status === 422) return invalid([faultAt(['path', 'pipeline_id'], null, noString)])
  const message = STATUS_CODES[status] ?? 'Error'
  const detail = 'A fault that was planned in ionworks-mock'
  return { status, body: { error_code: message.toUpperCase().replace(/\W+/g, '_'), message, detail } }
}

export const notFound: ApiError = { status: 404, body: { detail: 'Not Found' } }

export const methodNotAllowed: ApiError = { status: 405, body: { detail: 'Method Not Allowed' } }

/** A defect of the mock itself, in the envelope that the client shows as it is (assumed). */
export const failure: ApiError = {
  status: 500,
  body: {
    error_code: 'INTERNAL_ERROR',
    message: 'Internal Server Error',
    detail: 'ionworks-mock failed: its log says why. This is a defect of the mock, please report it',
  },
}
