/** An error response: its status, and the body to send as JSON. */
export interface ErrorResponse {
  readonly status: number
  readonly body: object
}

/** Thrown to respond to a request with the given error response. */
export class HttpError extends Error {
  constructor(readonly response: ErrorResponse) {
    super(`response with status ${response.status}`)
  }
}
