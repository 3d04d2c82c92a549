import type { TSchema } from '@sinclair/typebox'
import { checkerOf } from '../diagnostics/check.js'
import { type Document, documentOf } from '../diagnostics/source.js'
import { Fixture } from '../fixtures/schema.js'
import { Notes } from '../diagnostics/collector.js'
import { findUnservable } from '../diagnostics/json-values.js'
import { isSandboxName, SANDBOX_NAMES } from '../state/sandboxes.js'
import { CALLS, type CallName, type CallShape, type Input } from './calls.js'
import { ControlError } from './problem.js'
import { Closed } from './shapes.js'

const PARTS = ['params', 'query', 'body'] as const

/** What is not said to be taken is a slip of the pen. */
const NOTHING = Closed({})

const checkers = new Map<TSchema, ReturnType<typeof checkerOf>>()

function checkerFor(shape: TSchema) {
  const checker = checkers.get(shape) ?? checkerOf(shape)
  checkers.set(shape, checker)
  return checker
}

/** What was given to a call, each part as a document that knows its places. */
export type Given = Partial<Record<(typeof PARTS)[number], Document>>

/**
 * The input of a call, if it is right.
 * @throws ControlError with everything that is wrong with it.
 */
export function checkInput<N extends CallName>(name: N, given: Given): Input<N> {
  const shapes: CallShape = CALLS[name]
  const notes = new Notes()
  const documents = PARTS.flatMap((part) => given[part] ?? [])
  for (const part of PARTS) {
    const [shape, document] = [shapes[part] ?? NOTHING, given[part] ?? documentOf({})]
    // What a fixture must be, who loads it tells.
    if (shape === Fixture || document.faults.length > 0) continue
    const { isRight, findFaults } = checkerFor(shape)
    const findings = isRight(document.value) ? findOpen(part, document.value) : findFaults(document.value)
    for (const finding of findings) notes.add(document, finding)
  }
  const faults = notes.inOrder(documents)
  if (faults.length > 0) throw new ControlError(400, 'nothing was done: what was sent is not right', faults)
  return Object.fromEntries(PARTS.map((part) => [part, given[part]?.value ?? {}])) as Input<N>
}

/** What no shape can say of a value that may be anything, as a result: only bodies have some. */
const findOpen = (part: (typeof PARTS)[number], value: unknown) => (part === 'body' ? findUnservable(value) : [])

/** @throws ControlError if no sandbox can have that name. */
export function checkSandboxName(name: string): string {
  if (isSandboxName(name)) return name
  throw new ControlError(400, `${JSON.stringify(name)} is no name of a sandbox: use ${SANDBOX_NAMES}`)
}
