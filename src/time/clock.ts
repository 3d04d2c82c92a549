import { type Instant, instantAt, later, laterOf, millisecondsFrom } from './instant.js'

/** A function that returns the current time. */
export type TimeSource = () => Instant

/** The most recent result of `machineTime`, cached because many calls fall in the same millisecond. */
let latest = { ms: 0, at: '1970-01-01T00:00:00Z' as Instant }

/** Returns the time of the system clock. The precision is one millisecond. */
export function machineTime(): Instant {
  const ms = Date.now()
  if (ms !== latest.ms) latest = { ms, at: instantAt(ms) as Instant }
  return latest.at
}

/**
 * The modes of a clock. `real`: the clock follows its time source. `frozen`: the clock stands still. `offset`: the
 * clock runs at the speed of its time source, and differs from the source by a constant number of milliseconds.
 */
export const CLOCK_MODES = ['real', 'frozen', 'offset'] as const
type Mode = (typeof CLOCK_MODES)[number]

/**
 * A clock that tests can set. Only `freeze`, `run` and `followSource` can move the clock back. If the time source moves
 * back, the clock stands still.
 */
export class Clock {
  readonly #source: TimeSource
  #mode: Mode
  /** The current time if the clock is frozen, otherwise the earliest time that `now` may return. */
  #last: Instant
  /** How many milliseconds the running clock is ahead of its time source. Negative if the clock is behind. */
  #offset = 0

  /** Creates a clock that is frozen at `frozenAt`. If `frozenAt` is absent, the clock follows `source`. */
  constructor(source: TimeSource, frozenAt?: Instant) {
    this.#source = source
    this.#mode = frozenAt === undefined ? 'real' : 'frozen'
    this.#last = frozenAt ?? source()
  }

  copy(): Clock {
    const copy = new Clock(this.#source, this.#last)
    copy.#mode = this.#mode
    copy.#offset = this.#offset
    return copy
  }

  get mode(): Mode {
    return this.#mode
  }

  now(): Instant {
    if (this.#mode !== 'frozen') {
      const source = this.#source()
      const at = this.#offset === 0 ? source : later(source, this.#offset)
      // Outside the years 0 to 9999, `later` returns undefined. The clock then stands still.
      if (at !== undefined) this.#last = laterOf(at, this.#last)
    }
    return this.#last
  }

  /** Freezes the clock at the time `at`. Default: the current time of the clock. */
  freeze(at: Instant = this.now()): void {
    this.#last = at
    this.#mode = 'frozen'
  }

  /**
   * Lets the clock run at the speed of its time source, from the time `at`. Default: the current time of the clock.
   */
  run(at: Instant = this.now()): void {
    this.#offset = millisecondsFrom(this.#source(), at)
    this.#last = at
    this.#mode = 'offset'
  }

  /** Sets the clock to the time of its time source. From then on, the clock follows the source. */
  followSource(): void {
    this.#last = this.#source()
    this.#offset = 0
    this.#mode = 'real'
  }
}

/**
 * Returns whether a value is a Date. Some test runners run each test file in its own realm, with its own global
 * `Date`. A Date from another realm is not an `instanceof Date`, but this function accepts it.
 */
export const isDate = (value: unknown): value is Date => Object.prototype.toString.call(value) === '[object Date]'
