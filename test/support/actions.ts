// Actions on a mock for property tests.
import fc from 'fast-check'
import type { Fixture, Mock, PipelineChange } from '../../src/index.js'
import { activePipeline, ELEMENT_STATUSES, fixture, PIPELINE_STATUSES } from './arbitraries.js'
import { NOW } from './serve.js'

/** Sends a request to a mock. The body is JSON. */
export const inject = async (mock: Mock, method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object) =>
  mock.inject({ method, url, ...(payload && { payload, headers: { 'content-type': 'application/json' } }) })

/** Returns the ids of the jobs of a pipeline, encoded for paths. */
async function jobsIn(mock: Mock, id: string): Promise<string[]> {
  const elements = await mock.pipelines.elements(id)
  return elements.flatMap(({ job_id }) => (job_id === null ? [] : [encodeURIComponent(job_id)]))
}

interface Metadata {
  validation_plot_config?: { objectives?: Record<string, unknown> }
}
type SeriesChannels = Record<string, Record<string, unknown>>

/** Returns the paths of everything that can be read about the jobs of a pipeline. */
export async function jobUrls(mock: Mock, id: string): Promise<string[]> {
  const urls: string[] = []
  for (const job of await jobsIn(mock, id)) {
    const [metadata, channels] = [`/jobs/${job}/metadata`, `/jobs/${job}/series/channels`]
    urls.push(`/jobs/${job}`, metadata, channels)
    const read = async (url: string): Promise<unknown> => {
      const response = await inject(mock, 'GET', url)
      return response.statusCode === 200 ? response.json() : {}
    }
    const { validation_plot_config: config } = (await read(metadata)) as Metadata
    for (const objective of Object.keys(config?.objectives ?? {}))
      urls.push(`/pipelines/datafits/${job}/plot_data?objective_name=${encodeURIComponent(objective)}`)
    for (const [objective, sources] of Object.entries((await read(channels)) as SeriesChannels))
      for (const source of Object.keys(sources))
        urls.push(`/jobs/${job}/series?objective=${encodeURIComponent(objective)}&source=${source}&max_points=2`)
  }
  return urls
}

/** Returns the text of a JSON object that is nested `depth` levels deep. */
export const nestedText = (depth: number) => `${'{"a":'.repeat(depth)}{}${'}'.repeat(depth)}`
const nested = (depth: number) => JSON.parse(nestedText(depth)) as Record<string, unknown>

/** Returns the body of a request that creates a pipeline. The configuration of an element is `depth` levels deep. */
const newPipeline = (depth = 0) => ({
  project_id: 'new',
  elements: { a: { element_type: 'entry', x: nested(depth) }, b: { element_type: 'validation' } },
})
/** The body of a request that creates a pipeline with two elements. */
export const created = newPipeline()

/** An action on a mock. Some actions use the pipeline with the given id. */
export type Action = (mock: Mock, id: string) => Promise<unknown>

const always = (action: Action) => fc.constant(action)
const change = fc.record<PipelineChange>(
  {
    element: fc.integer({ min: 1, max: 4 }),
    status: fc.constantFrom(...ELEMENT_STATUSES),
    error: fc.constant('why'),
  },
  { requiredKeys: [] },
)
const jsonObject = fc.constantFrom(0, 101, 900).map(nested)
const anyPipeline = activePipeline.chain((pipeline) =>
  jsonObject.map((job_config) => ({
    ...pipeline,
    elements: pipeline.elements?.map((element) => ({ ...element, job_config })) ?? [],
  })),
)

/** Actions that have the same effect on two mocks with the same state, whatever the options of the mocks. */
export const commonAction: fc.Arbitrary<Action> = fc.oneof(
  always((mock, id) => inject(mock, 'POST', `/pipelines/${id}/cancel`)),
  always((mock, id) => inject(mock, 'PATCH', `/pipelines/${id}`, { name: 'renamed' })),
  always((mock, id) => inject(mock, 'DELETE', `/pipelines/${id}`)),
  always((mock, id) => inject(mock, 'GET', `/pipelines/${id}/elements`)),
  fc.nat(3).map((n) => async (mock: Mock, id: string) => {
    const jobs = await jobsIn(mock, id)
    if (jobs.length > 0) await inject(mock, 'POST', `/jobs/${jobs[n % jobs.length]}/cancel`)
  }),
  always(async (mock, id) => {
    for (const url of await jobUrls(mock, id)) await inject(mock, 'GET', url)
  }),
  change.map((change) => (mock: Mock, id: string) => mock.pipelines.set(id, change)),
  fc.constantFrom(...PIPELINE_STATUSES).map((status) => (mock: Mock, id: string) => mock.pipelines.set(id, { status })),
  fc.nat(9000).map((ms) => (mock: Mock) => mock.clock.advance(`${ms}ms`)),
  always((mock) => mock.clock.freeze('2026-01-01T00:00:00.000123Z')),
  always(async (mock, id) => {
    const [pipeline] = (await mock.state()).pipelines.filter((one) => one.id === id)
    await inject(mock, 'DELETE', `/pipelines/${id}`)
    if (pipeline) await mock.pipelines.add({ pipelines: [pipeline] })
  }),
  always(async (mock) => mock.seed(await mock.state())),
  fc.constantFrom(0, 101, 890).map((depth) => (mock: Mock) => inject(mock, 'POST', '/pipelines', newPipeline(depth))),
  always(async (mock) => {
    const { id } = JSON.parse((await inject(mock, 'POST', '/pipelines', created)).body)
    await inject(mock, 'DELETE', `/pipelines/${id}`)
  }),
  anyPipeline.map((pipeline) => (mock: Mock) => mock.pipelines.add({ pipelines: [pipeline] })),
)

export const anyAction: fc.Arbitrary<Action> = fc.oneof(
  { weight: 12, arbitrary: commonAction },
  anyPipeline.map((pipeline) => (mock: Mock) => mock.seed({ pipelines: [pipeline] })),
  always((mock) => mock.faults.add({ respond: { status: 503 } })),
  always((mock) => mock.snapshot('s')),
  always((mock) => mock.restore('s')),
  fc.constantFrom('data', 'clock', 'faults', 'journal').map((part) => (mock: Mock) => mock.reset(part)),
)

/** Performs the actions one after another, and ignores errors. */
export async function perform(mock: Mock, actions: readonly Action[], ids: readonly string[]) {
  for (const [i, action] of actions.entries()) await action(mock, ids[i % ids.length] ?? '').catch(() => undefined)
}

/** Generates fixtures. Some of them have only pipelines that are pending or running. */
export const anyFixture = fc.oneof(
  fixture,
  fc.array(activePipeline, { minLength: 1, maxLength: 3 }).map((pipelines) => ({
    pipelines: pipelines.map((pipeline, i) => ({ ...pipeline, id: `p${i}` })),
  })),
) as fc.Arbitrary<Fixture>

/** Options of a mock with a frozen clock, on which each element runs for 3 seconds by default. */
export const options = { listen: false, clock: `frozen@${NOW}`, progress: 'after=3s' } as const
