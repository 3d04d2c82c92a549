import { Type } from '@sinclair/typebox'
import { Pipeline, PipelineDetail } from '../contract/index.js'
import { Model } from '../contract/schema.js'
import { hasEnded, hasFailed, type PipelineState } from '../pipelines/state.js'

/** Flags that the official client requires from 0.32 on (seen); last, as pydantic's computed fields. */
const FLAGS = { is_terminal: Type.Boolean({ readOnly: true }), is_failed: Type.Boolean({ readOnly: true }) }

const flagsOf = ({ status }: Pipeline) => ({ is_terminal: hasEnded(status), is_failed: hasFailed(status) })

const withFlags = (model: typeof Pipeline | typeof PipelineDetail) =>
  Model(String(model.$id), { ...model.properties, ...FLAGS }, { description: String(model.description) })

/** The models of pipelines as they are sent: with the flags, or only the published keys if `strict`. */
export const pipelineModels = (strict: boolean) =>
  strict ? [Pipeline, PipelineDetail] : [withFlags(Pipeline), withFlags(PipelineDetail)]

/** Writes pipelines as they are sent: with the flags, or only the published keys if `strict`. */
export class PipelineWriter {
  readonly #strict: boolean
  /** Records are frozen, so each is written once, however often it is read. */
  readonly #texts = new WeakMap<Pipeline, string>()

  constructor(strict: boolean) {
    this.#strict = strict
  }

  readonly record = (pipeline: Pipeline): object => (this.#strict ? pipeline : { ...pipeline, ...flagsOf(pipeline) })

  /** A pipeline as JSON. */
  text(pipeline: Pipeline): string {
    const known = this.#texts.get(pipeline)
    if (known !== undefined) return known
    const text = JSON.stringify(this.record(pipeline))
    this.#texts.set(pipeline, text)
    return text
  }

  /** A pipeline with its elements. */
  detail({ pipeline, elements }: PipelineState): object {
    return { ...pipeline, elements, ...(!this.#strict && flagsOf(pipeline)) }
  }
}
