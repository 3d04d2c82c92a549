import { type Instant, instantAt, later, laterOf, millisecondsFrom } from './instant.js'

/** A function that returns the current time. */
export type TimeSource = () => Instant

/** The latest time, cached because many requests arrive within one millisecond. */
let latest = { ms: 0, at: '1970-01-01T00:00:00Z' as Instant }

/** Returns the time of the system clock, in whole milliseconds. */
export function machineTime(): Instant {
  const ms = Date.now()
  if (ms !== latest.ms) latest = { ms, at: instantAt(ms) as Instant }
  return latest.at
}

/**
 * `real`: the clock follows its source. `frozen`: the clock does not move. `offset`: the clock runs at the speed of
 * its source, with a constant difference from it.
 */
export const CLOCK_MODES = ['real', 'frozen', 'offset'] as const
type Mode = (typeof CLOCK_MODES)[number]

/** A clock that tests can set. By itself, the clock never runs backwards, even if its source does. */
export class Clock {
  readonly #source: TimeSource
  #mode: Mode
  /** The current time if the clock is frozen, otherwise the earliest time that `now` may return. */
  #last: Instant
  /** How many milliseconds the clock is ahead of its source. */
  #offset = 0

  /** Creates a clock that follows `source` or, if `frozenAt` is given, is frozen at that time. */
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
      const at = this.#offset === 0 ? source : later(source, this.#offset)
      // `later` returns undefined after the year 9999. The clock then stops.
      if (at !== undefined && at !== this.#last) this.#last = laterOf(at, this.#last)
    }
    return this.#last
  }

  /** Stops the clock at `at` (default: the current time). */
  freeze(at: Instant = this.now()): void {
    this.#last = at
    this.#mode = 'frozen'
  }

  /** Lets the clock run from `at` (default: the current time), at the speed of its source. */
  run(at: Instant = this.now()): void {
    this.#offset = millisecondsFrom(this.#source(), at)
    this.#last = at
    this.#mode = 'offset'
  }

  /** Sets the clock to the time of its source, and follows it from now on. */
  followSource(): void {
    this.#last = this.#source()
    this.#offset = 0
    this.#mode = 'real'
  }
}

/**
 * Returns whether a value is a Date. Unlike `instanceof Date`, accepts a Date of another realm: some test runners
 * give each test file its own realm.
 */
export const isDate = (value: unknown): value is Date => Object.prototype.toString.call(value) === '[object Date]'
