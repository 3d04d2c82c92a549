import { type Static, Type } from '@sinclair/typebox'
import { PipelineOptions } from './pipeline.js'
import { Dictionary, Model, Nullable, OpenObject, Reference } from './schema.js'

/** What a pipeline is created from (documented). Elements run in the order in which they are written. */
export const PipelineConfig = Model('PipelineConfig', {
  project_id: Type.String(),
  elements: Dictionary(OpenObject({ additionalProperties: true })),
  name: Type.Optional(Nullable(Type.String())),
  description: Type.Optional(Nullable(Type.String())),
  options: Type.Optional(Reference(PipelineOptions)),
})
export type PipelineConfig = Static<typeof PipelineConfig>

/** What of a pipeline can be changed (seen); the bounds of the name are those of a sibling operation (documented). */
export const PipelineUpdate = Model('PipelineUpdate', {
  name: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 255 }))),
  description: Type.Optional(Nullable(Type.String())),
})
export type PipelineUpdate = Static<typeof PipelineUpdate>

/** What the elements of a pipeline came to (seen): merged, and by the name of the element. */
export const PipelineResult = Model('PipelineResult', {
  result: OpenObject({ additionalProperties: true }),
  element_results: OpenObject({ additionalProperties: true }),
})
export type PipelineResult = Static<typeof PipelineResult>
