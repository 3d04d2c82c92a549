import { type Static, Type } from '@sinclair/typebox'
import { Name, PipelineChange, Seeded } from '../../contract/control.js'
import { Pipeline, PipelineElement } from '../../contract/index.js'
import { Closed, Reference } from '../../contract/schema.js'
import { type Loaded, summaryOf, validateDocuments } from '../../fixtures/load.js'
import { AddableFixture } from '../../fixtures/schema.js'
import { freezeValues } from '../../pipelines/freeze.js'
import { futureJobId } from '../../pipelines/job.js'
import { set } from '../../pipelines/set.js'
import { newProject } from '../../projects/records.js'
import type { PipelineState } from '../../pipelines/state.js'
import type { Sandbox } from '../../state/sandbox.js'
import { checkArgument } from '../check.js'
import { ControlError, listOf } from '../problem.js'
import { loader, method, verb } from '../verb.js'

const params = Closed({ id: Name })
const PipelineRecord = Type.Unsafe<Readonly<Pipeline>>(Reference(Pipeline))
const ElementRecords = Type.Unsafe<readonly Readonly<PipelineElement>[]>(Type.Array(Reference(PipelineElement)))

const PipelineFilter = Type.Partial(Closed({ project_id: Name, status: Name, name: Name }))
/** Selects the pipelines with the given values. An absent key matches any value. */
export type PipelineFilter = Static<typeof PipelineFilter>

function find(sandbox: Sandbox, id: string): PipelineState {
  const state = sandbox.pipeline(id)
  if (state) return state
  throw new ControlError(
    'pipeline_not_found',
    `no pipeline ${JSON.stringify(id)}; GET /_mock/pipelines lists the existing pipelines`,
  )
}

/** Returns the index of the element with this `element_order`, id or name. Throws if there is no such element. */
function elementIndex({ elements }: PipelineState, selector: number | string): number {
  const index = elements.findIndex(({ id, name, element_order }) => [id, name, element_order].includes(selector))
  if (index !== -1) return index
  const known = listOf(elements.map(({ element_order, name }) => `${element_order} (${name})`))
  throw new ControlError(
    'element_not_found',
    `element: no element ${JSON.stringify(selector)}; existing elements: ${known}`,
  )
}

/** Throws if a change of a pipeline contains a status or a key that only elements have. */
function rejectElementChange({ status, result }: PipelineChange): void {
  if (status === 'skipped')
    throw new ControlError('element_required', 'status: only an element can be skipped; add the key "element"')
  if (result !== undefined)
    throw new ControlError('element_required', 'result: only an element has a result; add the key "element"')
}

const notAddable = (key: string) =>
  new ControlError(
    'settings_not_addable',
    `${key}: only a fixture that seeds a sandbox can have the key "${key}"; remove the key, or use seed`,
  )

/** Returns the ids in a loaded fixture that already exist in the sandbox. */
const takenIds = (sandbox: Sandbox, { seed }: Loaded) =>
  seed.pipelines.flatMap(({ pipeline, elements }) => [
    ...(sandbox.pipeline(pipeline.id) ? [pipeline.id] : []),
    ...elements.flatMap(({ id }) => (sandbox.element(id) ? [id] : [])),
    ...elements.map(futureJobId).filter((id) => id !== null && sandbox.pipeline(sandbox.data.ownerOfJob(id))),
  ])

export const pipelineVerbs = {
  list_pipelines: verb(
    'GET /pipelines',
    'List pipelines, seeded pipelines first',
    { query: PipelineFilter, response: Type.Array(PipelineRecord) },
    ({ sandbox, query: { project_id, status, name } }) =>
      sandbox
        .pipelines(project_id)
        .map(({ pipeline }) => pipeline)
        .filter((one) => one.status === (status ?? one.status) && one.name === (name ?? one.name)),
  ),

  add_pipelines: verb(
    'POST /pipelines',
    'Add the pipelines, the plans and the projects of a fixture',
    { body: AddableFixture, response: Seeded, errors: ['id_taken', 'settings_not_addable'] },
    ({ sandbox, documents }) => {
      const fixtures = validateDocuments(documents)
      if (Object.keys(fixtures.settings).length > 0) throw notAddable('mock')
      if (fixtures.fixtures.some(({ users = [] }) => users.length > 0)) throw notAddable('users')
      const loaded = fixtures.loadAt(sandbox.clock.now())
      const projects = fixtures.fixtures.flatMap((fixture) => fixture.projects ?? []).map((one) => newProject(one).id)
      const taken = [...takenIds(sandbox, loaded), ...projects.filter((id) => sandbox.data.project(id))]
      if (taken.length > 0)
        throw new ControlError('id_taken', `ids already exist: ${taken.join(', ')}; nothing was added; use other ids`)
      sandbox.add(loaded.seed)
      return summaryOf(loaded)
    },
  ),

  get_pipeline: verb(
    'GET /pipelines/{id}',
    'Get a pipeline',
    { params, response: PipelineRecord, errors: ['pipeline_not_found'] },
    ({ sandbox, params: { id } }) => find(sandbox, id).pipeline,
  ),

  set_pipeline: verb(
    'PATCH /pipelines/{id}',
    'Change a pipeline or one of its elements, as the worker of the service would',
    {
      ...{ params, body: PipelineChange, response: PipelineRecord },
      errors: ['pipeline_not_found', 'element_not_found', 'element_required'],
    },
    ({ sandbox, params: { id }, body: { element, ...change } }) => {
      if (element === undefined) rejectElementChange(change)
      const state = find(sandbox, id)
      const index = element === undefined ? undefined : elementIndex(state, element)
      sandbox.apply(set(change, index), id)
      return find(sandbox, id).pipeline
    },
  ),

  get_elements: verb(
    'GET /pipelines/{id}/elements',
    'List the elements of a pipeline in their order of execution',
    { params, response: ElementRecords, errors: ['pipeline_not_found'] },
    ({ sandbox, params: { id } }) => freezeValues(find(sandbox, id).elements),
  ),
}

const { list_pipelines, add_pipelines, get_pipeline, set_pipeline, get_elements } = pipelineVerbs
const byId = (id: string) => ({ params: { id } })

export const pipelines = {
  get: method(get_pipeline, byId),
  list: method(list_pipelines, (filter: PipelineFilter = {}) => ({
    query: checkArgument(PipelineFilter, filter),
  })),
  elements: method(get_elements, byId),
  add: loader(add_pipelines),
  set: method(set_pipeline, (id: string, change: PipelineChange) => ({ ...byId(id), body: change })),
}
