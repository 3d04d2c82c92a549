import { type Document, documentOf } from '../diagnostics/source.js'
import type { Seeded } from '../contract/control.js'
import { INVALID_REQUEST, run } from './check.js'
import { ControlError } from './problem.js'
import {
  type AnyVerb,
  type ControlContext,
  queryStrings,
  type Transport,
  type Verb,
  type VerbInput,
  type VerbOutput,
  type VerbShape,
} from './verb.js'

/**
 * Returns a transport that runs verbs in this process, on the sandbox with the given name. `call` checks the input as the control API does over HTTP.
 * `load` does not validate the fixtures, because the verbs that receive fixtures validate them.
 */
export const inProcess = (context: ControlContext, name: string): Transport => {
  const call = async (verb: AnyVerb, input: object, fixtures?: readonly Document[]) => {
    const { params = {}, query = {}, body = {} } = input as Partial<Record<'params' | 'query' | 'body', object>>
    const given = { params: documentOf(params), query: documentOf(queryStrings(query)), body: documentOf(copyOf(body)) }
    return run(verb, context, name, given, fixtures)
  }
  return {
    call: async <S extends VerbShape>(verb: Verb<S>, input: VerbInput<S>) => (await call(verb, input)) as VerbOutput<S>,
    load: async (verb, fixtures, query) => (await call(verb, { query }, fixtures)) as Seeded,
  }
}

/**
 * Copies a value by converting it to JSON and back, as a call over HTTP does, so that later changes to the object of
 * the caller have no effect.
 * @throws ControlError if `JSON.stringify` throws, such as for a circular object.
 */
function copyOf(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value))
  } catch (error) {
    const [reason = ''] = (error as Error).message.split('\n')
    const message = `cannot be converted to JSON: ${reason}`
    throw new ControlError('invalid_request', INVALID_REQUEST, [{ code: 'not_json', message }])
  }
}
