import { documentOf } from '../diagnostics/source.js'
import type { Caller } from './calls.js'
import { checkInput } from './check.js'
import type { Transport } from './handle.js'
import { ControlError } from './problem.js'
import { add, seed, VERBS, type World } from './verbs.js'

/** The way to a sandbox in this process; what is called is held to the same shapes as over HTTP. */
export function inProcess(name: string, worldOf: (name: string) => World): Transport {
  const call: Caller = async (verb, input) => {
    const parts = Object.entries(input).map(([part, value]) => [part, documentOf(copyOf(value))])
    const given = Object.fromEntries(parts)
    return VERBS[verb](worldOf(name), checkInput(verb, given) as never, given.body) as never
  }
  return {
    call,
    load: async (verb, documents) => (verb === 'seed' ? seed : add)(worldOf(name).sandbox, documents),
  }
}

/** As it would arrive over HTTP: what the caller does with its own object later changes nothing. */
function copyOf(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value))
  } catch (error) {
    throw new ControlError(400, `nothing was done: what was sent is no JSON: ${(error as Error).message}`)
  }
}
