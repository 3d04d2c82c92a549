import { Type } from '@sinclair/typebox'
import { ResetPart, Seeded } from '../../contract/control.js'
import { Closed, expected, Titled } from '../../contract/schema.js'
import { fixtureOf } from '../../fixtures/export.js'
import { loadDocuments, summaryOf } from '../../fixtures/load.js'
import { Fixture } from '../../fixtures/schema.js'
import { MAX_SNAPSHOTS } from '../../state/sandbox.js'
import { NAME, SANDBOX_NAMES } from '../../state/sandboxes.js'
import { ControlError, listOf } from '../problem.js'
import { loader, method, verb } from '../verb.js'

export const Info = Titled('Info', {
  version: Type.String(),
  project_id: Type.String({ description: 'The project of the first pipeline of the fixtures' }),
  ...Seeded.properties,
})

const Parts = Type.Array(ResetPart, {
  description: 'Default: everything, snapshots too',
  [expected]: `an array of ${ResetPart.enum.join(', ')}`,
})
const Reset = Titled('Reset', { only: Type.Optional(Parts) })

const params = Closed({ name: Type.String({ pattern: NAME.source, [expected]: `a name: ${SANDBOX_NAMES}` }) })

export const mockVerbs = {
  get_info: verb('GET /info', 'Get the version, and what was seeded', { response: Info }, ({ info }) => info),

  reset: verb('POST /reset', 'Reset the sandbox, or parts of it', { body: Reset }, ({ sandbox, body }) => {
    sandbox.reset(body.only)
    return undefined
  }),

  seed: verb('POST /seed', 'Replace all pipelines', { body: Fixture, response: Seeded }, ({ sandbox, documents }) => {
    const loaded = loadDocuments(documents, sandbox.clock.now())
    sandbox.replace(loaded.seed)
    return summaryOf(loaded)
  }),

  get_state: verb('GET /state', 'Export the state as a fixture', { response: Fixture }, ({ sandbox }) => {
    const now = sandbox.clock.now()
    return fixtureOf(sandbox.pipelines(undefined, now), now)
  }),

  list_snapshots: verb(
    'GET /snapshots',
    'List snapshots',
    { response: Type.Array(Type.String()) },
    ({ sandbox }) => sandbox.snapshots,
  ),

  snapshot: verb('PUT /snapshots/{name}', 'Save the data under a name', { params }, ({ sandbox, params: { name } }) => {
    if (sandbox.snapshot(name)) return undefined
    const reason = `there are ${MAX_SNAPSHOTS} snapshots, the maximum: use a name again, or reset`
    throw new ControlError('too_many_snapshots', reason)
  }),

  restore: verb('POST /snapshots/{name}/restore', 'Restore a snapshot', { params }, ({ sandbox, params: { name } }) => {
    if (sandbox.restore(name)) return undefined
    const known = listOf(sandbox.snapshots)
    throw new ControlError('snapshot_not_found', `no snapshot ${JSON.stringify(name)}; existing snapshots: ${known}`)
  }),
}

const { reset, seed, get_state, snapshot, restore } = mockVerbs
const byName = (name: string) => ({ params: { name } })

export const mock = {
  reset: method(reset, (...only: ResetPart[]) => ({ body: only.length > 0 ? { only } : {} })),
  seed: loader(seed),
  state: method(get_state, () => ({})),
  snapshot: method(snapshot, byName),
  restore: method(restore, byName),
}
