import type { AnyVerb } from '../verb.js'
import { clockVerbs } from './clock.js'
import { faultVerbs } from './faults.js'
import { mockVerbs } from './mock.js'
import { pipelineVerbs } from './pipelines.js'
import { planVerbs } from './plans.js'
import { requestVerbs } from './requests.js'
import { sandboxVerbs } from './sandboxes.js'

/** Every verb by its operationId in the OpenAPI document of the control API. */
export const VERBS = {
  ...mockVerbs,
  ...pipelineVerbs,
  ...planVerbs,
  ...clockVerbs,
  ...requestVerbs,
  ...faultVerbs,
  ...sandboxVerbs,
} satisfies Record<string, AnyVerb>

/** The control API is served under this path. The mocked API serves nothing under it. */
export const CONTROL_PREFIX = '/_mock'
