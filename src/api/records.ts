import { Type } from '@sinclair/typebox'
import { Pipeline, PipelineDetail } from '../contract/index.js'
import { Model } from '../contract/schema.js'
import { hasEnded, hasFailed, type PipelineState } from '../pipelines/state.js'

/** Flags that the official client requires since 0.32 (seen). They come last, like computed fields in pydantic. */
const FLAGS = { is_terminal: Type.Boolean({ readOnly: true }), is_failed: Type.Boolean({ readOnly: true }) }

const flagsOf = ({ status }: Pipeline) => ({ is_terminal: hasEnded(status), is_failed: hasFailed(status) })

const withFlags = (model: typeof Pipeline | typeof PipelineDetail) =>
  Model(String(model.$id), { ...model.properties, ...FLAGS }, { description: String(model.description) })

/** Returns the models of pipelines in responses: with the flags, or with the published keys only if `strict`. */
export const pipelineModels = (strict: boolean) =>
  strict ? [Pipeline, PipelineDetail] : [withFlags(Pipeline), withFlags(PipelineDetail)]

/** Writes pipelines for responses: with the flags, or with the published keys only if `strict`. */
export class PipelineWriter {
  readonly #strict: boolean
  /** The JSON of pipelines that were written before. Pipelines are frozen, so it stays valid. */
  readonly #texts = new WeakMap<Pipeline, string>()

  constructor(strict: boolean) {
    this.#strict = strict
  }

  readonly record = (pipeline: Pipeline): object => (this.#strict ? pipeline : { ...pipeline, ...flagsOf(pipeline) })

  /** Returns a pipeline as JSON. */
  text(pipeline: Pipeline): string {
    const known = this.#texts.get(pipeline)
    if (known !== undefined) return known
    const text = JSON.stringify(this.record(pipeline))
    this.#texts.set(pipeline, text)
    return text
  }

  /** Returns a pipeline with its elements. */
  detail({ pipeline, elements }: PipelineState): object {
    return { ...pipeline, elements, ...(!this.#strict && flagsOf(pipeline)) }
  }
}
