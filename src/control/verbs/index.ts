import type { AnyVerb } from '../verb.js'
import { clockVerbs } from './clock.js'
import { faultVerbs } from './faults.js'
import { mockVerbs } from './mock.js'
import { pipelineVerbs } from './pipelines.js'
import { planVerbs } from './plans.js'
import { requestVerbs } from './requests.js'
import { sandboxVerbs } from './sandboxes.js'

/** The groups of verbs. The name of a group is a tag in the OpenAPI document of the control API. */
export const VERB_GROUPS = {
  mock: mockVerbs,
  pipelines: pipelineVerbs,
  plans: planVerbs,
  clock: clockVerbs,
  requests: requestVerbs,
  faults: faultVerbs,
  sandboxes: sandboxVerbs,
} satisfies Record<string, Record<string, AnyVerb>>

/** Every verb by its operationId in the OpenAPI document of the control API. */
export const VERBS: Readonly<Record<string, AnyVerb>> = Object.fromEntries(
  Object.values(VERB_GROUPS).flatMap((verbs) => Object.entries<AnyVerb>(verbs)),
)

/** The path under which the mock serves the control API. No path of the mocked API begins with this path. */
export const CONTROL_PREFIX = '/_mock'
