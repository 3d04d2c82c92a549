import type { TSchema } from '@sinclair/typebox'
import { Closed } from '../contract/schema.js'
import { checkerOf } from '../diagnostics/check.js'
import { IssueCollector } from '../diagnostics/collector.js'
import { nonJsonValues } from '../diagnostics/json-values.js'
import type { Document } from '../diagnostics/source.js'
import { Fixture } from '../fixtures/schema.js'
import { MemoryError } from '../state/memory.js'
import { isSandboxName, SANDBOX_NAMES } from '../state/sandboxes.js'
import { ControlError } from './problem.js'
import { type AnyVerb, type ControlContext, sandboxFor } from './verb.js'

const PARTS = ['params', 'query', 'body'] as const

export const INVALID_REQUEST = 'invalid request; nothing was changed'

/**
 * Schema of a part that a verb does not declare. It rejects every key, so that a key in the wrong part is reported.
 */
const NOTHING = Closed({})

const checkers = new Map<TSchema, ReturnType<typeof checkerOf>>()

function checkerFor(shape: TSchema) {
  const checker = checkers.get(shape) ?? checkerOf(shape)
  checkers.set(shape, checker)
  return checker
}

/** The parts of a call. Each part is a document, which finds the positions of its values for issues. */
export type VerbParts = Record<(typeof PARTS)[number], Document>

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
  const issues = new IssueCollector()
  const documents = PARTS.map((part) => given[part])
  for (const part of PARTS) {
    const [shape, document] = [verb.shape[part] ?? NOTHING, given[part]]
    // A verb with a fixture as its body validates the fixture when it runs.
    if (shape === Fixture) continue
    const { check, errors } = checkerFor(shape)
    const findings = check(document.value) ? nonJson(part, document.value) : errors(document.value)
    for (const finding of findings) issues.add(document, finding)
  }
  const found = issues.inOrder(documents)
  if (found.length > 0) throw new ControlError('invalid_request', INVALID_REQUEST, found)
  const input = Object.fromEntries(PARTS.map((part) => [part, given[part].value]))
  try {
    return await verb.run({ ...context, ...input, sandbox: sandboxFor(verb, context, name), documents: fixtures })
  } catch (error) {
    throw error instanceof MemoryError ? new ControlError('out_of_memory', error.message) : error
  }
}

/**
 * Finds values that a schema cannot reject: deep nesting, and infinite numbers, such as 1e999 in JSON. Only a body
 * can contain them.
 */
const nonJson = (part: (typeof PARTS)[number], value: unknown) => (part === 'body' ? nonJsonValues(value) : [])

/**
 * Returns the given name if it is a valid name of a sandbox.
 * @throws ControlError if the name is invalid.
 */
export function checkSandboxName(name: string): string {
  if (isSandboxName(name)) return name
  throw new ControlError('invalid_sandbox_name', `invalid sandbox name ${JSON.stringify(name)}: use ${SANDBOX_NAMES}`)
}
