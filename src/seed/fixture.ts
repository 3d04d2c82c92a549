import { Kind, type Static, type TSchema, Type, TypeRegistry } from '@sinclair/typebox'
import {
  ElementStatus,
  ElementType,
  JobErrorCode,
  Pipeline,
  PipelineElement,
  PipelineOptions,
  PipelineStatus,
} from '../contract/index.js'
import { described, Nullable, StringEnum } from '../contract/schema.js'
import { expected } from './expected.js'
import { isLength, isTime } from './time.js'

const published = Pipeline.properties
const publishedElement = PipelineElement.properties

/** An optional key, with a line for editors. */
const key = <S extends TSchema>(schema: S, description: string) => Type.Optional(described(schema, description))

/** In a fixture an unknown key is a slip of the pen. */
const closed = <S extends TSchema>(schema: S) => ({ ...schema, additionalProperties: false }) as S

/** An id that a path can hold: paths are decoded before they are routed, so none with a slash is ever reached. */
const Id = Type.Unsafe<string>({
  [Kind]: 'ionworks-mock:FixtureId',
  type: 'string',
  pattern: '^[^/]+$',
  [expected]: 'a text that is not empty, holds no slash and no half of a surrogate pair',
})

TypeRegistry.Set(
  'ionworks-mock:FixtureId',
  (_, value) => typeof value === 'string' && value !== '' && !value.includes('/') && value.isWellFormed(),
)

TypeRegistry.Set('ionworks-mock:FixtureTime', (_, value) => isTime(value))

/** The pattern is for editors; what is a time of the calendar is more than it can say. */
const Time = Type.Unsafe<string>({
  [Kind]: 'ionworks-mock:FixtureTime',
  type: 'string',
  pattern:
    '^(\\d{4}-\\d\\d-\\d\\d[Tt ]\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?([Zz]|[+-]\\d\\d:\\d\\d)|[+-]?P[0-9WDTHMS.]+)$',
  [expected]: 'a time with its offset (2026-09-14T08:15:30Z) or a duration from the start in weeks to seconds (-PT2H)',
})
const when = (what: string, otherwise: string) =>
  key(
    Time,
    `${what}: a date and time with its offset (2026-09-14T08:15:30Z), or a duration from the mock's start (-PT2H). ` +
      `Left out: ${otherwise}.`,
  )

const ErrorCode = Nullable(JobErrorCode)

TypeRegistry.Set('ionworks-mock:FixtureLength', (_, value) => isLength(value))

const Length = Type.Unsafe<string>({
  [Kind]: 'ionworks-mock:FixtureLength',
  type: 'string',
  pattern: '^(\\d+(\\.\\d+)?(ms|s|m|h)|[+]?P[0-9WDTHMS.]+)$',
  [expected]: 'a duration to the microsecond (30s, 5m, 250ms, 2h or PT30S)',
})

const takes = (whose: string, otherwise: string) =>
  key(
    Nullable(Length),
    `How long ${whose} from its start (30s, PT30S); null: until something is done to it, and if it is the first, it does not start by itself. Left out: ${otherwise}.`,
  )

const ElementMock = Type.Object(
  {
    takes: takes('the element runs', "what the pipeline's says"),
    ends_as: key(StringEnum(['completed', 'failed']), 'What it has come to then. Left out: completed.'),
    result: key(publishedElement.result, 'What it has come to if it completes. Left out or null: what it had.'),
    error: key(published.error, 'Text for people if it fails. Left out: null.'),
    error_code: key(ErrorCode, 'If it fails. Left out: null.'),
  },
  { additionalProperties: false, title: 'What becomes of the element' },
)

const PipelineMock = Type.Object(
  {
    takes: takes('each element runs that does not say so itself', 'what --progress says'),
    cancel_in: key(Length, 'A cancel that was asked for takes effect so long after the start. Left out: none was.'),
    cancel_takes: key(Length, 'How long after its call a cancel takes effect (3s). Left out: at once.'),
  },
  { additionalProperties: false, title: 'What becomes of the pipeline' },
)

const FixtureElement = Type.Object(
  {
    id: key(Id, 'Left out: made from the pipeline and the name, the same every time.'),
    name: described(publishedElement.name, 'Unique in its pipeline.'),
    element_order: key(Type.Integer({ minimum: 1 }), 'Order of execution, from 1. Left out: the place in this list.'),
    element_type: key(ElementType, 'Left out: Direct Entry.'),
    job_config: key(publishedElement.job_config, 'Configuration of the job. Left out: {}.'),
    status: key(
      ElementStatus,
      "Left out: what suits the pipeline's status (completed: completed; failed: skipped; canceled: canceled; " +
        'otherwise: pending).',
    ),
    created_at: when('Creation', "the pipeline's"),
    updated_at: when('Last change', "the later of this element's creation and, where left out too, the pipeline's"),
    organization_id: key(publishedElement.organization_id, "Left out: the pipeline's."),
    job_id: key(
      publishedElement.job_id,
      'Left out: an id if the element has started (running, completed, failed), else null.',
    ),
    result: key(publishedElement.result, 'Left out: null.'),
    error: key(publishedElement.error, 'Text for people. Left out: null.'),
    error_code: key(ErrorCode, 'Left out: null.'),
    error_detail: key(publishedElement.error_detail, 'Left out: null.'),
    job_status: key(
      publishedElement.job_status,
      "Left out: what suits the element's status (running: processing; completed; failed), null without a job.",
    ),
    mock: key(ElementMock, 'What becomes of the element by itself. Not served.'),
  },
  { additionalProperties: false, title: 'Element' },
)
export type FixtureElement = Static<typeof FixtureElement>

const FixturePipeline = Type.Object(
  {
    id: key(Id, 'Left out: made from the name, the same every time.'),
    project_id: key(published.project_id, 'Left out: the project of the mock.'),
    user_id: key(published.user_id, 'Left out: the user of the mock.'),
    name: published.name,
    description: key(published.description, 'Left out: null.'),
    options: key(closed(PipelineOptions), 'Left out: live_progress_updates is null.'),
    status: key(PipelineStatus, 'Left out: pending.'),
    created_at: when('Creation', '2026-01-01T00:00:00Z'),
    updated_at: when('Last change', 'the time of creation'),
    error: key(published.error, 'Text for people. Left out: null.'),
    error_code: key(ErrorCode, 'Left out: null.'),
    created_by_email: key(published.created_by_email, 'Left out: the user of the mock.'),
    organization_id: key(published.organization_id, 'Left out: the organization of the mock.'),
    mock: key(PipelineMock, 'What becomes of the pipeline by itself. Not served.'),
    elements: Type.Optional(Type.Array(FixtureElement, { description: 'Left out: none.' })),
  },
  { additionalProperties: false, title: 'Pipeline' },
)
export type FixturePipeline = Static<typeof FixturePipeline>

/** What a fixture file holds; in the library, an object of the same shape. */
export const Fixture = Type.Object(
  {
    $schema: Type.Optional(Type.String({ description: 'For editors; not read.' })),
    pipelines: Type.Array(FixturePipeline),
  },
  { additionalProperties: false, title: 'ionworks-mock fixture', [expected]: 'an object with the key "pipelines"' },
)
export type Fixture = Static<typeof Fixture>

/** The JSON Schema of fixture files, for editors; `$id`s belong to the contract's own document. */
export const fixtureSchema = (): Record<string, unknown> => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  ...JSON.parse(JSON.stringify(Fixture, (key, value) => (key === '$id' ? undefined : value))),
})
