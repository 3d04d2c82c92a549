import { type Static, type TProperties, Type } from '@sinclair/typebox'
import { OPERATION_NAMES } from './operations.js'
import { ElementStatus, JobErrorCode } from './pipeline.js'
import { Closed, described, expected, Nullable, OpenObject, optional, StringEnum, Titled } from './schema.js'
import { DateTime, Duration } from './values.js'

// Shapes of the control API that the state is made of, too.

export const Name = Type.String({ [expected]: 'a string' })
export const Count = (description: string, minimum = 0) =>
  Type.Integer({ minimum, description, [expected]: `an integer from ${minimum}` })
export const Operation = StringEnum(OPERATION_NAMES)
export const Status = Type.Integer({ minimum: 200, maximum: 599, [expected]: 'an integer from 200 to 599' })

/** A part of a sandbox that can be reset alone. */
export const ResetPart = StringEnum(['data', 'journal', 'faults', 'clock'])
export type ResetPart = Static<typeof ResetPart>

/** A change of a pipeline or an element, as the worker of the service would make it. */
export const PipelineChange = Titled('PipelineChange', {
  element: Type.Optional(
    Type.Union([Count('Its element_order', 1), described(Name, 'Its id or its name')], {
      description: 'The element to change. Default: the pipeline itself',
      [expected]: 'an element_order, an id or a name',
    }),
  ),
  status: Type.Optional(StringEnum(ElementStatus.enum)),
  result: Type.Optional(Nullable(OpenObject())),
  error: Type.Optional(Nullable(Type.String())),
  error_code: Type.Optional(Nullable(StringEnum(JobErrorCode.enum))),
})
export type PipelineChange = Static<typeof PipelineChange>

/** One change of a status, and when it happened. */
export const Transition = Closed({
  kind: StringEnum(['pipeline', 'element']),
  id: Type.String(),
  from: Type.Unsafe<ElementStatus>(Type.String()),
  to: Type.Unsafe<ElementStatus>(Type.String()),
  at: DateTime,
})
export type Transition = Readonly<Static<typeof Transition>>

/** Selects requests: those that match every key. */
export const RequestFilter = Titled('RequestFilter', {
  operation: optional(Operation, 'Name of the operation. Default: any'),
  pipeline_id: optional(Name, 'Default: any'),
  since: optional(DateTime, 'Earliest time. Default: any'),
  status: optional(Status, 'Status of the response. Default: any, or none yet'),
})
export type RequestFilter = Static<typeof RequestFilter>

const moment = (description: string) => Type.Optional(StringEnum(['before', 'after'], { description }))

const actions = {
  respond: optional(
    Closed({
      status: Status,
      body: optional(
        Type.Unknown(),
        'A string is sent as it is, any other value as JSON. Default: the body that the service sends with that status',
      ),
      headers: Type.Optional(Type.Record(Type.String(), Type.String(), { [expected]: 'an object of strings' })),
    }),
    'Responds with this instead of running the operation',
  ),
  delay: optional(Duration, 'Waits in real time before the operation runs'),
  disconnect: moment('Closes the connection without a response, before the operation runs or after'),
  truncate: Type.Optional(Count('Runs the operation, and cuts off the response after so many bytes of its body')),
  hang: optional(Type.Literal(true, { [expected]: 'true' }), 'Never runs the operation, and never responds'),
  hold: moment('Waits until the fault is released, before the operation runs or after'),
} satisfies TProperties

/** The actions of a fault. A plan has exactly one. */
export const FAULT_ACTIONS = Object.keys(actions) as (keyof typeof actions)[]

/** A plan of a fault: its action, the requests that it applies to, and how often. */
export const FaultPlan = Titled('FaultPlan', {
  operation: optional(Operation, 'Name of the operation. Default: any'),
  pipeline_id: optional(Name, 'Default: any'),
  times: optional(Nullable(Count('', 1)), 'How many matching requests it applies to; null: all. Default: 1'),
  after: Type.Optional(Count('How many matching requests pass first. Default: 0')),
  ...actions,
})
export type FaultPlan = Static<typeof FaultPlan>

/** Counts and warnings of a seed. */
export const Seeded = Titled('Seeded', {
  pipelines: Type.Integer(),
  elements: Type.Integer(),
  documents: Type.Integer({ description: 'How many files or objects the fixtures were' }),
  warnings: described(Type.Array(Type.String()), 'States that the real service would not show; served as they are'),
})
export type Seeded = Static<typeof Seeded>
