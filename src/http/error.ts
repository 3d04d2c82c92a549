/** An error response: its status, and the value that is sent as JSON. */
export interface ErrorResponse {
  readonly status: number
  readonly body: object
}

/** Thrown where a request is answered by an error before its operation runs. */
export class HttpError extends Error {
  constructor(readonly response: ErrorResponse) {
    super(JSON.stringify(response.body))
  }
}
