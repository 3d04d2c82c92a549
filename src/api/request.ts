import type { FastifyRequest } from 'fastify'
import type { OperationName } from '../contract/index.js'
import { hasBody } from '../http/body.js'
import { targetOf } from '../http/target.js'
import type { Outcome } from '../pipelines/state.js'
import type { Fault } from '../state/faults.js'
import { type Entry, NO_BODY } from '../state/journal.js'
import type { Rule, Sandbox } from '../state/sandbox.js'
import { pipelineIn } from './resources.js'

declare module 'fastify' {
  interface FastifyRequest {
    record: RequestRecord
  }
  interface FastifyContextConfig {
    operation?: OperationName
  }
}

/** Shared empty array: most requests cause no transitions. */
const NO_TRANSITIONS: Outcome['transitions'] = []

/** The sandbox of a request to an operation, the journal entry of the request, and the fault that applies to the request, if any. */
export class RequestRecord {
  readonly sandbox: Sandbox
  readonly entry: Entry
  readonly fault: Fault | undefined

  constructor(operation: OperationName, sandbox: Sandbox, request: FastifyRequest) {
    const { path, query } = targetOf(request)
    this.sandbox = sandbox
    this.entry = {
      id: request.id,
      at: sandbox.clock.now(),
      method: request.method,
      target: path + query,
      rawHeaders: request.raw.rawHeaders,
      operation,
      pipeline_id: pipelineIn(request.params as Record<string, string>, sandbox),
      body: NO_BODY,
      status: null,
      fault: null,
      transitions: NO_TRANSITIONS,
      bytes: 0,
    }
    sandbox.inFlight++
    sandbox.journal.add(this.entry)
    if (sandbox.faults.isEmpty) return
    this.fault = sandbox.faults.match(operation, this.entry.pipeline_id)
    this.entry.fault = this.fault?.id ?? null
  }

  /** Adds a chunk of the body to the journal entry. */
  noteBody(chunk: Buffer): void {
    this.sandbox.journal.addToBody(this.entry, chunk)
  }

  /** Reads the body of a request into the journal entry. Call this method only if nothing else reads the body. */
  noteUnreadBody({ raw }: FastifyRequest): void {
    if (hasBody(raw)) raw.on('data', (chunk: Buffer) => this.noteBody(chunk))
  }

  /**
   * Applies a rule to a pipeline, and records the resulting transitions. Returns undefined if the pipeline does not
   * exist.
   */
  apply(rule: Rule, id: string): Outcome | undefined {
    const outcome = this.sandbox.apply(rule, id)
    if (outcome && outcome.transitions.length > 0) this.sandbox.journal.setTransitions(this.entry, outcome.transitions)
    return outcome
  }

  /** Records the end of the request. `status` is null if the response was not sent completely. */
  end(status: number | null): void {
    this.sandbox.inFlight--
    this.sandbox.journal.setStatus(this.entry, status)
  }
}
