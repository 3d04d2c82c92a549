import { type TInteger, Type } from '@sinclair/typebox'
import { ResetPart, Seeded } from '../../contract/control.js'
import { Closed, described, expected, Named, StringEnum } from '../../contract/schema.js'
import { fixtureOf } from '../../fixtures/export.js'
import { summaryOf, validateDocuments } from '../../fixtures/load.js'
import { AnyFixture, Fixture } from '../../fixtures/schema.js'
import { freezeValues } from '../../pipelines/freeze.js'
import { MEMORY_PARTS, type MemoryPart } from '../../state/memory.js'
import { MAX_SNAPSHOTS } from '../../state/snapshots.js'
import { NAME, SANDBOX_NAMES } from '../../state/sandboxes.js'
import { ControlError, listOf } from '../problem.js'
import { loader, method, verb } from '../verb.js'

const MemoryUse = Named(
  'MemoryUse',
  Object.fromEntries(MEMORY_PARTS.map((part) => [part, Type.Integer()])) as Record<MemoryPart, TInteger>,
)

const MemoryState = Named('Memory', {
  limit: Type.Integer({ description: 'Value of the option memory-limit, in bytes' }),
  used: described(MemoryUse, 'Estimated memory of each part of the state, in bytes'),
})

export const Info = Named('Info', {
  version: Type.String({ description: 'Version of ionworks-mock' }),
  project_id: Type.String({
    description:
      'Id of the project of the first pipeline in the fixtures; if they contain no pipeline, the id of a default project',
  }),
  ...Seeded.properties,
  memory: described(
    MemoryState,
    'Memory that the state of the mock uses. The fixtures that the mock starts with are not counted',
  ),
})

const Parts = Type.Array(ResetPart, {
  description: 'Parts to reset. Default: all parts and the snapshots',
  [expected]: `an array with some of these strings: ${ResetPart.enum.join(', ')}`,
})
const Reset = Named('Reset', { only: Type.Optional(Parts) })

const params = Closed({ name: Type.String({ pattern: NAME.source, [expected]: `a name: ${SANDBOX_NAMES}` }) })

const Scope = StringEnum(['sandbox', 'all'], {
  description:
    'sandbox: seeds only this sandbox; a reset of its data restores the initial fixtures; all: seeds every sandbox, and makes the fixture the initial ' +
    'state of new and reset sandboxes. Default: sandbox',
})

export const mockVerbs = {
  get_info: verb(
    'GET /info',
    'Get the version of the mock, its memory and the counts of loaded pipelines',
    { response: Info },
    ({ sandboxes: { home }, memory: { limit, used }, version }) => {
      const { project_id } = home.loaded.seed
      return { version, project_id, ...summaryOf(home.loaded), memory: { limit, used: { ...used } } }
    },
  ),

  reset: verb('POST /reset', 'Reset the sandbox or parts of it', { body: Reset }, ({ sandbox, body }) => {
    sandbox.reset(body.only)
    return undefined
  }),

  seed: verb(
    'POST /seed',
    'Replace all pipelines with the pipelines of a fixture',
    { query: Closed({ scope: Type.Optional(Scope) }), body: AnyFixture, response: Seeded },
    ({ sandbox, sandboxes, query: { scope }, documents }) =>
      summaryOf((scope === 'all' ? sandboxes : sandbox).seed(validateDocuments(documents))),
  ),

  get_state: verb('GET /state', 'Export all pipelines as a fixture', { response: Fixture }, ({ sandbox }) => {
    const now = sandbox.clock.now()
    const states = sandbox.pipelines(undefined, now)
    for (const { elements } of states) freezeValues(elements)
    return fixtureOf(states, now, sandbox.data)
  }),

  list_snapshots: verb(
    'GET /snapshots',
    'List the names of the snapshots',
    { response: Type.Array(Type.String()) },
    ({ sandbox }) => sandbox.snapshots,
  ),

  snapshot: verb(
    'PUT /snapshots/{name}',
    'Save all pipelines as a snapshot',
    { params, errors: ['too_many_snapshots'] },
    ({ sandbox, params: { name } }) => {
      if (sandbox.snapshot(name)) return undefined
      const reason = `too many snapshots: expected at most ${MAX_SNAPSHOTS}; overwrite a snapshot or reset the sandbox`
      throw new ControlError('too_many_snapshots', reason)
    },
  ),

  restore: verb(
    'POST /snapshots/{name}/restore',
    'Restore the pipelines of a snapshot',
    { params, errors: ['snapshot_not_found'] },
    ({ sandbox, params: { name } }) => {
      if (sandbox.restore(name)) return undefined
      const known = listOf(sandbox.snapshots)
      throw new ControlError('snapshot_not_found', `no snapshot ${JSON.stringify(name)}; existing snapshots: ${known}`)
    },
  ),
}

const { reset, seed, get_state, snapshot, restore } = mockVerbs
const byName = (name: string) => ({ params: { name } })

export const mock = {
  reset: method(reset, (...only: ResetPart[]) => ({ body: only.length > 0 ? { only } : {} })),
  seed: loader<{ scope?: 'sandbox' | 'all' }>(seed),
  state: method(get_state, () => ({})),
  snapshot: method(snapshot, byName),
  restore: method(restore, byName),
}
