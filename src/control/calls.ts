import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { Fixture } from '../fixtures/schema.js'
import {
  Advance,
  ClockChange,
  ClockState,
  ElementRecord,
  FaultId,
  FaultPlan,
  FaultState,
  Id,
  Info,
  PipelineChange,
  PipelineFilter,
  PipelineRecord,
  ReceivedRequest,
  Released,
  RequestQuery,
  Reset,
  SandboxName,
  SandboxState,
  Seeded,
  SnapshotName,
  WaitQuery,
} from './shapes.js'

/** Where our own API is, and nothing of the mocked one. */
export const PREFIX = '/_mock'

/** One thing that a test can do to a mock, as it goes over HTTP. */
export interface CallShape {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'
  /** Below the prefix, as Fastify has it. */
  readonly url: string
  readonly summary: string
  readonly params?: TSchema
  readonly query?: TSchema
  readonly body?: TSchema
  /** Left out: the answer is a 204. */
  readonly answer?: TSchema
}

/** All that a test can do to a mock, in process and over HTTP alike. */
export const CALLS = {
  get_info: { method: 'GET', url: '/info', summary: 'What this mock is, and what it was started with', answer: Info },

  reset: { method: 'POST', url: '/reset', summary: 'Go back to the start, wholly or in part', body: Reset },
  seed: { method: 'POST', url: '/seed', summary: 'Begin anew with other fixtures', body: Fixture, answer: Seeded },
  get_state: { method: 'GET', url: '/state', summary: 'Export the state as a fixture', answer: Fixture },
  list_snapshots: { method: 'GET', url: '/snapshots', summary: 'List snapshots', answer: Type.Array(Type.String()) },
  snapshot: { method: 'PUT', url: '/snapshots/:name', summary: 'Remember the data by a name', params: SnapshotName },
  restore: { method: 'POST', url: '/snapshots/:name/restore', summary: 'Go back to a snapshot', params: SnapshotName },

  list_pipelines: {
    method: 'GET',
    url: '/pipelines',
    summary: 'List pipelines in the order of the seed',
    query: PipelineFilter,
    answer: Type.Array(PipelineRecord),
  },
  add_pipelines: { method: 'POST', url: '/pipelines', summary: 'Add pipelines', body: Fixture, answer: Seeded },
  get_pipeline: { method: 'GET', url: '/pipelines/:id', summary: 'Get a pipeline', params: Id, answer: PipelineRecord },
  set_pipeline: {
    method: 'PATCH',
    url: '/pipelines/:id',
    summary: 'Put a pipeline or an element into a state, as the worker of the service would',
    params: Id,
    body: PipelineChange,
    answer: PipelineRecord,
  },
  get_elements: {
    method: 'GET',
    url: '/pipelines/:id/elements',
    summary: 'Get the elements of a pipeline in their order',
    params: Id,
    answer: Type.Array(ElementRecord),
  },

  get_clock: { method: 'GET', url: '/clock', summary: 'Read the clock', answer: ClockState },
  set_clock: { method: 'PUT', url: '/clock', summary: 'Set the clock', body: ClockChange, answer: ClockState },
  advance_clock: {
    method: 'POST',
    url: '/clock/advance',
    summary: 'Move the clock on',
    body: Advance,
    answer: ClockState,
  },

  list_requests: {
    method: 'GET',
    url: '/requests',
    summary: 'List the requests that were received, the oldest first',
    query: RequestQuery,
    answer: Type.Array(ReceivedRequest),
  },
  wait_for_request: {
    method: 'GET',
    url: '/requests/wait',
    summary: 'Wait for a request; the answer is empty if none comes in time',
    query: WaitQuery,
    answer: Type.Array(ReceivedRequest),
  },

  list_faults: { method: 'GET', url: '/faults', summary: 'List faults', answer: Type.Array(FaultState) },
  add_fault: { method: 'POST', url: '/faults', summary: 'Plan a fault', body: FaultPlan, answer: FaultState },
  remove_fault: { method: 'DELETE', url: '/faults/:id', summary: 'Take a fault away', params: FaultId },
  release_fault: {
    method: 'POST',
    url: '/faults/:id/release',
    summary: 'Let the requests go on that a fault holds',
    params: FaultId,
    answer: Released,
  },

  list_sandboxes: {
    method: 'GET',
    url: '/sandboxes',
    summary: 'List the named sandboxes, the longest idle first',
    answer: Type.Array(SandboxState),
  },
  drop_sandbox: { method: 'DELETE', url: '/sandboxes/:name', summary: 'Forget a sandbox', params: SandboxName },
} as const satisfies Record<string, CallShape>

export type CallName = keyof typeof CALLS

type Part<C, K extends string> = C extends Record<K, infer S extends TSchema> ? Record<K, Static<S>> : object

/** What a call is given, by where it stands in the request. */
export type Input<N extends CallName> = Part<(typeof CALLS)[N], 'params'> &
  Part<(typeof CALLS)[N], 'query'> &
  Part<(typeof CALLS)[N], 'body'>

export type Output<N extends CallName> = (typeof CALLS)[N] extends { answer: infer S extends TSchema }
  ? Static<S>
  : undefined

/** Makes calls, wherever the mock is. */
export type Caller = <N extends CallName>(name: N, input: Input<N>) => Promise<Output<N>>
