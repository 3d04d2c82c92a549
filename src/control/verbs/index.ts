import type { AnyVerb } from '../verb.js'
import { clockVerbs } from './clock.js'
import { faultVerbs } from './faults.js'
import { mockVerbs } from './mock.js'
import { pipelineVerbs } from './pipelines.js'
import { requestVerbs } from './requests.js'
import { sandboxVerbs } from './sandboxes.js'

/** Every verb, by its operationId in the control API's document. */
export const VERBS = {
  ...mockVerbs,
  ...pipelineVerbs,
  ...clockVerbs,
  ...requestVerbs,
  ...faultVerbs,
  ...sandboxVerbs,
} satisfies Record<string, AnyVerb>

/** The prefix of the control API, under which nothing of the mocked API is served. */
export const CONTROL_PREFIX = '/_mock'
