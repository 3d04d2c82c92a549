import { validateHeaderName, validateHeaderValue } from 'node:http'
import { type Static, Type } from '@sinclair/typebox'
import { FAULT_ACTIONS, FaultPlan, Name, NO_CONTENT, RESERVED_HEADERS } from '../../contract/control.js'
import { Closed, Named } from '../../contract/schema.js'
import { deepFreeze } from '../../pipelines/freeze.js'
import { endHolds, type Fault, isConsumed, MAX_FAULTS } from '../../state/faults.js'
import type { Sandbox } from '../../state/sandbox.js'
import { ControlError, listOf } from '../problem.js'
import { method, verb } from '../verb.js'

const FaultState = Named('Fault', {
  id: Type.String({ description: 'Id of the fault, such as fault-1' }),
  ...FaultPlan.properties,
  matched: Type.Integer({
    description: 'Number of matching requests until the fault was exhausted, including the requests that "after" skips',
  }),
  fired: Type.Integer({ description: 'Number of requests that the fault applied to' }),
  held: Type.Integer({ description: 'Number of requests that the fault currently keeps waiting' }),
  consumed: Type.Boolean({
    description: 'Whether the fault applied to as many requests as planned; if times is null, to at least one request',
  }),
})
/**
 * A fault: its plan, its id, and the numbers of requests that matched its plan (`matched`), to which it applied
 * (`fired`), and that it keeps waiting (`held`).
 */
export type FaultState = Static<typeof FaultState>

function stateOf(fault: Fault): FaultState {
  const { plan, id, matched, fired, held } = fault
  return { ...plan, id, matched, fired, held: held.size, consumed: isConsumed(fault) }
}

const params = Closed({ id: Name })

/** The codes of the errors that `checkPlan` throws. */
const PLAN_ERRORS = ['fault_action_required', 'response_body_required', 'reserved_header', 'invalid_header'] as const

/** Checks the rules that the schema of a plan cannot express in TypeBox. The published schema contains these rules. */
function checkPlan(plan: FaultPlan): void {
  const { respond } = plan
  const count = FAULT_ACTIONS.filter((action) => plan[action] !== undefined).length
  if (count !== 1)
    throw new ControlError(
      'fault_action_required',
      `invalid fault: expected exactly one of the keys ${FAULT_ACTIONS.join(', ')}; found ${count}`,
    )
  if (respond && respond.body === undefined && respond.status < 300 && !NO_CONTENT.includes(respond.status))
    throw new ControlError(
      'response_body_required',
      `respond.body: missing; a response with status ${respond.status} needs a body`,
    )
  for (const [name, values] of Object.entries(respond?.headers ?? {}))
    for (const value of [values].flat()) checkHeader(name, value)
}

function checkHeader(name: string, value: string): void {
  const where = `respond.headers[${JSON.stringify(name)}]`
  if (RESERVED_HEADERS.includes(name.toLowerCase()))
    throw new ControlError('reserved_header', `${where}: reserved header; remove it`)
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
  } catch (error) {
    throw new ControlError('invalid_header', `${where}: invalid header: ${(error as Error).message}`)
  }
}

function notFound({ faults }: Sandbox, id: string) {
  const known = listOf(faults.list().map((one) => one.id))
  return new ControlError('fault_not_found', `no fault ${JSON.stringify(id)}; existing faults: ${known}`)
}

export const faultVerbs = {
  list_faults: verb('GET /faults', 'List faults', { response: Type.Array(FaultState) }, ({ sandbox }) =>
    sandbox.faults.list().map(stateOf),
  ),

  add_fault: verb(
    'POST /faults',
    'Add a fault',
    { body: FaultPlan, response: FaultState, errors: [...PLAN_ERRORS, 'too_many_faults'] },
    ({ sandbox, body }) => {
      checkPlan(body)
      const fault = sandbox.faults.add(deepFreeze(body))
      if (fault) return stateOf(fault)
      throw new ControlError(
        'too_many_faults',
        `too many faults: expected at most ${MAX_FAULTS}; remove a fault or reset the faults`,
      )
    },
  ),

  remove_fault: verb(
    'DELETE /faults/{id}',
    'Remove a fault',
    { params, errors: ['fault_not_found'] },
    ({ sandbox, params: { id } }) => {
      if (sandbox.faults.remove(id)) return undefined
      throw notFound(sandbox, id)
    },
  ),

  release_fault: verb(
    'POST /faults/{id}/release',
    'Release the requests that a fault holds',
    {
      params,
      response: Named('Release', { released: Type.Integer({ description: 'Number of released requests' }) }),
      errors: ['fault_not_found', 'fault_without_hold', 'nothing_held'],
    },
    ({ sandbox, params: { id } }) => {
      const fault = sandbox.faults.list().find((one) => one.id === id)
      if (!fault) throw notFound(sandbox, id)
      if (!fault.plan.hold)
        throw new ControlError(
          'fault_without_hold',
          `cannot release ${id}: only faults with the action "hold" can be released`,
        )
      const released = endHolds(fault, 'released')
      if (released > 0) return { released }
      throw new ControlError(
        'nothing_held',
        `cannot release ${id}: the fault holds no request at the moment; wait for a request before the release`,
      )
    },
  ),
}

const { list_faults, add_fault, remove_fault, release_fault } = faultVerbs
const byId = (id: string) => ({ params: { id } })

export const faults = {
  add: method(add_fault, (plan: FaultPlan) => ({ body: plan })),
  list: method(list_faults, () => ({})),
  remove: method(remove_fault, byId),
  release: method(release_fault, byId, ({ released }) => released),
}
