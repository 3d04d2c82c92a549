import type { FaultPlan } from '../contract/control.js'
import type { OperationName } from '../contract/index.js'
import { type Memory, Reservation } from './memory.js'
import { weightOf } from './weight.js'
import { clearTimeout, setTimeout } from '../time/timers.js'

/** Maximum number of faults in a sandbox. */
export const MAX_FAULTS = 1000

/** Maximum duration of a delay. Timers of Node.js support at most 24.8 days. */
const MAX_DELAY_MS = 24 * 24 * 60 * 60 * 1000

/** A planned fault, and how often the fault applied to a request. */
export interface Fault {
  readonly id: string
  readonly plan: Readonly<FaultPlan>
  /**
   * Number of matching requests until the fault was exhausted, including the requests that passed because of `after`.
   * A request to which an earlier fault applied is not counted.
   */
  matched: number
  /** Number of matching requests that the fault applied to. */
  fired: number
  /** The requests that the fault holds at the moment. */
  readonly held: Set<Hold>
  /**
   * Whether the fault aborts requests instead of holding them, because the fault was removed or the mock is closing. A
   * fault can apply to a request before its removal, and hold the request only later, after the operation.
   */
  isAborting: boolean
}

/** How a hold ends. `released`: the request proceeds. `aborted`: the connection of the request is closed. */
export type HoldEnd = 'released' | 'aborted'

/** Returns the maximum number of requests that the fault applies to. Returns Infinity if `times` is null. */
const maxTimes = ({ times }: FaultPlan) => (times === null ? Number.POSITIVE_INFINITY : (times ?? 1))

/** Returns whether a fault applied to as many requests as planned. If `times` is null, one request is enough. */
export const isConsumed = ({ plan, fired }: Fault) => fired >= (plan.times === null ? 1 : maxTimes(plan))

const weightOfFault = (plan: Readonly<FaultPlan>) => 500 + weightOf(plan)

/** The faults of a sandbox, in the order in which they were added. */
export class Faults {
  readonly #memory: Reservation
  #plans: Fault[] = []
  #count = 0

  constructor(memory: Memory) {
    this.#memory = new Reservation(memory, 'faults')
  }

  get isEmpty(): boolean {
    return this.#plans.length === 0
  }

  list(): readonly Fault[] {
    return this.#plans
  }

  /**
   * Adds a fault and returns it. Returns undefined if the sandbox already has `MAX_FAULTS` faults.
   * @throws MemoryError if there is not enough memory left.
   */
  add(plan: Readonly<FaultPlan>): Fault | undefined {
    if (this.#plans.length >= MAX_FAULTS) return undefined
    this.#memory.require(weightOfFault(plan))
    const fault = { id: `fault-${++this.#count}`, plan, matched: 0, fired: 0, held: new Set<Hold>(), isAborting: false }
    this.#plans = [...this.#plans, fault]
    return fault
  }

  /**
   * Returns the fault that applies to a request: the first fault that matches, is not exhausted, and has already let
   * `after` matching requests pass. This fault counts the request as matched. Each earlier fault that lets the
   * request pass because of `after` also counts the request as matched.
   */
  match(operation: OperationName, pipeline_id: string | null): Fault | undefined {
    for (const fault of this.#plans) {
      const { plan } = fault
      if (plan.operation !== undefined && plan.operation !== operation) continue
      if (plan.pipeline_id !== undefined && plan.pipeline_id !== pipeline_id) continue
      if (fault.fired >= maxTimes(plan)) continue
      if (++fault.matched <= (plan.after ?? 0)) continue
      fault.fired++
      return fault
    }
    return undefined
  }

  /** Removes a fault and aborts the requests that the fault holds. Returns false if the fault does not exist. */
  remove(id: string): boolean {
    const fault = this.#plans.find((one) => one.id === id)
    if (!fault) return false
    this.#plans = this.#plans.filter((one) => one !== fault)
    this.#memory.add(-weightOfFault(fault.plan))
    abort(fault)
    return true
  }

  /** Removes all faults, aborts the requests that the faults hold, and restarts the ids at `fault-1`. */
  clear(): void {
    const plans = this.#plans
    this.#plans = []
    this.#count = 0
    this.#memory.free()
    plans.forEach(abort)
  }

  /** Removes all faults. Faults that are added later reserve no memory. */
  close(): void {
    this.clear()
    this.#memory.close()
  }

  /**
   * Aborts the requests that wait for the release or the removal of a fault, now and in the future. Requests that a
   * fault delays end by themselves, and are aborted only if `withDelays` is true.
   */
  abort({ withDelays = false } = {}): void {
    this.#plans.filter(({ plan }) => withDelays || plan.delay === undefined).forEach(abort)
  }
}

/** Aborts the requests that a fault holds, and each request that the fault would hold later. */
function abort(fault: Fault): void {
  fault.isAborting = true
  endHolds(fault, 'aborted')
}

/** Releases or aborts all requests that a fault holds, and returns the number of these requests. */
export function endHolds(fault: Fault, how: HoldEnd): number {
  const held = [...fault.held]
  for (const hold of held) hold.end(how)
  return held.length
}

/**
 * A request that a fault holds until `end` is called. If `ms` is given, the request is released after at most `ms`
 * milliseconds. `onEnd` is called once, when the hold ends.
 */
export class Hold {
  readonly #fault: Fault
  readonly #timer: NodeJS.Timeout | undefined
  readonly #onEnd: (how: HoldEnd) => void

  constructor(fault: Fault, ms: number | undefined, onEnd: (how: HoldEnd) => void) {
    this.#fault = fault
    this.#onEnd = onEnd
    const delay = ms === undefined ? undefined : Math.min(ms, MAX_DELAY_MS)
    this.#timer = delay === undefined ? undefined : setTimeout(() => this.end('released'), delay)
    fault.held.add(this)
    if (fault.isAborting) this.end('aborted')
  }

  /** Releases or aborts the request. Further calls have no effect. */
  end(how: HoldEnd): void {
    clearTimeout(this.#timer)
    if (this.#fault.held.delete(this)) this.#onEnd(how)
  }
}
