import type { Seeded } from '../contract/control.js'
import { partsOf, run } from './check.js'
import type { ControlContext, Transport, VerbOutput } from './verb.js'

/**
 * Returns a transport that runs verbs in this process, on the sandbox with the given name. `call` checks the input as
 * the control API does over HTTP. `load` does not validate the fixtures, because the verbs that receive fixtures
 * validate them.
 */
export const inProcess = (context: ControlContext, name: string): Transport => ({
  call: async (verb, input) => (await run(verb, context, name, partsOf(input))) as VerbOutput<(typeof verb)['shape']>,
  load: async (verb, fixtures, query) => (await run(verb, context, name, partsOf({ query }), fixtures)) as Seeded,
})
