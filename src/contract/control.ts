import { type Static, type TProperties, Type } from '@sinclair/typebox'
import { OPERATION_NAMES } from './operations.js'
import { ElementStatus, JobErrorCode } from './pipeline.js'
import {
  described,
  Enum,
  expected,
  Named,
  Nullable,
  OpenObject,
  optional,
  published,
  StringEnum,
  titleOf,
} from './schema.js'
import { DateTime, Duration } from './values.js'

// Schemas of the control API that other parts of the mock also use.

export const Name = Type.String()
export const Count = (description: string, minimum = 0) =>
  Type.Integer({ minimum, description, [expected]: `an integer from ${minimum}` })
export const Operation = Enum('OperationName', OPERATION_NAMES)
export const Status = Type.Integer({ minimum: 200, maximum: 599, [expected]: 'an integer from 200 to 599' })

/** A part of a sandbox that can be reset separately. */
export const ResetPart = StringEnum(['data', 'journal', 'faults', 'clock'])
export type ResetPart = Static<typeof ResetPart>

/**
 * A change to a pipeline or to one of its elements. The change also affects the pipeline and other elements, in the
 * same way as a change in the real service would. A field whose key is absent keeps its value, unless the new status
 * determines this value. `result` and the status `skipped` apply only to elements.
 *
 * @example
 * { element: 'validate', status: 'failed', error: 'no convergence', error_code: 'SOLVER_ERROR' }
 */
export const PipelineChange = Named(
  'PipelineChange',
  {
    element: Type.Optional(
      Type.Union([Count('The element_order', 1), described(Name, 'The id or the name')], {
        description: 'The element to change. If absent, the pipeline itself is changed',
        [expected]: 'an element_order, an id or a name',
      }),
    ),
    status: Type.Optional(ElementStatus),
    result: Type.Optional(Nullable(OpenObject())),
    error: Type.Optional(Nullable(Type.String())),
    error_code: Type.Optional(Nullable(JobErrorCode)),
  },
  {
    dependentRequired: { result: ['element'] },
    if: { required: ['status'], properties: { status: { const: 'skipped' } } },
    then: { required: ['element'], properties: { element: {} } },
  },
)
export type PipelineChange = Static<typeof PipelineChange>

/** A change of the status of a pipeline or an element. */
export const Transition = Named('Transition', {
  kind: StringEnum(['pipeline', 'element']),
  id: Type.String(),
  from: ElementStatus,
  to: ElementStatus,
  at: DateTime,
})
export type Transition = Readonly<Static<typeof Transition>>

/**
 * A filter for received requests: selects the requests that match every given key. An empty filter selects all
 * requests.
 *
 * @example
 * { operation: 'cancel_pipeline', pipeline_id: 'fit', status: 200 }
 */
export const RequestFilter = Named('RequestFilter', {
  operation: optional(Operation, 'Name of the operation. Default: any operation'),
  pipeline_id: optional(Name, 'Id of the pipeline. Default: any pipeline, or no pipeline'),
  since: optional(DateTime, 'Earliest time of arrival, by the clock of the sandbox. Default: any time'),
  status: optional(Status, 'Status of the response. Default: any status, or no response'),
})
export type RequestFilter = Static<typeof RequestFilter>

/**
 * Headers that a fault must not set, because they describe the connection or the body, or because the mock sets them.
 */
export const RESERVED_HEADERS = [
  ...['content-length', 'keep-alive', 'trailer', 'transfer-encoding', 'upgrade'],
  'x-correlation-id',
]

const anyCase = (name: string) => name.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)

const headerValue = { type: 'string', pattern: '^[\\t\\x20-\\x7e\\x80-\\xff]*$' }

/**
 * Schema of the headers of a response. The published schema also describes the names and values that are invalid in
 * HTTP, and the reserved names.
 */
const Headers = Type.Unsafe<Readonly<Record<string, string | readonly string[]>>>(
  Type.Record(
    Type.String(),
    Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })], {
      [expected]: 'a string or an array of strings',
    }),
    {
      [expected]: 'an object of strings and arrays of strings',
      [published]: {
        type: 'object',
        description: 'Headers by name. An array sets a header several times',
        propertyNames: {
          pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
          not: { pattern: `^(${RESERVED_HEADERS.map(anyCase).join('|')})$` },
        },
        patternProperties: { '': { anyOf: [headerValue, { type: 'array', minItems: 1, items: headerValue }] } },
      },
    },
  ),
)

const moment = (description: string) => Type.Optional(StringEnum(['before', 'after'], { description }))

/** Statuses from 200 to 299 whose responses have no body. */
export const NO_CONTENT: readonly number[] = [204, 205]

const PlannedResponse = Named(
  'PlannedResponse',
  {
    status: Status,
    body: optional(
      Type.Unknown(),
      'Body of the response. A string is sent unchanged, any other value as JSON. ' +
        `Required if the status is from 200 to 299, except ${NO_CONTENT.join(' and ')}. ` +
        'Default for 400 and above: the body that the service sends with this status',
    ),
    headers: Type.Optional(Headers),
  },
  {
    if: { properties: { status: { maximum: 299, not: { enum: NO_CONTENT } } } },
    then: { required: ['body'], properties: { body: {} } },
  },
)

const actions = {
  respond: optional(PlannedResponse, 'Sends this response instead of running the operation'),
  delay: optional(Duration, 'Waits this long, in real time, before the operation runs'),
  disconnect: moment('Closes the connection before or after the operation runs, without a response'),
  truncate: Type.Optional(
    Count('Runs the operation, and closes the connection after this many bytes of the response body'),
  ),
  hang: optional(Type.Literal(true, { [expected]: 'true' }), 'Neither runs the operation nor responds'),
  hold: moment('Holds the request before or after the operation runs, until the fault is released'),
} satisfies TProperties

/** The keys of `FaultPlan` that are actions. A plan has exactly one of these keys. */
export const FAULT_ACTIONS = Object.keys(actions) as (keyof typeof actions)[]

const selection = {
  operation: optional(Operation, 'Name of the operation. Default: any operation'),
  pipeline_id: optional(Name, 'Id of the pipeline. Default: any pipeline, or no pipeline'),
  times: optional(Nullable(Count('', 1)), 'How many matching requests the fault applies to; null: all. Default: 1'),
  after: Type.Optional(Count('How many matching requests pass before the fault applies. Default: 0')),
}

/** Returns one schema for each action. A plan that matches a schema must contain the action of this schema. */
const plans = () =>
  FAULT_ACTIONS.map((action) =>
    Named(`${titleOf(action)}Fault`, { ...selection, [action]: Type.Optional(actions[action], false) }),
  )

/**
 * The plan of a fault: an action, and the requests that the fault applies to. By default, the fault applies to the
 * next request to any operation. A plan has exactly one action: `respond`, `delay`, `disconnect`, `truncate`, `hang`
 * or `hold`.
 *
 * @example
 * { operation: 'cancel_pipeline', times: 2, respond: { status: 503 } }
 */
export const FaultPlan = Named('FaultPlan', { ...selection, ...actions }, { [published]: { oneOf: plans() } })
export type FaultPlan = Static<typeof FaultPlan>

/** The numbers of loaded pipelines, elements and documents, and the warnings about the pipelines. */
export const Seeded = Named('Seeded', {
  pipelines: Type.Integer(),
  elements: Type.Integer(),
  documents: Type.Integer({ description: 'Number of fixture files and objects' }),
  warnings: described(
    Type.Array(Type.String()),
    'Warnings about inconsistent pipelines. The mock serves these pipelines unchanged',
  ),
})
export type Seeded = Static<typeof Seeded>
