/* IMPORTANT
 * This snapshot file is auto-generated, but designed for humans.
 * It should be checked into source control and tracked carefully.
 * Re-generate by setting TAP_SNAPSHOT=1 and running tests.
 * Make sure to inspect the output below.  Do not ignore changes!
 */
'use strict'
exports[`build/test/messages.js > TAP > every error code has at least one message, and all messages equal the snapshot > messages 1`] = `
missing_key: missing key "pipelines"; set it to an array
missing_key: missing key "name"; set it to a string
unknown_key: unknown key; known keys: $schema, mock, plans, pipelines, projects, users, count, total
unknown_key: unknown key; did you mean "status"?
unknown_key: unknown key; known keys: id, project_id, user_id, name, description, options, status, created_at, updated_at, error, error_code, created_by_email, organization_id, is_terminal, is_failed, mock, elements
unknown_key: unknown key; known keys: optimal, baseline
invalid_value: found null, expected an object with the key "pipelines"
invalid_value: found 5, expected an object
invalid_value: found "", expected a non-empty string without slashes or lone surrogates
invalid_value: found an array, expected a string or null
invalid_value: found 5, expected a string; put it in quotes
invalid_value: found an object, expected a string or null
invalid_value: found null, expected an object
invalid_value: found "runing", expected one of pending, running, completed, failed, canceled; did you mean "running"?
invalid_value: found "OTHER", expected one of CONFIGURATION_ERROR, MODEL_ERROR, SOLVER_ERROR, EXECUTION_TIMEOUT, SUBMISSION_FAILED, INTERNAL_ERROR or null
invalid_value: found "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…", expected true or false or null
invalid_value: found "soon", expected a date and time with a UTC offset, such as 2026-09-14T08:15:30Z, or an ISO 8601 duration from the time at which the fixture is loaded, without years and months, such as -PT2H
invalid_value: found "none", expected an array
invalid_value: found "-5s", expected a duration of at least 0, with at most microsecond precision (250ms, 30s, 5m, 2h, PT30S) or null
invalid_value: found 5, expected a duration of at least 0, with at most microsecond precision (250ms, 30s, 5m, 2h, PT30S)
invalid_value: found 0, expected an integer from 1
invalid_value: found an array, expected an object
invalid_value: found true, expected an object or null
invalid_value: found 1, expected a string or null; put it in quotes
invalid_value: found an array, expected an array of at least one trace
invalid_value: found 5, expected an array
invalid_value: found "x", expected a number or null
invalid_value: found undefined, expected an object
invalid_value: port: found {}, expected an integer from 0 to 65535
invalid_value: host: found {}, expected a host name or an IP address, without a port, brackets or a zone
invalid_value: strict: found {}, expected true or false
invalid_value: unknownPipeline: found {}, expected 422 or 404
invalid_value: requireKey: found {}, expected true or false
invalid_value: clock: found {}, expected real, frozen, or frozen@ with a time, such as frozen@2026-10-01T12:00:00Z, or a function that returns a Date
invalid_value: progress: found {}, expected manual, or after= with a duration, such as after=30s
invalid_value: maxSandboxes: found {}, expected an integer from 1 to 1000000
invalid_value: memoryLimit: found {}, expected a size from 16MiB to 64GiB, such as 384MiB, or a number of bytes
invalid_value: bodyLimit: found {}, expected a size from 1KiB to 256MiB, such as 16MiB, or a number of bytes
invalid_value: elementLimit: found {}, expected an integer from 1 to 1000000
invalid_value: control: found {}, expected true or false
invalid_value: controlToken: found {}, expected a string of visible ASCII characters, without spaces
invalid_value: allowedHost: found {}, expected an ASCII host name, or .example.com for a domain and its subdomains; without a port, * or a final dot
invalid_value: grace: found {}, expected a duration of at most a day, such as 5s, 250ms or PT5S
invalid_value: logLevel: found {}, expected one of trace, debug, info, warn, error, fatal, silent
invalid_value: logger: found {}, expected a pino logger
invalid_value: listen: found {}, expected true or false
invalid_value: fixtures: found 5, expected a path, a file URL, a fixture object, or an array of these
invalid_value: clock: the function returned "noon", expected a Date in the years 0 to 9999
invalid_value: startMock: found "frozen", expected an object with options
invalid_value: --port: found "x", expected an integer from 0 to 65535
invalid_value: IONWORKS_MOCK_GRACE: found "5", expected a duration of at most a day, such as 5s, 250ms or PT5S
invalid_value: --log-level: found "inf", expected one of trace, debug, info, warn, error, fatal, silent; did you mean "info"?
invalid_value: found null, expected an element_order, an id or a name
invalid_value: found "cancelled", expected one of pending, running, completed, failed, skipped, canceled; did you mean "canceled"?
invalid_value: found an array, expected an object or null
invalid_value: found "stopped", expected one of real, frozen, offset
invalid_value: found "noon", expected a date and time with a UTC offset, such as 2026-10-01T12:00:00Z
invalid_value: found -5, expected a duration of at least 0, with at most microsecond precision (250ms, 30s, 5m, 2h, PT30S)
invalid_value: found "data", expected an array with some of these strings: data, journal, faults, clock
invalid_value: found "cancel", expected one of healthz, list_pipelines, create_pipeline, get_pipeline_element, get_pipeline, update_pipeline, delete_pipeline, get_pipeline_elements, cancel_pipeline, get_pipeline_result, get_datafit_plot_data, get_validation_plot_data, create_job, get_job, cancel_job, get_job_metadata, get_job_series, get_job_series_channels, get_current_user, list_projects, get_project; did you mean "cancel_job"?
invalid_value: found "99", expected an integer from 200 to 599
invalid_value: found 0, expected an integer from 1 or null
invalid_value: found -1, expected an integer from 0
invalid_value: found false, expected true
invalid_value: found true, expected one of before, after
invalid_value: found 99, expected an integer from 200 to 599
invalid_value: found an array, expected an object of strings and arrays of strings
invalid_value: found " ", expected a name: 1 to 64 letters, digits, dots, underscores and hyphens, not "." or ".."
duplicate_key: duplicate key; remove one of the two keys
duplicate_id: duplicate job_id "job", also used by another element; give each element its own job_id
duplicate_id: duplicate id "one", also used by another pipeline; give each pipeline its own id
duplicate_id: duplicate id "two", also used by another element; give each element its own id
duplicate_id: duplicate id "one", also used by another pipeline; give each pipeline its own id (first used at a.json:1:32)
duplicate_id: duplicate id "two", also used by another element; give each element its own id (first used at a.json:1:67)
duplicate_name: duplicate name "e", also used by elements[0]; give each element its own name
length_mismatch: found 1 value, expected 2, as in "t"; use arrays of the same length
length_mismatch: found 2 values, expected 1, as in "x"; use arrays of the same length
duplicate_order: duplicate element_order 2, also used by elements[0]; give each element its own order (default: its position in the array, from 1)
contradictory_setting: found "frozen", but an earlier fixture sets "real"; remove one of the two settings
not_json: found NaN, which is not a JSON number; use null or a string
not_json: found an instance of a class, which JSON cannot represent; use a string, number, array or plain object
not_json: found () => 1, which JSON cannot represent; use a string, number, array or plain object
circular_reference: circular reference: JSON cannot represent a value that contains itself; remove the reference
too_deep: invalid JSON: nested too deeply to locate the error; use fewer levels
too_deep: nested more than 250 levels deep; use fewer levels
too_deep: nested more than 1000 levels deep; use fewer levels
too_many_issues: more than 1000 issues: only 1000 are listed; fix these first
invalid_json: invalid JSON: unexpected text; put strings and keys in double quotes
invalid_json: invalid JSON: expected a key in double quotes; quote the key, or remove the extra comma
invalid_json: invalid JSON: expected a value; add a value, or remove the extra comma
invalid_json: invalid JSON: expected a colon after the key; add the colon
invalid_json: invalid JSON: expected a comma or a closing bracket; add the missing character
invalid_json: invalid JSON: unclosed object; add the closing }
invalid_json: invalid JSON: unclosed array; add the closing ]
invalid_json: invalid JSON: text after the end of the document; remove this text
invalid_json: invalid JSON: comments are not allowed; remove this comment (in YAML files, # starts a comment)
invalid_json: invalid JSON: unclosed string; add the closing double quote, and write line breaks as \\n
invalid_json: invalid JSON: incomplete number; add the missing digits
invalid_json: invalid JSON: invalid escape; write four hexadecimal digits after \\u
invalid_json: invalid JSON: invalid escape; write a backslash as \\\\
invalid_json: invalid JSON: control character in a string; write the character as \\n, \\t or \\uXXXX
invalid_yaml: invalid YAML: Invalid escape sequence \\q; write a backslash as \\\\, or use single quotes
invalid_yaml: invalid YAML: All mapping items must start at the same column; correct the indentation
invalid_yaml: invalid YAML: Plain value cannot start with reserved character @; put the string in quotes
invalid_yaml: invalid YAML: Nested mappings are not allowed in compact mappings; put a string that contains ": " in quotes, or check the indentation
invalid_yaml: invalid YAML: Missing closing "; add the character, or check the indentation
invalid_yaml: invalid YAML: All keys must be strings; use a string as the key
invalid_yaml: invalid YAML: Tabs are not allowed as indentation; use spaces
invalid_yaml: invalid YAML: Unresolved tag: !secret; remove the tag
invalid_yaml: invalid YAML: A node can have at most one anchor; check the indentation and the quotes here
invalid_yaml: invalid YAML: Merge sources must be maps or map aliases; check the value of <<
several_documents: unexpected second YAML document; move this document to its own file
undefined_alias: undefined alias *nowhere; define the anchor &nowhere above it, or use a value instead
too_many_aliases: anchor used more than 10000 times, including nested uses; replace aliases with the value
file_not_found: no such file or folder; check the path
no_fixtures: no fixture files found; use files with one of the extensions .json, .yaml, .yml
unreadable_file: cannot be read (ENOTDIR: not a directory, stat '<cwd>/.tap/fixtures/build-test-messages.js-an-unreadable-fixture-file-has-a-message/a.txt/b.yaml'); check the path and its permissions
file_too_large: the file is larger than 256 MiB; split the file
file_too_large: the file is larger than 2 MiB; convert the file to JSON, which may have 256 MiB, or split the file
empty_file: the file is empty; add an object with the key "pipelines"
not_utf8: invalid UTF-8; save the file as UTF-8
time_in_future: found 2026-10-01T13:00:00Z, later than the current time (2026-10-01T12:00:00Z); use an earlier time
times_reversed: found 2026-10-01T11:00:00Z, earlier than created_at (2026-10-01T13:00:00Z); use a later time
error_without_failure: found running, but error or error_code is set; use the status failed, or remove error and error_code
status_mismatch: found failed in a completed pipeline; change one of the two statuses
several_running: found 2 running elements; use at most one, because the service runs one element at a time
nothing_left: found running, but every element has ended; use completed, failed or canceled, or add a pending element
derived_mismatch: found true, but the status is pending; remove the key
derived_mismatch: found "p", but the id of the pipeline is "bdcfb08c-20bd-5929-a356-3b67367ed8f1"; remove the key
derived_mismatch: found 1, but the fixture has 0 pipelines; remove the key
unused_outcome: found error or error_code, but ends_as is completed; add "ends_as: failed", or remove error and error_code
unused_outcome: found result, but ends_as is failed; remove the result, or use "ends_as: completed"
invalid_options: port: found -1, expected an integer from 0 to 65535
    strict: found 1, expected true or false
unknown_option: stirct: unknown option; did you mean "strict"?
unknown_option: whatever: unknown option; expected one of port, host, fixtures, strict, unknownPipeline, requireKey, clock, progress, maxSandboxes, memoryLimit, bodyLimit, elementLimit, control, controlToken, allowedHost, grace, logLevel, logger, listen
unknown_option: --prot: unknown option; did you mean "--port"?
unknown_option: -x: unknown option
unknown_command: strat: unknown command; did you mean "start"?
unknown_command: serve: unknown command; expected one of start, validate, healthcheck, help
missing_value: --port: missing value, expected an integer from 0 to 65535
unaccepted_option: --port: validate does not accept this option; remove it
unexpected_argument: a: start takes no paths; pass fixtures with --fixtures
invalid_request: invalid body; nothing was changed
invalid_request: invalid request; nothing was changed
    status: found "cancelled", expected one of pending, running, completed, failed, skipped, canceled; did you mean "canceled"?
    result: found 5, expected an object or null
invalid_request: invalid request; nothing was changed
    cannot be converted to JSON: Do not know how to serialize a BigInt
invalid_fixture: invalid fixtures: 1 issue
    missing key "pipelines"; set it to an array
invalid_fixture: invalid fixtures: 2 issues
    pipelines[0]: missing key "name"; set it to a string
    pipelines[1].name: found 5, expected a string; put it in quotes
invalid_fixture: invalid fixtures; nothing was changed
invalid_sandbox_name: invalid sandbox name "a b": use 1 to 64 letters, digits, dots, underscores and hyphens, not "." or ".."
invalid_address: invalid address "mock.example:4669": expected an HTTP URL without credentials, query or fragment, such as http://127.0.0.1:4669
unreadable_body: the body ended early: send the request again
unsendable_call: invalid token: expected visible ASCII characters, without spaces
invalid_token: missing or wrong token: send the value of --control-token as X-Mock-Token
forbidden_host: unexpected host "mock.example": allow it with --allowed-host
forbidden_origin: request from a web page of another site (Sec-Fetch-Site: cross-site): send the request from a test instead
forbidden_origin: request from a web page of another site (Origin: http://page.example): send the request from a test instead
path_not_found: unknown path /_mock/nowhere: see /_mock/openapi.json
control_disabled: the control API is disabled (--no-control): restart the mock without this flag
pipeline_not_found: no pipeline "nobody"; GET /_mock/pipelines lists the existing pipelines
element_not_found: element: no element 3; existing elements: 1 (known), 2 (fit)
element_not_found: element: no element "known"; existing elements: none
snapshot_not_found: no snapshot "before"; existing snapshots: none
fault_not_found: no fault "fault-3"; existing faults: fault-1, fault-2
fault_not_found: no fault "fault-3"; existing faults: none
sandbox_not_found: no sandbox "nobody"; GET /_mock/sandboxes lists the existing sandboxes
method_not_allowed: /_mock/clock does not support the method DELETE: use GET, PUT
id_taken: ids already exist: fit; nothing was added; use other ids
nothing_held: cannot release fault-2: the fault holds no request at the moment; wait for a request before the release
sandbox_dropped: the sandbox was dropped, so no matching request can arrive: end all waits before you drop it
body_too_large: the body is larger than 256 MiB: send a smaller body
element_required: status: only an element can be skipped; add the key "element"
element_required: result: only an element has a result; add the key "element"
time_out_of_range: by: 48h from now is after the year 9999; use a shorter duration
wait_too_long: timeout: found 6m, expected at most 5m; use a shorter timeout and wait again
fault_action_required: invalid fault: expected exactly one of the keys respond, delay, disconnect, truncate, hang, hold; found 2
response_body_required: respond.body: missing; a response with status 200 needs a body
reserved_header: respond.headers["Content-Length"]: reserved header; remove it
invalid_header: respond.headers["a b"]: invalid header: Header name must be a valid HTTP token ["a b"]
invalid_header: respond.headers["a"]: invalid header: Invalid character in header content ["a"]
fault_without_hold: cannot release fault-1: only faults with the action "hold" can be released
settings_not_addable: mock: only a fixture that seeds a sandbox can have the key "mock"; remove the key, or use seed
too_many_plans: too many plans: expected at most 1000; reset the data or seed the sandbox
too_many_faults: too many faults: expected at most 1000; remove a fault or reset the faults
too_many_snapshots: too many snapshots: expected at most 100; overwrite a snapshot or reset the sandbox
default_sandbox: the default sandbox cannot be dropped: reset it instead
internal_error: internal error; please report it with the stack trace from the log of the mock
not_a_mock: the server at http://127.0.0.1:<port>/json is not an ionworks-mock: check the address
not_a_mock: http://127.0.0.1:<port>/text/_mock/info responded 200 without JSON: check the address
not_a_mock: http://127.0.0.1:<port>/fails/_mock/info responded 502 without a problem document: check the address
mock_closed: the mock was closed, so no matching request can arrive: wait for requests before you close the mock
unreachable: no response from http://127.0.0.1:<port>: connect ECONNREFUSED 127.0.0.1:<port>; is the mock running?
response_too_large: the response is larger than 512 MB: request single records, or use the handle of startMock in process
out_of_memory: no memory left: the mock has reached its limit of 16 MiB; reset or drop sandboxes that are no longer needed, or raise --memory-limit
request_not_received: timed out after 1ms: expected a request
    no request was received
request_not_received: timed out after 1ms: expected a request with operation "cancel_pipeline" and status 200
    received requests:
      2026-10-01T12:00:00Z POST /pipelines/nobody/cancel 422 (cancel_pipeline)
      2026-10-01T12:00:00Z POST /pipelines/fit/cancel no complete response (cancel_pipeline, fault fault-1, pipeline running → canceled, element pending → canceled)
request_count_mismatch: expected at least 1 request, found 0
    no request was received
request_count_mismatch: expected 1 request with operation "cancel_pipeline" and pipeline_id "empty", found 0
    received requests:
      2026-10-01T12:00:00Z POST /pipelines/nobody/cancel 422 (cancel_pipeline)
      2026-10-01T12:00:00Z POST /pipelines/fit/cancel no complete response (cancel_pipeline, fault fault-1, pipeline running → canceled, element pending → canceled)
request_count_mismatch: expected 2 requests, found 22
    received requests (last 20 of 22):
      2026-10-01T12:00:00Z POST /pipelines/nobody/cancel 422 (cancel_pipeline)
pipeline_not_canceled: expected pipeline "fit" to be canceled and all its elements to have ended: the pipeline is running, element "fit" is pending
    no request about this pipeline was received
pipeline_not_canceled: expected pipeline "empty" to be canceled and all its elements to have ended: the pipeline is completed
    no request about this pipeline was received
faults_not_consumed: expected every fault to be consumed
    fault-1 was planned for 2 requests, but applied to 1; 1 request matched its plan {"operation":"cancel_pipeline","pipeline_id":"fit","times":2,"disconnect":"after"}
    fault-2 was planned for at least 1 request, but applied to 0; 0 requests matched its plan {"delay":"1ms","operation":"get_pipeline","times":null}
    received requests:
      2026-10-01T12:00:00Z POST /pipelines/nobody/cancel 422 (cancel_pipeline)
      2026-10-01T12:00:00Z POST /pipelines/fit/cancel no complete response (cancel_pipeline, fault fault-1, pipeline running → canceled, element pending → canceled)
`
