import { Kind, type Static, type TSchema, Type, TypeRegistry } from '@sinclair/typebox'
import { ElementStatus, JobErrorCode, type Pipeline, type PipelineElement } from '../contract/index.js'
import { OPERATIONS, type OperationName } from '../contract/operations.js'
import { described, Nullable, OpenObject, StringEnum } from '../contract/schema.js'
import { parseInstant } from '../time/instant.js'
import { expected } from '../contract/expected.js'
import { isLength } from '../time/relative.js'
import { NAME, SANDBOX_NAMES } from '../state/sandboxes.js'

TypeRegistry.Set('ionworks-mock:Length', (_, value) => isLength(value))
TypeRegistry.Set('ionworks-mock:Instant', (_, value) => typeof value === 'string' && parseInstant(value) !== undefined)

/** A duration, as fixtures have it. */
export const Length = Type.Unsafe<string>({
  [Kind]: 'ionworks-mock:Length',
  type: 'string',
  description: 'A duration to the microsecond: 30s, 5m, 250ms, 2h or PT30S',
  [expected]: 'a duration to the microsecond (30s, 5m, 250ms, 2h or PT30S)',
})

export const Instant = Type.Unsafe<string>({
  [Kind]: 'ionworks-mock:Instant',
  type: 'string',
  format: 'date-time',
  [expected]: 'a time with its offset (2026-10-01T12:00:00Z)',
})

/** An object whose unknown keys are slips of the pen. */
export const Closed = <P extends Record<string, TSchema>>(properties: P, options: Record<string, unknown> = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options })

const Mode = StringEnum(['real', 'frozen', 'offset'], {
  description: "real: the machine's time; frozen: stands still; offset: runs as fast, but apart from it",
})

export const ClockState = Closed({ mode: Mode, now: Instant }, { title: 'Clock' })
export type ClockState = Static<typeof ClockState>

export const ClockChange = Closed(
  {
    mode: Mode,
    now: Type.Optional(described(Instant, 'Left out: the time that it tells. With real it is not looked at.')),
  },
  { title: 'ClockChange' },
)

export const Advance = Closed({ by: Length }, { title: 'Advance' })

const Text = (description: string) => Type.String({ description, [expected]: 'a text' })
const Name = (description: string) =>
  Type.String({ pattern: NAME.source, description, [expected]: `a name: ${SANDBOX_NAMES}` })
const Count = (description: string, minimum = 0) =>
  Type.Integer({ minimum, description, [expected]: `a whole number from ${minimum}` })
const Operation = StringEnum(OPERATIONS, { description: 'By the name in its operationId. Left out: any' })
const Optional = Type.Optional

export const Info = Closed(
  {
    version: Type.String(),
    project_id: Type.String({ description: 'Of the first pipeline of the fixtures' }),
    pipelines: Type.Integer(),
    elements: Type.Integer(),
    documents: Type.Integer(),
    warnings: Type.Array(Type.String()),
  },
  { title: 'Info' },
)

const seededProperties = {
  pipelines: Type.Integer(),
  elements: Type.Integer(),
  documents: Type.Integer({ description: 'From how many files, or objects' }),
  warnings: Type.Array(Type.String(), {
    description: 'States that contradict themselves; they are served as they are',
  }),
}
export const Seeded = Closed(seededProperties, { title: 'Seeded' })
/** What was seeded. */
export type Seeded = Static<typeof Seeded>

export const Reset = Closed(
  {
    only: Optional(
      Type.Array(StringEnum(['data', 'journal', 'faults', 'clock']), {
        description: 'Left out: everything, snapshots too',
        [expected]: 'a list of data, journal, faults, clock',
      }),
    ),
  },
  { title: 'Reset' },
)

export const Id = Closed({ id: Text('Of the pipeline') })
export const PipelineFilter = Closed({
  project_id: Optional(Text('')),
  status: Optional(Text('')),
  name: Optional(Text('')),
})
export type PipelineFilter = Static<typeof PipelineFilter>

export const PipelineRecord = Type.Unsafe<Readonly<Pipeline>>(OpenObject({ description: 'As the mocked API has it' }))
export const ElementRecord = Type.Unsafe<Readonly<PipelineElement>>(
  OpenObject({ description: 'As the mocked API has it' }),
)

export const PipelineChange = Closed(
  {
    element: Optional(
      Type.Union([Count('Its element_order', 1), Text('Its id or its name')], {
        description: 'Left out: the pipeline itself is meant',
        [expected]: 'an element_order, an id or a name',
      }),
    ),
    status: Optional(StringEnum(ElementStatus.enum as ElementStatus[])),
    result: Optional(Nullable(OpenObject())),
    error: Optional(Nullable(Type.String())),
    error_code: Optional(Nullable(StringEnum(JobErrorCode.enum as JobErrorCode[]))),
  },
  { title: 'PipelineChange' },
)
export type PipelineChange = Static<typeof PipelineChange>

export const SnapshotName = Closed({ name: Name('Of the snapshot') })

const filterProperties = {
  operation: Optional(Operation),
  pipeline_id: Optional(Text('Left out: any')),
  since: Optional(described(Instant, 'This instant or later. Left out: any')),
}
const Status = Type.Integer({ minimum: 200, maximum: 599, [expected]: 'a status from 200 to 599' })
export const RequestFilter = Closed(
  { ...filterProperties, status: Optional(described(Status, 'Of the answer. Left out: any, or none yet')) },
  { title: 'RequestFilter' },
)
/** Which requests are meant: those to which everything that is said applies. */
export interface RequestFilter {
  operation?: OperationName
  pipeline_id?: string
  since?: string
  status?: number
}

/** In a query, numbers are texts. */
const StatusText = Type.Unsafe<string>(
  Type.String({ pattern: '^[2-5]\\d\\d$', [expected]: 'a status from 200 to 599' }),
)
export const RequestQuery = Closed({ ...filterProperties, status: Optional(StatusText) })
export const WaitQuery = Closed({
  ...filterProperties,
  status: Optional(StatusText),
  timeout: Optional(described(Length, 'Left out: 5s; at most 5m')),
})

const TransitionShape = Closed({
  kind: StringEnum(['pipeline', 'element']),
  id: Type.String(),
  from: Type.String(),
  to: Type.String(),
  at: Instant,
})

export const ReceivedRequest = Closed(
  {
    id: Type.String({ description: 'The correlation id' }),
    at: described(Instant, 'By the clock of the sandbox'),
    operation: Nullable(StringEnum(OPERATIONS)),
    pipeline_id: Nullable(Type.String()),
    method: Type.String(),
    path: Type.String(),
    query: Type.Record(Type.String(), Type.String()),
    headers: Type.Record(Type.String(), Type.String(), { description: 'Credentials are redacted' }),
    body: Type.String({ description: 'Its first 8 KiB' }),
    status: Nullable(Type.Integer({ description: 'null: not answered' })),
    fault: Nullable(Type.String({ description: 'The id of the fault that it met' })),
    transitions: Type.Array(TransitionShape, { description: 'What it caused' }),
  },
  { title: 'Request' },
)
/** A request as it was received, what it caused, and how it was answered. */
export type ReceivedRequest = Static<typeof ReceivedRequest>

const moment = (description: string) => Optional(StringEnum(['before', 'after'], { description }))

const planProperties = {
  operation: Optional(Operation),
  pipeline_id: Optional(Text('Left out: any')),
  times: Optional(Nullable(described(Count('', 1), 'How many matching requests it meets; null: all. Left out: 1'))),
  after: Optional(Count('How many matching requests it lets pass first. Left out: 0')),
  respond: Optional(
    Closed(
      {
        status: Status,
        body: Optional(
          Type.Unknown({ description: 'A text is sent as it is. Left out: what the service sends with that status' }),
        ),
        headers: Optional(Type.Record(Type.String(), Type.String(), { [expected]: 'an object of texts' })),
      },
      { description: 'The request is answered with this, and not done' },
    ),
  ),
  delay: Optional(described(Length, 'The request waits so long, in real time, before it is done')),
  disconnect: moment('The connection is closed without an answer, before the request is done or after'),
  truncate: Optional(Count('The request is done, but the answer breaks off after so many bytes of its body')),
  hang: Optional(
    Type.Literal(true, { description: 'The request is not done, and no answer comes', [expected]: 'true' }),
  ),
  hold: moment('The request waits before it is done, or its answer after, until it is released'),
}
export const FaultPlan = Closed(planProperties, { title: 'FaultPlan' })
/** What goes wrong, with which requests, and how often; of the actions (`respond` to `hold`) just one. */
export type FaultPlan = Static<typeof FaultPlan>

export const FaultState = Closed(
  {
    id: Type.String(),
    ...planProperties,
    matched: Type.Integer({ description: 'How many requests matched' }),
    fired: Type.Integer({ description: 'How many of them it met' }),
    held: Type.Integer({ description: 'How many of these still wait' }),
    consumed: Type.Boolean({ description: 'Whether it has met all that it was made for' }),
  },
  { title: 'Fault' },
)
/** A fault, and what has come of it. */
export type FaultState = Static<typeof FaultState>

export const FaultId = Closed({ id: Text('Of the fault') })
export const Released = Closed({ released: Type.Integer({ description: 'How many requests went on' }) })

export const SandboxState = Closed(
  {
    name: Type.String(),
    in_flight: Type.Integer({ description: 'How many requests are not answered yet' }),
    requests: Type.Integer({ description: 'How many are remembered' }),
    faults: Type.Integer(),
  },
  { title: 'Sandbox' },
)
/** A sandbox that is there. */
export type SandboxState = Static<typeof SandboxState>

export const SandboxName = Closed({ name: Text('Of the sandbox') })

export const Health = Closed({ status: Type.String() }, { title: 'Health' })

const Position = Closed({ line: Type.Integer(), column: Type.Integer() })

/** A problem document (RFC 9457). */
export const Problem = Closed(
  {
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'What happened, and what to do' }),
    errors: Type.Optional(
      Type.Array(
        Closed({
          message: Type.String(),
          path: Type.Optional(Type.Array(Type.Union([Type.String(), Type.Integer()]))),
          position: Type.Optional(Position),
        }),
        { description: 'Everything that is wrong with what was sent, each with its place' },
      ),
    ),
  },
  { title: 'Problem' },
)
export type Problem = Static<typeof Problem>
