import type { TSchema } from '@sinclair/typebox'
import { Closed } from '../contract/schema.js'
import { checkerOf } from '../diagnostics/check.js'
import { IssueCollector } from '../diagnostics/collector.js'
import { nonJsonValues } from '../diagnostics/json-values.js'
import type { Document } from '../diagnostics/source.js'
import { Fixture } from '../fixtures/schema.js'
import { isSandboxName, SANDBOX_NAMES } from '../state/sandboxes.js'
import { ControlError } from './problem.js'
import type { AnyVerb, ControlContext } from './verb.js'

const PARTS = ['params', 'query', 'body'] as const

export const INVALID_REQUEST = 'invalid request, nothing was changed'

/** A part that a verb does not declare must be empty: anything else is a typing error. */
const NOTHING = Closed({})

const checkers = new Map<TSchema, ReturnType<typeof checkerOf>>()

function checkerFor(shape: TSchema) {
  const checker = checkers.get(shape) ?? checkerOf(shape)
  checkers.set(shape, checker)
  return checker
}

/** The input of a call, each part as a document that knows its positions. */
export type VerbParts = Record<(typeof PARTS)[number], Document>

/**
 * Runs a verb on a valid input.
 * @throws ControlError with everything that is wrong with the input, FixtureError with all issues of its fixtures.
 */
export async function run(verb: AnyVerb, context: ControlContext, given: VerbParts): Promise<unknown> {
  const issues = new IssueCollector()
  const documents = PARTS.map((part) => given[part])
  for (const part of PARTS) {
    const [shape, document] = [verb.shape[part] ?? NOTHING, given[part]]
    // Fixtures are checked when they are loaded.
    if (shape === Fixture) continue
    const { check, errors } = checkerFor(shape)
    const findings = check(document.value) ? nonJson(part, document.value) : errors(document.value)
    for (const finding of findings) issues.add(document, finding)
  }
  const found = issues.inOrder(documents)
  if (found.length > 0) throw new ControlError('invalid_request', INVALID_REQUEST, found)
  const input = Object.fromEntries(PARTS.map((part) => [part, given[part].value]))
  return verb.run({ ...context, ...input, documents: [given.body] })
}

/** No shape can express that a value is JSON; only bodies have values of any kind. */
const nonJson = (part: (typeof PARTS)[number], value: unknown) => (part === 'body' ? nonJsonValues(value) : [])

/** @throws ControlError if no sandbox can have the name. */
export function checkSandboxName(name: string): string {
  if (isSandboxName(name)) return name
  throw new ControlError('invalid_sandbox_name', `invalid sandbox name ${JSON.stringify(name)}: use ${SANDBOX_NAMES}`)
}
