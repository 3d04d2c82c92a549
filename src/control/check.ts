import type { Static, TSchema } from '@sinclair/typebox'
import { Closed, isObject } from '../contract/schema.js'
import { checkerOf, describeValue } from '../diagnostics/check.js'
import { IssueCollector } from '../diagnostics/collector.js'
import type { Issue } from '../diagnostics/issue.js'
import { isJson, nonJsonValues } from '../diagnostics/json-values.js'
import { type Document, documentOf } from '../diagnostics/source.js'
import { isFixtureSchema } from '../fixtures/schema.js'
import { MemoryError } from '../state/memory.js'
import { isSandboxName, SANDBOX_NAMES } from '../state/sandboxes.js'
import { ControlError } from './problem.js'
import { type AnyVerb, type ControlContext, queryStrings, sandboxFor } from './verb.js'

const PARTS = ['params', 'query', 'body'] as const

const INVALID_REQUEST = 'invalid request; nothing was changed'

/**
 * Schema of a part that a verb does not declare. The schema rejects every key, so a key in the wrong part is an issue.
 */
const NOTHING = Closed({})

const checkers = new Map<TSchema, ReturnType<typeof checkerOf>>()

function checkerFor(shape: TSchema) {
  const checker = checkers.get(shape) ?? checkerOf(shape)
  checkers.set(shape, checker)
  return checker
}

/** The parts of a call. Each part is a document, so that issues can have positions. */
export type VerbParts = Record<(typeof PARTS)[number], Document>

/** Converts the input that a method of a handle gives to a verb to the form of a received call. */
export function partsOf(input: object): VerbParts {
  const { params = {}, query = {}, body = {} }: Partial<Record<keyof VerbParts, object>> = input
  return { params: documentOf(params), query: documentOf(queryStrings(query)), body: documentOf(copyOf(body)) }
}

/**
 * Copies a value by converting the value to JSON and back, as a call over HTTP does. Later changes to the original
 * object have no effect on the copy.
 * @throws ControlError if `JSON.stringify` throws, such as for a circular object.
 */
function copyOf(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value))
  } catch (error) {
    const [reason = ''] = (error as Error).message.split('\n')
    const message = `cannot be converted to JSON: ${reason}`
    throw new ControlError('invalid_request', INVALID_REQUEST, [{ code: 'not_json', message }])
  }
}

/**
 * Checks the input of a verb and, if the input is valid, runs the verb on the sandbox with the given name. A verb that
 * takes fixtures reads them from `fixtures`.
 * @throws ControlError with all issues of an invalid input. FixtureError with all issues of a fixture in the body.
 *   Also throws the errors of the verb.
 */
export async function run(
  verb: AnyVerb,
  context: ControlContext,
  name: string,
  given: VerbParts,
  fixtures: readonly Document[] = [given.body],
): Promise<unknown> {
  checkInput(verb, given)
  const input = Object.fromEntries(PARTS.map((part) => [part, given[part].value]))
  try {
    return await verb.run({ ...context, ...input, sandbox: sandboxFor(verb, context, name), documents: fixtures })
  } catch (error) {
    throw error instanceof MemoryError ? new ControlError('out_of_memory', error.message) : error
  }
}

/**
 * Checks the input of a verb. Does not check a fixture in the body, because the verb itself checks the fixture.
 * @throws ControlError with all issues.
 */
export function checkInput(verb: AnyVerb, given: VerbParts): void {
  const issues = new IssueCollector()
  const documents = PARTS.map((part) => given[part])
  for (const part of PARTS) {
    const [shape, document] = [verb.shape[part] ?? NOTHING, given[part]]
    if (isFixtureSchema(shape)) continue
    const { check, errors } = checkerFor(shape)
    const findings = check(document.value) ? nonJson(part, document.value) : errors(document.value)
    for (const finding of findings) issues.add(document, finding)
  }
  reject(issues.inOrder(documents))
}

function reject(issues: readonly Issue[]): void {
  if (issues.length > 0) throw new ControlError('invalid_request', INVALID_REQUEST, issues)
}

/**
 * Checks an object that a method takes as an argument, such as a filter. Returns a copy without the keys whose value
 * is undefined.
 * @throws ControlError with all issues.
 */
export function checkArgument<S extends TSchema>(shape: S, argument: unknown): Static<S> {
  const value = isObject(argument)
    ? Object.fromEntries(Object.entries(argument).filter(([, one]) => one !== undefined))
    : argument
  reject(checkerFor(shape).errors(value))
  return value
}

/**
 * Finds values that a schema cannot reject: deep nesting, and infinite numbers, such as 1e999 in JSON. Only a body can
 * contain such values.
 */
const nonJson = (part: (typeof PARTS)[number], value: unknown) =>
  part === 'body' && !isJson(value) ? nonJsonValues(value) : []

/**
 * Returns the given name if it is a valid name of a sandbox.
 * @throws ControlError if the name is invalid.
 */
export function checkSandboxName(name: unknown): string {
  if (typeof name === 'string' && isSandboxName(name)) return name
  throw new ControlError('invalid_sandbox_name', `invalid sandbox name ${describeValue(name)}: use ${SANDBOX_NAMES}`)
}
