import { DEFAULT_SANDBOX } from '../state/sandboxes.js'
import { checkSandboxName } from './check.js'
import { assertConsumed, expectCanceled, verify, waitFor } from './expectations.js'
import type { MockControl, MockSandbox } from './mock-control.js'
import { bind, type Transport } from './verb.js'
import { clock } from './verbs/clock.js'
import { faults } from './verbs/faults.js'
import { mock } from './verbs/mock.js'
import { pipelines } from './verbs/pipelines.js'
import { plans } from './verbs/plans.js'
import { requests } from './verbs/requests.js'
import { sandboxes } from './verbs/sandboxes.js'

type Address = Pick<MockSandbox, 'url' | 'env'>

const handleOver = (transport: Transport, { url, env }: Address): MockSandbox => ({
  url,
  env: Object.freeze(env),
  ...bind({ ...mock, expectCanceled, verify }, transport),
  pipelines: bind(pipelines, transport),
  plans: bind(plans, transport),
  clock: bind(clock, transport),
  requests: bind({ ...requests, waitFor }, transport),
  faults: bind({ ...faults, assertConsumed }, transport),
})

/**
 * Makes the handle of a mock. `locate` returns the transport and the address of the sandbox with the given name.
 * Without a name, `locate` returns the transport and the address of the sandbox that the handle itself acts on.
 */
export function controlOver(locate: (name?: string) => { transport: Transport; address: Address }): MockControl {
  const { transport, address } = locate()
  return {
    ...handleOver(transport, address),
    sandbox(name) {
      const named = locate(checkSandboxName(name))
      return handleOver(named.transport, named.address)
    },
    sandboxes: bind(sandboxes, transport),
  }
}

/** Returns the URL and the environment variables of the sandbox with the given name. Default: the default sandbox. */
export function addressOf(root: string, project_id: string, name?: string): Address {
  const url = name === undefined ? root : `${root}/_sandbox/${name}`
  const key = `mock_${name ?? DEFAULT_SANDBOX}`
  return { url, env: { IONWORKS_API_URL: url, IONWORKS_API_KEY: key, IONWORKS_PROJECT_ID: project_id } }
}
