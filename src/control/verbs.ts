import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { Static } from '@sinclair/typebox'
import { parseDuration } from '../time/duration.js'
import { deepFreeze } from '../pipelines/freeze.js'
import { later, parseInstant } from '../time/instant.js'
import { set } from '../pipelines/set.js'
import type { PipelineState } from '../pipelines/state.js'
import type { Document } from '../diagnostics/source.js'
import { fixtureOf } from '../fixtures/export.js'
import { type Loaded, loadDocuments, summaryOf } from '../fixtures/load.js'
import { end, type Fault, isConsumed, MAX_PLANS } from '../state/faults.js'
import { MAX_SNAPSHOTS, type Sandbox } from '../state/sandbox.js'
import { DEFAULT_SANDBOX, type Sandboxes } from '../state/sandboxes.js'
import type { CallName, Input, Output } from './calls.js'
import { ControlError } from './problem.js'
import { filterFrom, receivedRequest } from './received.js'
import type { ClockState, FaultState, Info, Seeded } from './shapes.js'

/** What calls are made on. */
export interface World {
  readonly sandbox: Sandbox
  readonly sandboxes: Sandboxes
  readonly info: Static<typeof Info>
  /** Aborted when who called has gone, or the mock is closed. */
  readonly signal: AbortSignal
}

type Verbs = {
  readonly [N in CallName]: (world: World, input: Input<N>, body: Document) => Output<N> | Promise<Output<N>>
}

/** What each call does. */
export const VERBS: Verbs = {
  get_info: ({ info }) => info,

  reset: ({ sandbox }, { body: { only } }) => void sandbox.reset(only),

  seed: ({ sandbox }, _, body) => seed(sandbox, [body]),

  get_state({ sandbox }) {
    const now = sandbox.clock.now()
    return fixtureOf(sandbox.pipelines(undefined, now), now)
  },

  list_snapshots: ({ sandbox }) => sandbox.snapshots,

  snapshot({ sandbox }, { params: { name } }) {
    if (!sandbox.snapshot(name))
      throw new ControlError(422, `there are ${MAX_SNAPSHOTS} snapshots, as many as can be: use a name again, or reset`)
  },

  restore({ sandbox }, { params: { name } }) {
    if (sandbox.restore(name)) return
    throw new ControlError(404, `there is no snapshot ${JSON.stringify(name)}: there are ${listed(sandbox.snapshots)}`)
  },

  list_pipelines: ({ sandbox }, { query: { project_id, status, name } }) =>
    sandbox
      .pipelines(project_id)
      .map(({ pipeline }) => pipeline)
      .filter((one) => one.status === (status ?? one.status) && one.name === (name ?? one.name)),

  add_pipelines: ({ sandbox }, _, body) => add(sandbox, [body]),

  get_pipeline: ({ sandbox }, { params: { id } }) => known(sandbox, id).pipeline,

  set_pipeline({ sandbox }, { params: { id }, body: { element, ...change } }) {
    const place = element === undefined ? undefined : placeOf(known(sandbox, id), element)
    if (place === undefined && change.status === 'skipped')
      throw new ControlError(422, 'status: a pipeline is never skipped, only an element is: say which with "element"')
    if (place === undefined && change.result !== undefined)
      throw new ControlError(422, 'result: a pipeline has none of its own: say of which element with "element"')
    const rule = set({ ...change, ...(place !== undefined && { element: place }) })
    known(sandbox, id)
    sandbox.apply(rule, id)
    return known(sandbox, id).pipeline
  },

  get_elements: ({ sandbox }, { params: { id } }) => known(sandbox, id).elements as Output<'get_elements'>,

  get_clock: ({ sandbox }) => clockOf(sandbox),

  set_clock({ sandbox }, { body: { mode, now } }) {
    const at = now === undefined ? undefined : parseInstant(now)
    sandbox.setClock((clock) => {
      if (mode === 'frozen') clock.freeze(at)
      else if (mode === 'offset') clock.run(at)
      else clock.followSource()
    })
    return clockOf(sandbox)
  },

  advance_clock({ sandbox }, { body: { by } }) {
    const at = later(sandbox.clock.now(), parseDuration(by) as number)
    if (at === undefined)
      throw new ControlError(422, `by: ${by} from now is after the year 9999: advance the clock by less`)
    sandbox.setClock((clock) => (clock.mode === 'frozen' ? clock.freeze(at) : clock.run(at)))
    return clockOf(sandbox)
  },

  list_requests: ({ sandbox }, { query }) => sandbox.journal.list(filterFrom(query)).map(receivedRequest),

  async wait_for_request({ sandbox, signal }, { query: { timeout = '5s', ...filter } }) {
    const ms = parseDuration(timeout) as number
    if (ms > LONGEST_WAIT_MS) throw new ControlError(422, `timeout: ${timeout} is longer than 5m: wait again instead`)
    // While someone waits, the sandbox is not idle.
    sandbox.inFlight++
    const entry = await sandbox.journal.waitFor(filterFrom(filter), ms, signal)
    sandbox.inFlight--
    return entry ? [receivedRequest(entry)] : []
  },

  list_faults: ({ sandbox }) => sandbox.faults.list().map(faultState),

  add_fault({ sandbox }, { body: plan }) {
    const actions = ACTIONS.filter((action) => plan[action] !== undefined)
    if (actions.length !== 1)
      throw new ControlError(
        422,
        `a fault does just one thing, found ${actions.length}: say one of ${ACTIONS.join(', ')}`,
      )
    if (plan.respond && plan.respond.status < 400 && plan.respond.body === undefined)
      throw new ControlError(422, 'respond.body: a status below 400 needs one: only errors have a body of their own')
    checkHeaders(plan.respond?.headers)
    if (plan.delay !== undefined && (parseDuration(plan.delay) as number) > LONGEST_DELAY_MS)
      throw new ControlError(422, `delay: ${plan.delay} is longer than 1h, in real time: hold or hang instead`)
    const fault = sandbox.faults.add(deepFreeze(plan))
    if (!fault) throw new ControlError(422, `there are ${MAX_PLANS} faults, as many as can be: remove some, or reset`)
    return faultState(fault)
  },

  remove_fault({ sandbox }, { params: { id } }) {
    if (!sandbox.faults.remove(id)) throw unknownFault(sandbox, id)
  },

  release_fault({ sandbox }, { params: { id } }) {
    const fault = sandbox.faults.list().find((one) => one.id === id)
    if (!fault) throw unknownFault(sandbox, id)
    if (!fault.plan.hold) throw new ControlError(422, `${id} holds nothing: only a fault with "hold" can be released`)
    const released = end(fault, 'released')
    if (released === 0) throw new ControlError(409, `${id} holds no request now: wait for one, then release it`)
    return { released }
  },

  list_sandboxes: ({ sandboxes }) =>
    sandboxes.list().map(([name, { inFlight, journal, faults }]) => ({
      name,
      in_flight: inFlight,
      requests: journal.list().length,
      faults: faults.list().length,
    })),

  drop_sandbox({ sandboxes }, { params: { name } }) {
    if (name === DEFAULT_SANDBOX) throw new ControlError(422, 'the default sandbox is always there: reset it instead')
    if (!sandboxes.drop(name)) throw new ControlError(404, `there is no sandbox ${JSON.stringify(name)}`)
  },
}

const LONGEST_WAIT_MS = 5 * 60 * 1000

const LONGEST_DELAY_MS = 60 * 60 * 1000

/** What says where an answer ends, and what is ours to say. */
const OWN_HEADERS = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-correlation-id',
])

function checkHeaders(headers: Readonly<Record<string, string>> = {}): void {
  for (const [name, value] of Object.entries(headers)) {
    const where = `respond.headers[${JSON.stringify(name)}]`
    if (OWN_HEADERS.has(name.toLowerCase()))
      throw new ControlError(422, `${where}: this header is the mock's own: leave it out`)
    try {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    } catch (error) {
      throw new ControlError(422, `${where}: ${(error as Error).message}: no client could read it`)
    }
  }
}

const ACTIONS = ['respond', 'delay', 'disconnect', 'truncate', 'hang', 'hold'] as const

const clockOf = ({ clock }: Sandbox): ClockState => ({ mode: clock.mode, now: clock.now() })

const listed = (names: readonly string[]) => (names.length === 0 ? 'none' : names.join(', '))

const faultState = (fault: Fault): FaultState => ({
  ...fault.plan,
  id: fault.id,
  matched: fault.matched,
  fired: fault.fired,
  held: fault.held.size,
  consumed: isConsumed(fault),
})

const unknownFault = ({ faults }: Sandbox, id: string) =>
  new ControlError(
    404,
    `there is no fault ${JSON.stringify(id)}: there are ${listed(faults.list().map((one) => one.id))}`,
  )

function known(sandbox: Sandbox, id: string): PipelineState {
  const state = sandbox.pipeline(id)
  if (!state)
    throw new ControlError(404, `there is no pipeline ${JSON.stringify(id)}: list the pipelines that there are`)
  return state
}

/** Where an element stands, by its order, its id or its name. */
function placeOf({ elements }: PipelineState, wanted: number | string): number {
  const place = elements.findIndex(({ id, name, element_order }) => [id, name, element_order].includes(wanted))
  if (place !== -1) return place
  const known = elements.map(({ element_order, name }) => `${element_order} (${name})`)
  throw new ControlError(404, `element: there is no ${JSON.stringify(wanted)}: there are ${listed(known)}`)
}

/** Begins anew with other fixtures. @throws FixtureError with every fault. */
export function seed(sandbox: Sandbox, documents: readonly Document[]): Seeded {
  const loaded = loadDocuments(documents, sandbox.clock.now())
  sandbox.replace(loaded.seed)
  return summaryOf(loaded)
}

/** Adds pipelines. @throws FixtureError with every fault, ControlError if an id is taken. */
export function add(sandbox: Sandbox, documents: readonly Document[]): Seeded {
  const loaded = loadDocuments(documents, sandbox.clock.now())
  const taken = takenIds(sandbox, loaded)
  if (taken.length > 0)
    throw new ControlError(409, `nothing was added: these ids are taken: ${taken.join(', ')}; give each its own`)
  sandbox.add(loaded.seed.pipelines)
  return summaryOf(loaded)
}

const takenIds = (sandbox: Sandbox, { seed }: Loaded) =>
  seed.pipelines.flatMap(({ pipeline, elements }) => [
    ...(sandbox.pipeline(pipeline.id) ? [pipeline.id] : []),
    ...elements.flatMap(({ id }) => (sandbox.element(id) ? [id] : [])),
  ])
