import { type Static, Type } from '@sinclair/typebox'
import { Pipeline } from '../contract/index.js'
import { Model } from '../contract/schema.js'
import { hasEnded, hasFailed } from '../pipelines/state.js'

/** Server-derived flags that the official client requires from 0.32 on (seen); as pydantic's computed fields, last. */
const PipelineWithFlags = Model(
  'Pipeline',
  {
    ...Pipeline.properties,
    is_terminal: Type.Boolean({ readOnly: true }),
    is_failed: Type.Boolean({ readOnly: true }),
  },
  { description: Pipeline.description as string },
)

type ServedPipeline = Pipeline | Required<Static<typeof PipelineWithFlags>>

/** How pipelines are answered: published keys and flags, or with `strict` the published keys alone. */
export const servedPipeline = (strict: boolean) =>
  strict
    ? { schema: Pipeline, serve: (pipeline: Pipeline): ServedPipeline => pipeline }
    : {
        schema: PipelineWithFlags,
        serve: (pipeline: Pipeline): ServedPipeline => ({
          ...pipeline,
          is_terminal: hasEnded(pipeline.status),
          is_failed: hasFailed(pipeline.status),
        }),
      }
