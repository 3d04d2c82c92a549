interface ErrorKind {
  /** Description of when the error occurs. */
  readonly when: string
  /** HTTP status. Only errors of the control API have a status. */
  readonly status?: number
}

/**
 * All error codes, each with a description of when the error occurs. Codes are stable and meant for programs.
 * Messages are meant for people, and their wording may change in any release.
 *
 * @example
 * ERROR_CODES.id_taken.status // 409
 */
export const ERROR_CODES = {
  // Issues in a fixture, an option or a call of the control API, each with its location.
  missing_key: { when: 'A required key is absent.' },
  unknown_key: { when: 'An object has an unknown key.' },
  invalid_value: { when: 'A value has the wrong type or format, or is not one of the allowed values.' },
  duplicate_key: { when: 'An object contains the same key more than once.' },
  duplicate_id: { when: 'Two pipelines, two elements or two jobs have the same id.' },
  duplicate_name: { when: 'Two elements of a pipeline have the same name.' },
  length_mismatch: { when: 'The arrays of a series, or of a trace of a plot, have different lengths.' },
  duplicate_order: { when: 'Two elements of a pipeline have the same `element_order`.' },
  contradictory_setting: { when: 'Two fixtures set the clock or the progress to different values.' },
  not_json: { when: 'JSON cannot represent a value, such as a function, a Date or NaN.' },
  circular_reference: { when: 'A value contains itself.' },
  too_deep: { when: 'A document or a value is nested too deeply.' },
  too_many_issues: {
    when: 'A document or a call has more issues than the limit; the issues above the limit are not listed.',
  },
  invalid_json: { when: 'A text is not valid JSON.' },
  invalid_yaml: { when: 'A text is not valid YAML.' },
  several_documents: { when: 'A YAML file contains more than one document.' },
  undefined_alias: { when: 'A YAML alias refers to an anchor that is not defined above the alias.' },
  too_many_aliases: { when: 'Aliases use the same YAML anchor too often, nested uses included.' },
  file_not_found: { when: 'A fixture file or folder does not exist.' },
  no_fixtures: { when: 'No file with the extension .json, .yaml or .yml was found at the path.' },
  unreadable_file: { when: 'A fixture file or folder cannot be read, for example because of its permissions.' },
  file_too_large: { when: 'A fixture file is larger than the limit.' },
  empty_file: { when: 'A fixture file is empty, or contains only white space.' },
  not_utf8: { when: 'A fixture file is not encoded in UTF-8.' },

  // Warnings about pipelines in fixtures. The mock serves these pipelines unchanged.
  time_in_future: { when: '`created_at` or `updated_at` is later than the current time of the clock.' },
  times_reversed: { when: '`updated_at` is earlier than `created_at`.' },
  error_without_failure: {
    when: 'A pipeline or an element has an `error` or an `error_code`, but its status is not `failed`.',
  },
  status_mismatch: { when: 'The status of an element contradicts the status of its pipeline.' },
  several_running: { when: 'More than one element of a pipeline is running.' },
  nothing_left: { when: 'A pipeline with elements is running, but all these elements have ended.' },
  derived_mismatch: {
    when: 'A key that the service derives from other keys, such as `is_terminal` or `count`, contradicts these keys.',
  },
  unused_outcome: {
    when: 'The plan of an element has an error although the element completes, or a result although the element fails.',
  },

  // Issues in options: on the command line, in environment variables, and of `startMock`.
  invalid_options: { when: 'Options are invalid; `issues` lists all issues.' },
  unknown_option: { when: 'An option does not exist.' },
  unknown_command: { when: 'A command does not exist.' },
  missing_value: { when: 'A flag has no value.' },
  unaccepted_option: { when: 'The command does not accept the option.' },
  unexpected_argument: { when: 'A path is given to a command that accepts no paths.' },

  // Errors of calls to the control API: in process, over HTTP, or through `connect`.
  invalid_request: { status: 400, when: 'A call is invalid; `issues` lists all issues.' },
  invalid_fixture: { status: 400, when: 'A fixture is invalid; `issues` lists all issues.' },
  invalid_sandbox_name: { status: 400, when: 'The name of a sandbox is invalid.' },
  invalid_address: { status: 400, when: 'The argument of `connect` is not a valid address.' },
  unreadable_body: { status: 400, when: 'The body of a call is incomplete.' },
  unsendable_call: { status: 400, when: 'A call cannot be sent, usually because the token has invalid characters.' },
  invalid_token: { status: 401, when: 'The token is missing or wrong.' },
  forbidden_host: { status: 403, when: 'The host name in the Host header is not allowed.' },
  forbidden_origin: { status: 403, when: 'The call comes from a web page of another site.' },
  path_not_found: { status: 404, when: 'The control API has no operation with this path.' },
  control_disabled: { status: 404, when: 'The control API is turned off.' },
  pipeline_not_found: { status: 404, when: 'The pipeline does not exist.' },
  element_not_found: { status: 404, when: 'The element does not exist in the pipeline.' },
  snapshot_not_found: { status: 404, when: 'The snapshot does not exist.' },
  fault_not_found: { status: 404, when: 'The fault does not exist.' },
  sandbox_not_found: { status: 404, when: 'The sandbox does not exist.' },
  method_not_allowed: { status: 405, when: 'The path of the control API does not support the method.' },
  id_taken: {
    status: 409,
    when: 'A pipeline, an element, a job or a project cannot be added, because its id already exists.',
  },
  nothing_held: { status: 409, when: 'A fault cannot be released, because it holds no request.' },
  sandbox_dropped: { status: 410, when: 'A call waits for a request in a sandbox, and the sandbox is dropped.' },
  body_too_large: { status: 413, when: 'The body is larger than the limit.' },
  element_required: {
    status: 422,
    when: 'A change has the key `result` or the status `skipped`, but not the key `element`.',
  },
  time_out_of_range: { status: 422, when: 'A time would be outside the years 0 to 9999.' },
  wait_too_long: { status: 422, when: 'A call that waits for a request has a timeout above the limit.' },
  fault_action_required: { status: 422, when: 'A fault has no action, or more than one action.' },
  response_body_required: {
    status: 422,
    when: 'A fault responds with a status from 200 to 299, except 204 and 205, but has no body.',
  },
  reserved_header: { status: 422, when: 'A fault responds with a header that the mock sets itself.' },
  invalid_header: { status: 422, when: 'A fault responds with an invalid header.' },
  fault_without_hold: { status: 422, when: 'A fault cannot be released, because its action is not `hold`.' },
  settings_not_addable: {
    status: 422,
    when: 'A fixture with the key `mock` or `users` is added to a sandbox instead of seeding the sandbox.',
  },
  too_many_plans: { status: 422, when: 'The sandbox has reached its limit of plans for created pipelines.' },
  too_many_faults: { status: 422, when: 'The sandbox has reached its limit of faults.' },
  too_many_snapshots: { status: 422, when: 'The sandbox has reached its limit of snapshots.' },
  default_sandbox: { status: 422, when: 'The default sandbox cannot be dropped.' },
  internal_error: { status: 500, when: 'The mock failed unexpectedly, usually because of a bug.' },
  not_a_mock: { status: 502, when: 'The server at the address is not an ionworks-mock.' },
  mock_closed: { status: 503, when: 'A call waits for a request, and the mock is closed.' },
  unreachable: { status: 503, when: 'No server responds at the address.' },
  response_too_large: { status: 507, when: 'A response would be longer than a string can be, about 512 MB.' },
  out_of_memory: { status: 507, when: 'The mock has reached its memory limit.' },

  // Failed expectations of a test.
  request_not_received: { when: '`waitFor`: no matching request was received before the timeout.' },
  request_count_mismatch: { when: '`verify`: the number of matching requests is not the expected number.' },
  pipeline_not_canceled: {
    when: '`expectCanceled`: the pipeline is not canceled, or one of its elements has not ended.',
  },
  faults_not_consumed: { when: '`assertConsumed`: a fault applied to fewer requests than planned.' },
} as const satisfies Record<string, ErrorKind>

type Kinds = typeof ERROR_CODES
export type ErrorCode = keyof Kinds
/** The codes of the errors of the control API. These are the codes with an HTTP status. */
export type ControlErrorCode = { [C in ErrorCode]: Kinds[C] extends { status: number } ? C : never }[ErrorCode]
