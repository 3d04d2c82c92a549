import type { Instant } from '../pipelines/instant.js'
import type { Finding } from './check.js'
import { resolveTime } from './complete.js'
import type { Path } from './fault.js'
import type { FixtureElement, FixturePipeline } from './fixture.js'
import { findUnservable } from './unservable.js'

/** What no schema can say of a pipeline in a fixture: times that are none, values that are no JSON, names and orders that clash. */
export function findContradictions(pipeline: FixturePipeline, path: Path, start: Instant): Finding[] {
  const elements = (pipeline.elements ?? []).map((element, i) => ({ element, at: [...path, 'elements', i] }))
  return [
    ...findBadTimes(pipeline, path, start),
    ...elements.flatMap(({ element, at }) => [
      ...findBadTimes(element, at, start),
      ...(['job_config', 'result', 'error_detail'] as const).flatMap((key) =>
        findUnservable(element[key], [...at, key]),
      ),
    ]),
    ...findClashes(elements, 'name', ({ name }) => name, 'give each element a name of its own'),
    ...findClashes(
      elements,
      'element_order',
      ({ element_order }, i) => element_order ?? i + 1,
      'left out, it is the place in the list',
    ),
  ]
}

function findBadTimes(record: { created_at?: string; updated_at?: string }, path: Path, start: Instant): Finding[] {
  return (['created_at', 'updated_at'] as const).flatMap((key) => {
    const text = record[key]
    if (text === undefined || resolveTime(text, start) !== undefined) return []
    const message = `found ${JSON.stringify(text)}, which is no time of the calendar, or no duration in weeks, days, hours, minutes and seconds`
    return [{ path: [...path, key], part: 'value' as const, message }]
  })
}

function findClashes(
  elements: readonly { element: FixtureElement; at: Path }[],
  key: 'name' | 'element_order',
  read: (element: FixtureElement, i: number) => string | number,
  remedy: string,
): Finding[] {
  const taken = new Map<string | number, number>()
  return elements.flatMap(({ element, at }, i) => {
    const value = read(element, i)
    const first = taken.get(value)
    if (first === undefined) {
      taken.set(value, i)
      return []
    }
    const message = `${key} ${JSON.stringify(value)} is that of elements[${first}] too: ${remedy}`
    return [{ path: element[key] === undefined ? at : [...at, key], part: 'value' as const, message }]
  })
}
