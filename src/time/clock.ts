import { type Instant, instantAt, later, laterOf, millisecondsFrom } from './instant.js'

/** Tells the time. */
export type TimeSource = () => Instant

/** The last instant, because many requests come in one millisecond. */
let latest = { ms: 0, at: '1970-01-01T00:00:00Z' as Instant }

/** The machine's own clock, to the millisecond. */
export function machineTime(): Instant {
  const ms = Date.now()
  if (ms !== latest.ms) latest = { ms, at: instantAt(ms) as Instant }
  return latest.at
}

/** `real`: tells the time of its source; `frozen`: stands still; `offset`: runs as fast as its source, but apart from it. */
export const CLOCK_MODES = ['real', 'frozen', 'offset'] as const
type Mode = (typeof CLOCK_MODES)[number]

/** A clock that a test sets. By itself it never runs backwards, whatever its source does. */
export class Clock {
  readonly #source: TimeSource
  #mode: Mode
  /** The time of a frozen clock; otherwise the last time that was read. */
  #last: Instant
  /** Milliseconds ahead of its source. */
  #ahead = 0

  /** Starts at the time of its source; or frozen, at the given instant. */
  constructor(source: TimeSource, frozenAt?: Instant) {
    this.#source = source
    this.#mode = frozenAt === undefined ? 'real' : 'frozen'
    this.#last = frozenAt ?? source()
  }

  get mode(): Mode {
    return this.#mode
  }

  now(): Instant {
    if (this.#mode !== 'frozen') {
      const source = this.#source()
      const at = this.#ahead === 0 ? source : later(source, this.#ahead)
      // Past the year 9999 the clock stops.
      if (at !== undefined && at !== this.#last) this.#last = laterOf(at, this.#last)
    }
    return this.#last
  }

  /** Stops at `at`. Default: the current time. */
  freeze(at: Instant = this.now()): void {
    this.#last = at
    this.#mode = 'frozen'
  }

  /** Runs on from `at`. Default: the current time. */
  run(at: Instant = this.now()): void {
    this.#ahead = millisecondsFrom(this.#source(), at)
    this.#last = at
    this.#mode = 'offset'
  }

  /** Tells the time of its source again. */
  followSource(): void {
    this.#last = this.#source()
    this.#ahead = 0
    this.#mode = 'real'
  }
}

/** Of any realm: test runners give each file its own globals. */
export const isDate = (value: unknown): value is Date => Object.prototype.toString.call(value) === '[object Date]'
