import { type Instant, instantAt, later, laterOf, millisecondsFrom } from './instant.js'

/** A function that returns the current time. */
export type TimeSource = () => Instant

/** Cache of the latest instant: many requests arrive within one millisecond. */
let latest = { ms: 0, at: '1970-01-01T00:00:00Z' as Instant }

/** Returns the time of the system clock, in whole milliseconds. */
export function machineTime(): Instant {
  const ms = Date.now()
  if (ms !== latest.ms) latest = { ms, at: instantAt(ms) as Instant }
  return latest.at
}

/**
 * `real`: the clock shows the time of its source; `frozen`: it does not move; `offset`: it runs at the speed of its
 * source, with a constant difference.
 */
export const CLOCK_MODES = ['real', 'frozen', 'offset'] as const
type Mode = (typeof CLOCK_MODES)[number]

/** A clock that tests can set. Unless it is set, it never runs backwards, even if its source does. */
export class Clock {
  readonly #source: TimeSource
  #mode: Mode
  /** The time at which the clock is frozen; if it is not frozen, the latest time that it returned. */
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
      // After the year 9999, `later` returns undefined and the clock stops.
      if (at !== undefined && at !== this.#last) this.#last = laterOf(at, this.#last)
    }
    return this.#last
  }

  /** Stops the clock at `at`. Default: the current time. */
  freeze(at: Instant = this.now()): void {
    this.#last = at
    this.#mode = 'frozen'
  }

  /** Lets the clock run from `at`, at the speed of its source. Default: the current time. */
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
