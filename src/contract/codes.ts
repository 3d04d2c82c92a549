interface ErrorKind {
  /** When a program meets the error. */
  readonly when: string
  /** HTTP status of the error; only errors of the control API have one. */
  readonly status?: number
}

/**
 * Every error that a program can meet, by its code. Codes are stable and meant for programs; the wording of messages is
 * meant for people, and may change in any release.
 */
export const ERROR_CODES = {
  // Issues: what is wrong with a fixture, an option or a call of the control API, each at its place.
  missing_key: { when: 'A required key is absent.' },
  unknown_key: { when: 'A key is not known here.' },
  invalid_value: { when: 'A value has the wrong type or form, or is not one of the allowed values.' },
  duplicate_key: { when: 'An object has a key twice.' },
  duplicate_id: { when: 'Two pipelines or two elements have the same id.' },
  duplicate_name: { when: 'Two elements of a pipeline have the same name.' },
  duplicate_order: { when: 'Two elements of a pipeline have the same element_order.' },
  not_json: { when: 'A value has no form in JSON, such as a function, a date or NaN.' },
  circular_reference: { when: 'A value contains itself.' },
  too_deep: { when: 'A document or a value is nested too deeply.' },
  too_many_issues: { when: 'There are more issues than are listed.' },
  invalid_json: { when: 'A text is not JSON.' },
  invalid_yaml: { when: 'A text is not YAML.' },
  several_documents: { when: 'A YAML file holds more than one document.' },
  undefined_alias: { when: 'A YAML alias has no anchor above it.' },
  too_many_aliases: { when: 'The aliases of a YAML document stand for too many values.' },
  file_not_found: { when: 'A fixture file or folder does not exist.' },
  no_fixtures: { when: 'A folder holds no fixture file, or a file is of another type.' },
  unreadable_file: { when: 'The system refuses to read a file or folder.' },
  file_too_large: { when: 'A fixture file is above the size limit.' },
  empty_file: { when: 'A fixture file is empty.' },
  not_utf8: { when: 'A fixture file is not encoded in UTF-8.' },

  // Warnings about fixtures: they are served as they are.
  time_in_future: { when: 'A time is later than the start of the clock.' },
  times_reversed: { when: 'A record was updated before it was created.' },
  error_without_failure: { when: 'A record has an error but has not failed.' },
  status_mismatch: { when: 'The status of an element does not go with that of its pipeline.' },
  several_running: { when: 'Several elements of a pipeline run at once.' },
  nothing_left: { when: 'A pipeline runs, but each of its elements has ended.' },
  unused_outcome: { when: 'An error or result is planned for an element that ends the other way.' },

  // Options of the command and of startMock.
  invalid_options: { when: 'An option is wrong; `issues` lists everything that is.' },
  unknown_option: { when: 'An option does not exist.' },
  unknown_command: { when: 'A command does not exist.' },
  missing_value: { when: 'A flag lacks its value.' },
  unaccepted_option: { when: 'A command does not take an option.' },
  unexpected_argument: { when: 'A command takes no paths.' },

  // Errors of the control API, in process, over HTTP and by the remote client.
  invalid_request: { status: 400, when: 'A call is wrong; `issues` lists everything that is.' },
  invalid_fixture: { status: 400, when: 'A fixture is wrong; `issues` lists everything that is.' },
  invalid_sandbox_name: { status: 400, when: 'No sandbox can have the name.' },
  invalid_address: { status: 400, when: 'The argument of connect() is not the address of a mock.' },
  unreadable_body: { status: 400, when: 'The body of a request broke off.' },
  unsendable_call: { status: 400, when: 'A call cannot be sent, mostly because of the characters in the token.' },
  invalid_token: { status: 401, when: 'The token is missing or wrong.' },
  forbidden_host: { status: 403, when: 'The Host header is not one under which the mock is reached.' },
  forbidden_origin: { status: 403, when: 'The call comes from a web page of another site.' },
  path_not_found: { status: 404, when: 'The control API has no such path or method.' },
  control_disabled: { status: 404, when: 'The control API is turned off.' },
  pipeline_not_found: { status: 404, when: 'The pipeline does not exist.' },
  element_not_found: { status: 404, when: 'The pipeline has no such element.' },
  snapshot_not_found: { status: 404, when: 'The snapshot does not exist.' },
  fault_not_found: { status: 404, when: 'The fault does not exist.' },
  sandbox_not_found: { status: 404, when: 'The sandbox does not exist.' },
  id_taken: { status: 409, when: 'A pipeline or an element to be added has an id that exists.' },
  nothing_held: { status: 409, when: 'A fault holds no request at the moment.' },
  body_too_large: { status: 413, when: 'The body is above the size limit.' },
  element_required: { status: 422, when: 'A change applies to elements only, but names none.' },
  time_out_of_range: { status: 422, when: 'The clock would pass the year 9999.' },
  wait_too_long: { status: 422, when: 'A wait has a timeout above the limit.' },
  fault_action_required: { status: 422, when: 'A fault has no action, or several.' },
  response_body_required: { status: 422, when: 'A fault responds with a status below 400, but has no body.' },
  delay_too_long: { status: 422, when: 'A fault delays requests by more than the limit.' },
  reserved_header: { status: 422, when: 'A fault responds with a header that the mock sets itself.' },
  invalid_header: { status: 422, when: 'A fault responds with a header that HTTP does not allow.' },
  fault_without_hold: { status: 422, when: 'A fault that holds no requests cannot be released.' },
  too_many_faults: { status: 422, when: 'The sandbox has as many faults as it can have.' },
  too_many_snapshots: { status: 422, when: 'The sandbox has as many snapshots as it can have.' },
  default_sandbox: { status: 422, when: 'The default sandbox cannot be dropped.' },
  internal_error: { status: 500, when: 'The mock failed: a defect.' },
  not_a_mock: { status: 502, when: 'The server at the address is not an ionworks-mock.' },
  unreachable: { status: 503, when: 'No server responds at the address.' },

  // Expectations of a test.
  request_not_received: { when: 'waitFor: no matching request was received in time.' },
  request_count_mismatch: { when: 'verify: fewer or more matching requests were received.' },
  pipeline_not_canceled: { when: 'expectCanceled: the pipeline, or one of its elements, is not canceled.' },
  faults_not_consumed: { when: 'assertConsumed: a fault was met by too few requests.' },
} as const satisfies Record<string, ErrorKind>

type Kinds = typeof ERROR_CODES
export type ErrorCode = keyof Kinds
/** The codes of errors of the control API, which have an HTTP status. */
export type ControlErrorCode = { [C in ErrorCode]: Kinds[C] extends { status: number } ? C : never }[ErrorCode]
