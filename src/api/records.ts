import { Type } from '@sinclair/typebox'
import { Pipeline, PipelineDetail } from '../contract/index.js'
import { Model } from '../contract/schema.js'
import { flagsOf, type PipelineState } from '../pipelines/state.js'

/**
 * The flags of a pipeline in responses. Since version 0.32, the client requires these flags (seen in the official
 * client). The flags are the last keys of a pipeline, because pydantic writes computed fields last.
 */
const FLAGS = { is_terminal: Type.Boolean({ readOnly: true }), is_failed: Type.Boolean({ readOnly: true }) }

const withFlags = (model: typeof Pipeline | typeof PipelineDetail) =>
  Model(String(model.$id), { ...model.properties, ...FLAGS }, { description: String(model.description) })

/**
 * Returns the models of pipelines in responses. The models have the published keys and, unless `strict` is true, the
 * flags.
 */
export const pipelineModels = (strict: boolean) =>
  strict ? [Pipeline, PipelineDetail] : [withFlags(Pipeline), withFlags(PipelineDetail)]

/**
 * Converts pipelines to the form that responses contain, with the published keys and, unless `strict` is true, the
 * flags.
 */
export class PipelineWriter {
  readonly #strict: boolean
  /** A cache of the JSON of pipelines. Pipelines are frozen, so their JSON does not change. */
  readonly #texts = new WeakMap<Pipeline, string>()

  constructor(strict: boolean) {
    this.#strict = strict
  }

  readonly record = (pipeline: Pipeline): object =>
    this.#strict ? pipeline : { ...pipeline, ...flagsOf(pipeline.status) }

  /** Returns a pipeline as JSON. */
  text(pipeline: Pipeline): string {
    const known = this.#texts.get(pipeline)
    if (known !== undefined) return known
    const text = JSON.stringify(this.record(pipeline))
    this.#texts.set(pipeline, text)
    return text
  }

  /** Returns a pipeline with its elements, in the form that responses contain. */
  detail({ pipeline, elements }: PipelineState): object {
    return { ...pipeline, elements, ...(!this.#strict && flagsOf(pipeline.status)) }
  }
}
