import { type Instant, instantAt } from '../pipelines/instant.js'

/** Tells the time. The only source of time in the mock. */
export type Clock = () => Instant

/** The machine's own clock, to the millisecond. */
export const realClock: Clock = () => instantAt(Date.now()) as Instant
