import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import type { OperationName } from '../contract/index.js'
import { hasBody } from '../http/body.js'
import { targetOf } from '../http/target.js'
import type { Outcome } from '../pipelines/state.js'
import type { Fault } from '../state/faults.js'
import { type Entry, MAX_BODY_BYTES, NO_BODY } from '../state/journal.js'
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

/** An empty array that all requests without transitions share. */
const NO_TRANSITIONS: Outcome['transitions'] = []

/**
 * The sandbox of a request to an operation, the journal entry of the request, and the fault that applies to the
 * request, if any.
 */
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

  /**
   * Records the first bytes of the body of a request when the body arrives. This call makes Node.js emit the body. If
   * the operation reads the body, the operation must begin to read immediately after this call.
   */
  noteBody(request: IncomingMessage): void {
    if (!hasBody(request)) return
    request.on('data', (chunk: Buffer) => {
      if (this.entry.body.length < MAX_BODY_BYTES)
        this.setBody(Buffer.concat([this.entry.body, chunk.subarray(0, MAX_BODY_BYTES)]))
    })
  }

  /** Replaces the recorded bytes of the body, for example with decompressed bytes. */
  setBody(body: Buffer): void {
    this.sandbox.journal.setBody(this.entry, body)
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
