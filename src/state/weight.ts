import type { ValidFixtures } from '../fixtures/load.js'
import type { PipelineState } from '../pipelines/state.js'

/** Estimated size of a record without the characters of its strings, in bytes. */
const SIZE_OF_RECORD = 400

/** The fields of an element that may contain large objects. */
const OPEN_FIELDS = ['job_config', 'result', 'error_detail', 'progress'] as const

/**
 * Estimated sizes of the parts of a JSON value in bytes, without the characters of strings and keys. The estimates are
 * rather too high than too low (measured with Node.js 20).
 */
export const SIZES = { scalar: 24, string: 32, container: 72, key: 56 }

/** Returns the estimated size of a text in bytes. `length` is the number of its UTF-16 code units. */
export const bytesOf = (length: number, isAscii: boolean) => (isAscii ? length : 2 * length)

const isAscii = (text: string) => Buffer.byteLength(text) === text.length

const remembered = new WeakMap<object, number>()

/**
 * Remembers the weight of an object that does not grow from now on, so that `weightOf` need not look inside. For an
 * object with many keys, this would take longer than parsing the object.
 */
export const rememberWeight = (value: object, bytes: number) => void remembered.set(value, bytes)

/** Estimates how many bytes of memory a JSON value takes. Returns the weight that is remembered, if any. */
export function weightOf(root: unknown): number {
  const known = remembered.get(root as object)
  if (known !== undefined) return known
  let bytes = 0
  const rest: object[] = []
  // Only objects and arrays wait in `rest`: an array of a million numbers would otherwise take its memory again.
  const add = (value: unknown) => {
    if (typeof value === 'string') bytes += SIZES.string + bytesOf(value.length, isAscii(value))
    else if (typeof value !== 'object' || value === null) bytes += SIZES.scalar
    else rest.push(value)
  }
  add(root)
  for (let value = rest.pop(); value !== undefined; value = rest.pop()) {
    bytes += SIZES.container
    if (Array.isArray(value)) for (const item of value) add(item)
    else
      for (const key in value) {
        bytes += SIZES.key + key.length
        add((value as Record<string, unknown>)[key])
      }
  }
  return bytes
}

/** Estimates how many bytes of memory fixtures take in a sandbox. Every record is completed when it is first read. */
export const weightOfFixtures = ({ fixtures }: ValidFixtures) => 2 * weightOf(fixtures)

/** Returns the total length of the strings that are values of a record. */
function lengthOfStrings(record: object): number {
  let length = 0
  for (const value of Object.values(record)) if (typeof value === 'string') length += value.length
  return length
}

/**
 * Estimates how many bytes of memory a pipeline takes in a sandbox. Objects that are also part of `seeded`, the
 * version of this pipeline in the seed, or of another version `other`, are not counted.
 */
export function weightOfPipeline(
  { pipeline, elements, plan, sharesPlan }: PipelineState,
  seeded?: PipelineState,
  other?: PipelineState,
): number {
  const isShared = (value: unknown, ofSeeded: unknown, ofOther: unknown) => value === ofSeeded || value === ofOther
  // The strings of the pipeline are counted twice, because the responses with them are cached.
  let bytes = SIZE_OF_RECORD + 8 * elements.length + 2 * lengthOfStrings(pipeline)
  if (!isShared(pipeline.options, seeded?.pipeline.options, other?.pipeline.options))
    bytes += weightOf(pipeline.options)
  if (plan?.steps && !sharesPlan && !isShared(plan.steps, seeded?.plan?.steps, other?.plan?.steps))
    bytes += weightOf(plan.steps)
  for (const [i, element] of elements.entries()) {
    const [ofSeeded, ofOther] = [seeded?.elements[i], other?.elements[i]]
    if (isShared(element, ofSeeded, ofOther)) continue
    bytes += SIZE_OF_RECORD + lengthOfStrings(element)
    for (const field of OPEN_FIELDS)
      if (!isShared(element[field], ofSeeded?.[field], ofOther?.[field])) bytes += weightOf(element[field])
  }
  return bytes
}

/**
 * Estimates how many more bytes of memory the version `next` of a pipeline takes than the version `stored`. Objects
 * that both versions contain are not weighed: a change of a status must not take longer if a configuration is large.
 */
export const growthOf = (next: PipelineState, stored: PipelineState, seeded?: PipelineState): number =>
  weightOfPipeline(next, seeded, stored) - weightOfPipeline(stored, seeded, next)
