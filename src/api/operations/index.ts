import type { IncomingHttpHeaders } from 'node:http'
import type { OperationInput, OperationName } from '../../contract/index.js'
import { cancel } from '../../pipelines/cancel.js'
import { update } from '../../pipelines/update.js'
import type { Sandbox } from '../../state/sandbox.js'
import type { PipelineWriter } from '../records.js'
import type { RequestRecord } from '../request.js'
import { createPipeline } from './create-pipeline.js'
import { writeResult } from './get-pipeline-result.js'
import { JOB_OPERATIONS } from './jobs.js'
import { listPipelines } from './list-pipelines.js'
import { PROJECT_OPERATIONS } from './projects.js'

/** The valid input of an operation, and the context in which the operation runs. */
export interface Call<N extends OperationName = OperationName> extends OperationInput<N> {
  readonly headers: IncomingHttpHeaders
  readonly record: RequestRecord
  readonly sandbox: Sandbox
  readonly write: PipelineWriter
}

/**
 * A function that runs an operation. Returns the body of the response as JSON, null if the response has no body, or
 * undefined if the id in the path is unknown. If the body may be large, returns its pieces.
 */
export type Run<N extends OperationName> = (call: Call<N>) => string | Iterable<string> | null | undefined

/** The implementation of each operation. */
export const RUN: { readonly [N in OperationName]: Run<N> } = {
  healthz: () => '{"status":"ok"}',
  list_pipelines: listPipelines,
  create_pipeline: createPipeline,
  get_pipeline_element: ({ sandbox, params }) => json(sandbox.element(params.element_id)),
  get_pipeline({ sandbox, params, write }) {
    const state = sandbox.pipeline(params.pipeline_id)
    return state && write.text(state.pipeline)
  },
  update_pipeline({ record, params, body, write }) {
    const outcome = record.apply(update(body), params.pipeline_id)
    return outcome && write.text(outcome.next.pipeline)
  },
  delete_pipeline: ({ sandbox, params }) => (sandbox.delete(params.pipeline_id) ? null : undefined),
  get_pipeline_elements: ({ sandbox, params }) => json(sandbox.pipeline(params.pipeline_id)?.elements),
  cancel_pipeline({ record, params, write }) {
    const outcome = record.apply(cancel, params.pipeline_id)
    return outcome && write.text(outcome.next.pipeline)
  },
  get_pipeline_result({ sandbox, params }) {
    const state = sandbox.pipeline(params.pipeline_id)
    return state && writeResult(state)
  },
  ...JOB_OPERATIONS,
  ...PROJECT_OPERATIONS,
}

const json = (value: object | undefined) => value && JSON.stringify(value)
