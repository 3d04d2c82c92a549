import { isDate, type TimeSource } from '../time/clock.js'
import { type Instant, instantAt } from '../time/instant.js'
import { OptionsError, show } from './error.js'

/**
 * Makes a time source from the function that is given as the option `clock`. The time source throws an OptionsError
 * if the function does not return a valid Date.
 */
export function timeOf(now: () => Date): TimeSource {
  return (): Instant => {
    const date: unknown = now()
    const at = isDate(date) ? instantAt(date.getTime()) : undefined
    if (at !== undefined) return at
    const message = `clock: the function returned ${show(date)}, expected a Date in the years 0 to 9999`
    throw new OptionsError([{ code: 'invalid_value', option: 'clock', message }])
  }
}
