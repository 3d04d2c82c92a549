import { Type } from '@sinclair/typebox'
import { CreationPlan } from '../../pipelines/creation-plan.js'
import { MAX_PLANS } from '../../state/overlay.js'
import { ControlError } from '../problem.js'
import { method, verb } from '../verb.js'

export const planVerbs = {
  list_plans: verb(
    'GET /plans',
    'List the plans for pipelines that clients create; the first matching plan applies',
    { response: Type.Array(CreationPlan) },
    ({ sandbox }) => [...sandbox.data.plans],
  ),

  add_plan: verb(
    'POST /plans',
    'Add a plan for pipelines that clients create; it applies before all other plans',
    { body: CreationPlan, errors: ['too_many_plans'] },
    ({ sandbox, body }) => {
      if (sandbox.data.addPlan(body)) return undefined
      const reason = `too many plans: expected at most ${MAX_PLANS}; reset the data or seed the sandbox`
      throw new ControlError('too_many_plans', reason)
    },
  ),
}

const { list_plans, add_plan } = planVerbs

export const plans = {
  list: method(list_plans, () => ({})),
  add: method(add_plan, (plan: CreationPlan) => ({ body: plan })),
}
