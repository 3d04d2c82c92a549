import { type Static, Type } from '@sinclair/typebox'
import { Name } from '../../contract/control.js'
import { Closed, Named } from '../../contract/schema.js'
import { DEFAULT_SANDBOX } from '../../state/sandboxes.js'
import { ControlError } from '../problem.js'
import { method, verb } from '../verb.js'

const SandboxState = Named('Sandbox', {
  name: Type.String(),
  in_flight: Type.Integer({
    description:
      'Number of requests without a complete response, plus number of `waitFor` calls that are still waiting',
  }),
  requests: Type.Integer({ description: 'Number of requests in the journal' }),
  faults: Type.Integer({ description: 'Number of faults, including exhausted faults' }),
})
/** A named sandbox, with counts of its requests and faults. */
export type SandboxState = Static<typeof SandboxState>

export const sandboxVerbs = {
  list_sandboxes: verb(
    'GET /sandboxes',
    'List the named sandboxes, longest idle first',
    { response: Type.Array(SandboxState) },
    ({ sandboxes }) =>
      sandboxes.list().map(([name, { inFlight, journal, faults }]) => ({
        name,
        in_flight: inFlight,
        requests: journal.list().length,
        faults: faults.list().length,
      })),
  ),

  drop_sandbox: verb(
    'DELETE /sandboxes/{name}',
    'Drop a sandbox',
    { params: Closed({ name: Name }), errors: ['default_sandbox', 'sandbox_not_found'] },
    ({ sandboxes, params: { name } }) => {
      if (name === DEFAULT_SANDBOX)
        throw new ControlError('default_sandbox', 'the default sandbox cannot be dropped: reset it instead')
      if (sandboxes.drop(name)) return undefined
      throw new ControlError(
        'sandbox_not_found',
        `no sandbox ${JSON.stringify(name)}; GET /_mock/sandboxes lists the existing sandboxes`,
      )
    },
    false,
  ),
}

export const sandboxes = {
  list: method(sandboxVerbs.list_sandboxes, () => ({})),
  drop: method(sandboxVerbs.drop_sandbox, (name: string) => ({ params: { name } })),
}
