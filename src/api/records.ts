import { Type } from '@sinclair/typebox'
import { Pipeline, PipelineElement } from '../contract/index.js'
import { Model, Reference } from '../contract/schema.js'
import { hasEnded, hasFailed, type PipelineState } from '../pipelines/state.js'

/** Server-derived flags that the official client requires from 0.32 on (seen); as pydantic's computed fields, last. */
const FLAGS = { is_terminal: Type.Boolean({ readOnly: true }), is_failed: Type.Boolean({ readOnly: true }) }

const flagsOf = ({ status }: Pipeline) => ({ is_terminal: hasEnded(status), is_failed: hasFailed(status) })

const elements = { elements: Type.Array(Reference(PipelineElement)) }
const detail = { description: 'Model for representing a pipeline with its elements in detail responses.' }
const record = { description: Pipeline.description as string }

/** Writes each record once, however often it is read: it is frozen. */
function writerOf(record: (pipeline: Pipeline) => object) {
  const written = new WeakMap<Pipeline, string>()
  return (pipeline: Pipeline): string => {
    const known = written.get(pipeline)
    if (known !== undefined) return known
    const text = JSON.stringify(record(pipeline))
    written.set(pipeline, text)
    return text
  }
}

/** How pipelines are answered: published keys and flags, or with `strict` the published keys alone. */
export function servedPipeline(strict: boolean) {
  const serve = (pipeline: Pipeline) => (strict ? pipeline : { ...pipeline, ...flagsOf(pipeline) })
  return {
    schema: strict ? Pipeline : Model('Pipeline', { ...Pipeline.properties, ...FLAGS }, record),
    detail: Model('PipelineDetail', { ...Pipeline.properties, ...elements, ...(!strict && FLAGS) }, detail),
    serve,
    /** A pipeline as it is sent, to go out with `reply.serializer(String)`. */
    write: writerOf(serve),
    serveDetail: ({ pipeline, elements }: PipelineState) => ({
      ...pipeline,
      elements,
      ...(!strict && flagsOf(pipeline)),
    }),
  }
}
