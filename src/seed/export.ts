import { type Instant, millisecondsFrom } from '../pipelines/instant.js'
import type { Step } from '../pipelines/plan.js'
import { currentOf } from '../pipelines/progress.js'
import { hasEnded, type PipelineState } from '../pipelines/state.js'
import type { Fixture, FixtureElement, FixturePipeline } from './fixture.js'

/** The fixture that seeds to the same state: every key is written, and what is to come is as far away as it is now. */
export const fixtureOf = (states: readonly PipelineState[], now: Instant): Fixture => ({
  pipelines: states.map((state) => exportPipeline(state, now)),
})

function exportPipeline(state: PipelineState, now: Instant): FixturePipeline {
  const { pipeline, elements } = state
  if (hasEnded(pipeline.status)) return { ...pipeline, elements: [...elements].map(exportElement) }
  const { takes = null, cancel_takes } = state.plan ?? {}
  const current = currentOf(state)
  const left = (length: number | null) =>
    length === null || state.since === undefined ? length : Math.max(0, length - millisecondsFrom(state.since, now))
  return {
    ...pipeline,
    mock: {
      takes: written(current === -1 ? left(takes) : takes),
      ...(cancel_takes !== undefined && { cancel_takes: written(cancel_takes) }),
      ...(state.cancelAt && { cancel_in: written(millisecondsFrom(now, state.cancelAt)) }),
    },
    elements: elements.map((element, i) => {
      const { takes: own, ends_as, ...ending }: Partial<Step> = state.plan?.steps?.[i] ?? {}
      const length = own === undefined ? takes : own
      const mock = {
        takes: written(i === current ? left(length) : length),
        ...(ends_as === 'failed' && { ends_as }),
        ...ending,
      }
      return { ...exportElement(element), ...(hasEnded(element.status) ? {} : { mock }) }
    }),
  }
}

/** Which pipeline it is in is told by where it stands. */
const exportElement = ({ pipeline_id: _, ...element }: PipelineState['elements'][number]): FixtureElement => element

function written(length: number): string
function written(length: number | null): string | null
function written(length: number | null): string | null {
  return length === null ? null : `${length}ms`
}
