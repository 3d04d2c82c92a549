import { Type } from '@sinclair/typebox'
import {
  ElementStatus,
  type ElementType,
  elementTypeOf,
  ElementTypeSpelling,
  JobErrorCode,
  Pipeline,
  PipelineElement,
  PipelineOptions,
  PipelineStatus,
} from '../contract/index.js'
import { Nullable } from '../contract/schema.js'
import { RecordId, RelativeTime } from '../contract/values.js'
import { type Instant, laterOf } from '../time/instant.js'
import { resolveTime } from '../time/relative.js'
import { completerOf, type Fields, field } from './fields.js'
import { defaultJobId, jobStatusOf } from './job.js'
import { defaultResult } from './result.js'

/** Default project, owner and creation time of pipelines. The values are invented. */
export const DEFAULTS = {
  project_id: '6f1d3b1e-52a4-4c8e-9b0d-2e7f5a9c4d10',
  organization_id: 'c2b7e4d8-0a3f-4f61-8d59-7e1c6b3a9f20',
  user_id: '93a5c7e1-4b2d-4e8f-a6c0-1d9f8b7e5a30',
  created_by_email: 'owner@example.com',
  created_at: '2026-01-01T00:00:00Z',
} as const

const { properties: ofPipeline } = Pipeline
const { properties: ofElement } = PipelineElement

const Order = Type.Integer({ minimum: 1 })
const ErrorCode = Nullable(JobErrorCode)
const ERROR_HELP = 'Error message for people'
interface PipelineContext {
  /** Generates the id of a record. Called only if the record has no given id. */
  readonly newId: () => string
  /** The instant to which relative times are added. */
  readonly start: Instant
}

const time = <D>(what: string, defaultText: string, value: D) => ({
  ...field(
    RelativeTime,
    defaultText,
    value,
    `${what}: a date and time with a UTC offset (2026-09-14T08:15:30Z), ` +
      'or a duration from the time at which the fixture is loaded (-PT2H)',
  ),
  read: (text: string, { start }: Pick<PipelineContext, 'start'>) => resolveTime(text, start) as Instant,
})

/** How each field of a pipeline is set: by a key in fixtures, or by a default. */
export const PIPELINE_RECORD = {
  id: field(RecordId, 'derived from the name, the same in every run', (_, { newId }) => newId()),
  project_id: field(ofPipeline.project_id, DEFAULTS.project_id, DEFAULTS.project_id),
  user_id: field(ofPipeline.user_id, DEFAULTS.user_id, DEFAULTS.user_id),
  // A response always contains a name. The default name of a pipeline that was created without a name is assumed.
  name: { schema: ofPipeline.name, default: 'Untitled pipeline' },
  description: field(ofPipeline.description, 'null', null),
  options: {
    ...field(PipelineOptions, '{ live_progress_updates: null }', { live_progress_updates: null }),
    read: (options: PipelineOptions) => ({ live_progress_updates: null, ...options }),
  },
  status: field(PipelineStatus, 'pending', 'pending'),
  created_at: time('Time of creation', DEFAULTS.created_at, DEFAULTS.created_at),
  updated_at: time('Time of the last change', 'created_at', ({ created_at }: Pipeline) => created_at),
  error: field(ofPipeline.error, 'null', null, ERROR_HELP),
  error_code: field(ErrorCode, 'null', null),
  created_by_email: field(ofPipeline.created_by_email, DEFAULTS.created_by_email, DEFAULTS.created_by_email),
  organization_id: field(ofPipeline.organization_id, DEFAULTS.organization_id, DEFAULTS.organization_id),
} satisfies Fields<Pipeline, PipelineContext>

interface ElementContext extends PipelineContext {
  readonly pipeline: Pick<Pipeline, 'id' | 'status' | 'created_at' | 'updated_at' | 'organization_id'>
  /** Position in the array of elements. The first element has position 1. */
  readonly place: number
}

/** Default status of an element, by the status of its pipeline. */
const DEFAULT_ELEMENT_STATUS: Record<PipelineStatus, ElementStatus> = {
  pending: 'pending',
  running: 'pending',
  completed: 'completed',
  failed: 'skipped',
  canceled: 'canceled',
}

/** How each field of an element is set: by a key in fixtures, or by a default. */
export const ELEMENT_RECORD = {
  id: field(RecordId, 'derived from the pipeline id and the name, the same in every run', (_, { newId }) => newId()),
  pipeline_id: {
    ...field(
      ofElement.pipeline_id,
      'the id of the pipeline',
      (_: PipelineElement, { pipeline }: ElementContext) => pipeline.id,
      'A key of responses. Another value than the default has no effect',
    ),
    read: (_, { pipeline }) => pipeline.id,
  },
  name: { schema: ofElement.name, help: 'Unique in its pipeline.' },
  element_order: field(Order, 'the position in this array', (_, { place }) => place, 'Order of execution, from 1'),
  element_type: {
    ...field(ElementTypeSpelling, 'Direct Entry', 'Direct Entry'),
    read: (spelling) => elementTypeOf(spelling) as ElementType,
  },
  job_config: field(ofElement.job_config, '{}', {}, 'Configuration of the job'),
  status: field(
    ElementStatus,
    'completed in a completed pipeline, skipped in a failed pipeline, canceled in a canceled pipeline, ' +
      'otherwise pending',
    (_, { pipeline }) => DEFAULT_ELEMENT_STATUS[pipeline.status],
  ),
  created_at: time(
    'Time of creation',
    'created_at of the pipeline',
    (_: PipelineElement, { pipeline }: ElementContext) => pipeline.created_at,
  ),
  updated_at: time(
    'Time of the last change',
    'created_at of the element or updated_at of the pipeline, whichever is later',
    ({ created_at }: PipelineElement, { pipeline }: ElementContext) => laterOf(created_at, pipeline.updated_at),
  ),
  organization_id: field(
    ofElement.organization_id,
    'organization_id of the pipeline',
    (_, { pipeline }) => pipeline.organization_id,
  ),
  job_id: field(
    Nullable(RecordId),
    'a generated id for a Data Fit or a Validation whose status is running, completed or failed; otherwise null',
    (element) => defaultJobId(element),
  ),
  result: field(
    ofElement.result,
    '{} if the status is completed, with the values of a Direct Entry as parameter_values; otherwise null',
    (element) => (element.status === 'completed' ? defaultResult(element) : null),
  ),
  error: field(ofElement.error, 'null', null, ERROR_HELP),
  error_code: field(ErrorCode, 'null', null),
  error_detail: field(ofElement.error_detail, 'null', null),
  job_status: field(
    ofElement.job_status,
    'null if job_id is null; otherwise pending for the status pending, processing for running, completed for ' +
      'completed, failed for failed, and canceled for canceled and skipped',
    ({ status, job_id }) => jobStatusOf({ job_id, job_status: null }, status),
  ),
} satisfies Fields<PipelineElement, ElementContext>

export const newPipeline = completerOf<Pipeline, PipelineContext>(PIPELINE_RECORD)
/** An element in which the type may have any spelling. */
type GivenElement = Omit<PipelineElement, 'element_type'> & { element_type: ElementTypeSpelling }

export const newElement = completerOf<PipelineElement, ElementContext, keyof PipelineElement, GivenElement>(
  ELEMENT_RECORD,
)

/** The fields that the check for inconsistencies in fixtures needs. */
const STATE = ['status', 'created_at', 'updated_at'] as const
type StateKey = (typeof STATE)[number]
export const newPipelineState = completerOf<Pipeline, PipelineContext, StateKey>(PIPELINE_RECORD, STATE)
export const newElementState = completerOf<PipelineElement, ElementContext, StateKey, GivenElement>(
  ELEMENT_RECORD,
  STATE,
)
