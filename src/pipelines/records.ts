import { Type } from '@sinclair/typebox'
import {
  ElementStatus,
  ElementType,
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
import { JOB_STATUS, jobIdOf } from './job.js'

/** The owner of pipelines, where fixtures do not say. All of it is invented, and the same in every run. */
export const DEFAULTS = {
  project_id: '6f1d3b1e-52a4-4c8e-9b0d-2e7f5a9c4d10',
  organization_id: 'c2b7e4d8-0a3f-4f61-8d59-7e1c6b3a9f20',
  user_id: '93a5c7e1-4b2d-4e8f-a6c0-1d9f8b7e5a30',
  created_by_email: 'owner@example.com',
  created_at: '2026-01-01T00:00:00Z',
} as const

const { properties: ofPipeline } = Pipeline
const { properties: ofElement } = PipelineElement

const Options: typeof PipelineOptions = { ...PipelineOptions, additionalProperties: false }
const Order = Type.Integer({ minimum: 1 })
const ErrorCode = Nullable(JobErrorCode)
const ERROR_HELP = 'Text for people'
interface PipelineContext {
  /** Makes the id of a record that is given none. */
  readonly newId: () => string
  /** Relative times count from here. */
  readonly start: Instant
}

const time = <D>(what: string, otherwise: string, value: D) => ({
  ...field(
    RelativeTime,
    otherwise,
    value,
    `${what}: a date and time with its offset (2026-09-14T08:15:30Z), or a duration from the mock's start (-PT2H)`,
  ),
  read: (text: string, { start }: Pick<PipelineContext, 'start'>) => resolveTime(text, start) as Instant,
})

/** Every field of a pipeline. */
export const PIPELINE_RECORD = {
  id: field(RecordId, 'made from the name, the same every time', (_, { newId }) => newId()),
  project_id: field(ofPipeline.project_id, 'the project of the mock', DEFAULTS.project_id),
  user_id: field(ofPipeline.user_id, 'the user of the mock', DEFAULTS.user_id),
  // A response never has null here, so a pipeline that a request creates without a name gets one (assumed).
  name: { schema: ofPipeline.name, default: 'Untitled pipeline' },
  description: field(ofPipeline.description, 'null', null),
  options: {
    ...field(Options, 'live_progress_updates is null', { live_progress_updates: null }),
    read: (options: PipelineOptions) => ({ live_progress_updates: null, ...options }),
  },
  status: field(PipelineStatus, 'pending', 'pending'),
  created_at: time('Creation', DEFAULTS.created_at, DEFAULTS.created_at),
  updated_at: time('Last change', 'the time of creation', ({ created_at }: Pipeline) => created_at),
  error: field(ofPipeline.error, 'null', null, ERROR_HELP),
  error_code: field(ErrorCode, 'null', null),
  created_by_email: field(ofPipeline.created_by_email, 'the user of the mock', DEFAULTS.created_by_email),
  organization_id: field(ofPipeline.organization_id, 'the organization of the mock', DEFAULTS.organization_id),
} satisfies Fields<Pipeline, PipelineContext>

interface ElementContext extends PipelineContext {
  readonly pipeline: Pick<Pipeline, 'id' | 'status' | 'created_at' | 'updated_at' | 'organization_id'>
  /** Its place in the array of elements, from 1. */
  readonly place: number
}

const STATUS_WITHIN: Record<PipelineStatus, ElementStatus> = {
  pending: 'pending',
  running: 'pending',
  completed: 'completed',
  failed: 'skipped',
  canceled: 'canceled',
}

/** Every field of an element. */
export const ELEMENT_RECORD = {
  id: field(RecordId, 'made from the pipeline and the name, the same every time', (_, { newId }) => newId()),
  pipeline_id: { default: (_, { pipeline }) => pipeline.id },
  name: { schema: ofElement.name, help: 'Unique in its pipeline.' },
  element_order: field(Order, 'the place in this array', (_, { place }) => place, 'Order of execution, from 1'),
  element_type: field(ElementType, 'Direct Entry', 'Direct Entry'),
  job_config: field(ofElement.job_config, '{}', {}, 'Configuration of the job'),
  status: field(
    ElementStatus,
    "suits the pipeline's status (completed: completed; failed: skipped; canceled: canceled; otherwise: pending)",
    (_, { pipeline }) => STATUS_WITHIN[pipeline.status],
  ),
  created_at: time(
    'Creation',
    "the pipeline's",
    (_: PipelineElement, { pipeline }: ElementContext) => pipeline.created_at,
  ),
  updated_at: time(
    'Last change',
    "the later of this element's creation and the pipeline's last change",
    ({ created_at }: PipelineElement, { pipeline }: ElementContext) => laterOf(created_at, pipeline.updated_at),
  ),
  organization_id: field(ofElement.organization_id, "the pipeline's", (_, { pipeline }) => pipeline.organization_id),
  job_id: field(
    ofElement.job_id,
    'an id if the element has started (running, completed, failed), else null',
    ({ id, status }) => (status in JOB_STATUS ? jobIdOf(id) : null),
  ),
  result: field(ofElement.result, 'null', null),
  error: field(ofElement.error, 'null', null, ERROR_HELP),
  error_code: field(ErrorCode, 'null', null),
  error_detail: field(ofElement.error_detail, 'null', null),
  job_status: field(
    ofElement.job_status,
    "suits the element's status (running: processing; completed; failed), null without a job",
    ({ status, job_id }) => (job_id === null ? null : (JOB_STATUS[status] ?? null)),
  ),
} satisfies Fields<PipelineElement, ElementContext>

export const newPipeline = completerOf<Pipeline, PipelineContext>(PIPELINE_RECORD)
export const newElement = completerOf<PipelineElement, ElementContext>(ELEMENT_RECORD)

/** The fields of a record that can contradict each other. */
const STATE = ['status', 'created_at', 'updated_at'] as const
type StateKey = (typeof STATE)[number]
export const newPipelineState = completerOf<Pipeline, PipelineContext, StateKey>(PIPELINE_RECORD, STATE)
export const newElementState = completerOf<PipelineElement, ElementContext, StateKey>(ELEMENT_RECORD, STATE)
