import { type Instant, instantAt, later, laterOf, millisecondsFrom } from './instant.js'

/** Tells the time. */
export type TimeSource = () => Instant

/** What was written last: many requests come in one millisecond. */
let latest = { ms: 0, at: '1970-01-01T00:00:00Z' as Instant }

/** The machine's own clock, to the millisecond. */
export function machineTime(): Instant {
  const ms = Date.now()
  if (ms !== latest.ms) latest = { ms, at: instantAt(ms) as Instant }
  return latest.at
}

/** `real`: tells the time of its source; `offset`: runs as fast, but apart from it; `frozen`: stands still. */
export type ClockMode = 'real' | 'frozen' | 'offset'

/** A clock that a test sets. By itself it never runs backwards, whatever its source does. */
export class Clock {
  readonly #source: TimeSource
  #mode: ClockMode
  /** Frozen: what it tells. Otherwise: the latest that it told. */
  #told: Instant
  /** How far it is ahead of its source, in milliseconds. */
  #ahead = 0

  /** Begins at the time of its source; or frozen, at the given instant. */
  constructor(source: TimeSource, frozenAt?: Instant) {
    this.#source = source
    this.#mode = frozenAt === undefined ? 'real' : 'frozen'
    this.#told = frozenAt ?? source()
  }

  get mode(): ClockMode {
    return this.#mode
  }

  now(): Instant {
    if (this.#mode !== 'frozen') {
      const source = this.#source()
      const at = this.#ahead === 0 ? source : later(source, this.#ahead)
      // Where the years can no more be written, time stands still.
      if (at !== undefined && at !== this.#told) this.#told = laterOf(at, this.#told)
    }
    return this.#told
  }

  /** Stands still at `at`; left out: at the time that it tells. */
  freeze(at: Instant = this.now()): void {
    this.#told = at
    this.#mode = 'frozen'
  }

  /** Runs on from `at`; left out: from the time that it tells. */
  run(at: Instant = this.now()): void {
    this.#ahead = millisecondsFrom(this.#source(), at)
    this.#told = at
    this.#mode = 'offset'
  }

  /** Tells the time of its source again. */
  followSource(): void {
    this.#told = this.#source()
    this.#ahead = 0
    this.#mode = 'real'
  }
}

/** Of any realm: test runners give each file its own globals. */
export const isDate = (value: unknown): value is Date => Object.prototype.toString.call(value) === '[object Date]'
