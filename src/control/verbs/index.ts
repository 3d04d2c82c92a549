import type { AnyVerb } from '../verb.js'
import { clockVerbs } from './clock.js'
import { faultVerbs } from './faults.js'
import { mockVerbs } from './mock.js'
import { pipelineVerbs } from './pipelines.js'
import { requestVerbs } from './requests.js'
import { sandboxVerbs } from './sandboxes.js'

/** Every verb by its operationId in the OpenAPI document of the control API. */
export const VERBS = {
  ...mockVerbs,
  ...pipelineVerbs,
  ...clockVerbs,
  ...requestVerbs,
  ...faultVerbs,
  ...sandboxVerbs,
} satisfies Record<string, AnyVerb>

/** Prefix of the paths of the control API. No path of the mocked API has this prefix. */
export const CONTROL_PREFIX = '/_mock'
