import type { OperationName } from '../contract/operations.js'

/** How many plans a sandbox takes. */
export const MAX_PLANS = 1000

/** What is done to a request that a plan matches; just one of these. */
export interface FaultAction {
  /** Answered at once with this, and not done. Left out: the body is what the service would send with that status. */
  readonly respond?: {
    readonly status: number
    readonly body?: unknown
    readonly headers?: Readonly<Record<string, string>>
  }
  /** Done and answered after so long, in real time. */
  readonly delay?: string
  /** The connection is closed without an answer, before the request is done, or after. */
  readonly disconnect?: 'before' | 'after'
  /** The answer breaks off after so many bytes of its body. */
  readonly truncate?: number
  /** No answer ever comes, and the request is not done. */
  readonly hang?: true
  /** The request waits before it is done, or its answer after, until it is released. */
  readonly hold?: 'before' | 'after'
}

/** What goes wrong, with which requests, and how often. */
export interface FaultPlan extends FaultAction {
  /** Left out: any. */
  readonly operation?: OperationName
  /** Left out: any. */
  readonly pipeline_id?: string
  /** How many matching requests it meets; null: all. Left out: 1. */
  readonly times?: number | null
  /** How many matching requests it lets pass first. Left out: 0. */
  readonly after?: number
}

/** A plan, and what has come of it. */
export interface Fault {
  readonly id: string
  readonly plan: FaultPlan
  /** How many requests matched, and how many of them it met. */
  matched: number
  fired: number
  /** The requests that it holds. */
  readonly held: Set<Wait>
}

/** How a wait ends: the request goes on, or is cut off. */
export type Ended = 'released' | 'cut'

/** Times as it counts. */
export const timesOf = ({ times }: FaultPlan) => (times === null ? Number.POSITIVE_INFINITY : (times ?? 1))

/** Whether it has met all the requests that it was made for; one that meets any number, at least one. */
export const isConsumed = ({ plan, fired }: Fault) => fired >= (plan.times === null ? 1 : timesOf(plan))

/** What is to go wrong in a sandbox. */
export class Faults {
  #plans: Fault[] = []
  #count = 0

  get isEmpty(): boolean {
    return this.#plans.length === 0
  }

  list(): readonly Fault[] {
    return this.#plans
  }

  /** Undefined if there are as many as can be. */
  add(plan: FaultPlan): Fault | undefined {
    if (this.#plans.length >= MAX_PLANS) return undefined
    const fault = { id: `fault-${++this.#count}`, plan, matched: 0, fired: 0, held: new Set<Wait>() }
    this.#plans = [...this.#plans, fault]
    return fault
  }

  /** The plan that this request meets: of those that match, the first that has not had its fill. */
  meet(operation: OperationName, pipeline_id: string | null): Fault | undefined {
    for (const fault of this.#plans) {
      const { plan } = fault
      if (plan.operation !== undefined && plan.operation !== operation) continue
      if (plan.pipeline_id !== undefined && plan.pipeline_id !== pipeline_id) continue
      if (fault.fired >= timesOf(plan)) continue
      if (++fault.matched <= (plan.after ?? 0)) continue
      fault.fired++
      return fault
    }
    return undefined
  }

  /** Takes a plan away; the requests that it holds are cut off. False if there is none. */
  remove(id: string): boolean {
    const fault = this.#plans.find((one) => one.id === id)
    if (!fault) return false
    this.#plans = this.#plans.filter((one) => one !== fault)
    end(fault, 'cut')
    return true
  }

  /** As if there never had been any; the requests that they hold are cut off. */
  clear(): void {
    const plans = this.#plans
    this.#plans = []
    this.#count = 0
    for (const fault of plans) end(fault, 'cut')
  }
}

/** Ends the waits of all requests that a plan holds, and tells how many there were. */
export function end(fault: Fault, how: Ended): number {
  const held = [...fault.held]
  for (const wait of held) wait.end(how)
  return held.length
}

/** A request that waits until it is let go or cut, or, if said, for so many milliseconds; then it is told how it ended. */
export class Wait {
  readonly #fault: Fault
  readonly #timer: NodeJS.Timeout | undefined
  readonly #told: (how: Ended) => void

  constructor(fault: Fault, ms: number | undefined, told: (how: Ended) => void) {
    this.#fault = fault
    this.#told = told
    this.#timer = ms === undefined ? undefined : setTimeout(() => this.end('released'), ms)
    fault.held.add(this)
  }

  /** Only the first end counts. */
  end(how: Ended): void {
    clearTimeout(this.#timer)
    if (this.#fault.held.delete(this)) this.#told(how)
  }
}
