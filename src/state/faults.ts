import type { FaultPlan } from '../contract/control.js'
import type { OperationName } from '../contract/index.js'

/** How many faults a sandbox can have. */
export const MAX_PLANS = 1000

/** A plan, and how often it was met. */
export interface Fault {
  readonly id: string
  readonly plan: Readonly<FaultPlan>
  /** How many requests matched, and to how many of them it applied. */
  matched: number
  fired: number
  /** The requests that it holds. */
  readonly held: Set<Hold>
}

/** How a hold ends: the request proceeds, or its connection is closed. */
export type HoldEnd = 'released' | 'aborted'

/** How often the plan may apply. */
const maxTimes = ({ times }: FaultPlan) => (times === null ? Number.POSITIVE_INFINITY : (times ?? 1))

/** Whether the plan has applied as often as it says; one for all requests, at least once. */
export const isConsumed = ({ plan, fired }: Fault) => fired >= (plan.times === null ? 1 : maxTimes(plan))

/** The faults of a sandbox. */
export class Faults {
  #plans: Fault[] = []
  #count = 0

  get isEmpty(): boolean {
    return this.#plans.length === 0
  }

  list(): readonly Fault[] {
    return this.#plans
  }

  /** Adds a fault; undefined if the sandbox has `MAX_PLANS` of them. */
  add(plan: Readonly<FaultPlan>): Fault | undefined {
    if (this.#plans.length >= MAX_PLANS) return undefined
    const fault = { id: `fault-${++this.#count}`, plan, matched: 0, fired: 0, held: new Set<Hold>() }
    this.#plans = [...this.#plans, fault]
    return fault
  }

  /** Returns the first matching fault that is not exhausted, and counts the match. */
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

  /** Removes a fault and aborts the requests that it holds; false if it does not exist. */
  remove(id: string): boolean {
    const fault = this.#plans.find((one) => one.id === id)
    if (!fault) return false
    this.#plans = this.#plans.filter((one) => one !== fault)
    endHolds(fault, 'aborted')
    return true
  }

  /** Removes all faults and aborts the requests that they hold. Ids start anew. */
  clear(): void {
    const plans = this.#plans
    this.#plans = []
    this.#count = 0
    for (const fault of plans) endHolds(fault, 'aborted')
  }
}

/** Ends the holds of a fault, and returns how many there were. */
export function endHolds(fault: Fault, how: HoldEnd): number {
  const held = [...fault.held]
  for (const hold of held) hold.end(how)
  return held.length
}

/** A request that is held until it is released or aborted, or for `ms` milliseconds; then it calls back. */
export class Hold {
  readonly #fault: Fault
  readonly #timer: NodeJS.Timeout | undefined
  readonly #onEnd: (how: HoldEnd) => void

  constructor(fault: Fault, ms: number | undefined, onEnd: (how: HoldEnd) => void) {
    this.#fault = fault
    this.#onEnd = onEnd
    this.#timer = ms === undefined ? undefined : setTimeout(() => this.end('released'), ms)
    fault.held.add(this)
  }

  /** Only the first end counts. */
  end(how: HoldEnd): void {
    clearTimeout(this.#timer)
    if (this.#fault.held.delete(this)) this.#onEnd(how)
  }
}
