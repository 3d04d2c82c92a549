import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import type { OperationName } from '../contract/operations.js'
import type { Outcome } from '../pipelines/state.js'
import type { Fault } from '../state/faults.js'
import { type Entry, MAX_BODY_BYTES, NO_BODY } from '../state/journal.js'
import type { Rule, Sandbox } from '../state/sandbox.js'

declare module 'fastify' {
  interface FastifyRequest {
    visit: Visit
  }
  interface FastifyContextConfig {
    operation?: OperationName
  }
}

/** What most requests cause. */
const NONE: Outcome['transitions'] = []

/** A request in the sandbox that it is about, and its place in the journal there. */
export class Visit {
  readonly sandbox: Sandbox
  readonly entry: Entry
  /** The fault that it meets. */
  fault: Fault | undefined

  /** `target` is what was sent, without the part that names the sandbox. */
  constructor(sandbox: Sandbox, request: FastifyRequest, target: string) {
    const { pipeline_id = null, element_id } = request.params as Record<string, string>
    this.sandbox = sandbox
    this.entry = {
      id: request.id,
      at: sandbox.clock.now(),
      method: request.method,
      target,
      rawHeaders: request.raw.rawHeaders,
      operation: request.routeOptions.config.operation ?? null,
      pipeline_id: element_id === undefined ? pipeline_id : (sandbox.element(element_id)?.pipeline_id ?? null),
      body: NO_BODY,
      status: null,
      fault: null,
      transitions: NONE,
    }
    sandbox.inFlight++
    sandbox.journal.add(this.entry)
  }

  /** Notes a part of the body, as far as the journal keeps it. */
  noteBody(bytes: Buffer): void {
    const room = MAX_BODY_BYTES - this.entry.body.length
    if (room > 0) this.entry.body = Buffer.concat([this.entry.body, bytes.subarray(0, room)])
  }

  /** Notes a body that nobody else reads, as it comes. */
  noteUnreadBody(request: IncomingMessage): void {
    const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers
    if (length !== '0' || encoding !== undefined) request.on('data', (chunk: Buffer) => this.noteBody(chunk))
  }

  /** Which fault the request meets, if it is an operation and there is one for it. */
  meetFault(): Fault | undefined {
    const { sandbox, entry } = this
    if (sandbox.faults.isEmpty || entry.operation === null) return undefined
    this.fault = sandbox.faults.meet(entry.operation, entry.pipeline_id)
    entry.fault = this.fault?.id ?? null
    return this.fault
  }

  /** Applies a rule to a pipeline, and notes what moved; undefined if there is no such pipeline. */
  apply(rule: Rule, id: string): Outcome | undefined {
    const outcome = this.sandbox.apply(rule, id)
    if (outcome) this.entry.transitions = outcome.transitions
    return outcome
  }

  /** The request has been answered; or, with null, it never will be. */
  end(status: number | null): void {
    this.sandbox.inFlight--
    this.sandbox.journal.answered(this.entry, status)
  }
}
