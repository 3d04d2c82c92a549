import { Duration, Text } from '../contract/values.js'
import { parseDuration } from '../time/duration.js'
import { type Instant, parseInstant } from '../time/instant.js'

/** Limit of `--grace` and of the duration in `--progress`: one day. */
const MAX_MS = 24 * 60 * 60 * 1000

/** Schema of a duration of at most a day. */
export const DurationSetting: typeof Duration = { ...Duration, maxMs: MAX_MS }

const CLOCK = /^(real|frozen)(?:@(.*))?$/s

/** Parses the value of `--clock`. Returns undefined if the value is invalid. */
export function parseClock(text: string): { frozen: boolean; at?: Instant } | undefined {
  const [, mode, at] = CLOCK.exec(text) ?? []
  if (!mode || at === undefined) return mode ? { frozen: mode === 'frozen' } : undefined
  const instant = mode === 'frozen' ? parseInstant(at) : undefined
  return instant === undefined ? undefined : { frozen: true, at: instant }
}

const AFTER = 'after='

/**
 * Returns the duration in a value of `--progress`, in milliseconds, without checking its limits. Returns undefined if
 * the value contains no valid duration, as in the case of `manual`.
 */
export const parseProgress = (text: string) =>
  text.startsWith(AFTER) ? parseDuration(text.slice(AFTER.length)) : undefined

function isProgress(text: string): boolean {
  const takes = parseProgress(text)
  return text === 'manual' || (takes !== undefined && takes >= 0 && takes <= MAX_MS)
}

export const ClockSetting = Text('ClockSetting', (text) => parseClock(text) !== undefined)
export const ProgressSetting = Text('ProgressSetting', isProgress)
