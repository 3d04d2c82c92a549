import { Type } from '@sinclair/typebox'
import { nonNegativeDuration } from '../time/duration.js'
import { DATE_TIME, type Instant, parseInstant } from '../time/instant.js'
import { expected } from './schema.js'
import { Duration, DURATION_PATTERN, Text } from './values.js'

/** Maximum of a `DurationSetting`, such as `--grace`: one day. */
const MAX_MS = 24 * 60 * 60 * 1000

/** The factor of each unit of a size. */
const UNITS: Record<string, number> = { '': 1, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3 }

/** Parses a size: a number of bytes, or a string such as `16MiB`. Returns NaN if the string is not a size. */
export function parseSize(size: number | string): number {
  const [, count, unit = ''] = /^(\d+)(kib|mib|gib)?$/i.exec(String(size)) ?? []
  return Number(count) * (UNITS[unit.toLowerCase()] as number)
}

const Size = Text('Size', (text, { minimum, maximum }) => {
  const bytes = parseSize(text)
  return bytes >= Number(minimum) && bytes <= Number(maximum)
})

/** Returns the schema of a size from `minimum` to `maximum` bytes. */
export const SizeSetting = (minimum: number, maximum: number) =>
  Type.Unsafe<number | string>(Type.Union([Type.Integer({ minimum, maximum }), { ...Size, minimum, maximum }]))

/** Schema of a duration of at most a day. */
export const DurationSetting: typeof Duration = { ...Duration, maxMs: MAX_MS }

const CLOCK = /^(real|frozen)(?:@(.*))?$/s

/** Parses a clock setting, such as the value of `--clock`. Returns undefined if the value is invalid. */
export function parseClock(text: string): { frozen: boolean; at?: Instant } | undefined {
  const [, mode, at] = CLOCK.exec(text) ?? []
  if (!mode || at === undefined) return mode ? { frozen: mode === 'frozen' } : undefined
  const instant = mode === 'frozen' ? parseInstant(at) : undefined
  return instant === undefined ? undefined : { frozen: true, at: instant }
}

const AFTER = 'after='

/**
 * Returns the duration in a progress setting, such as the value of `--progress`, in milliseconds. Returns undefined if
 * the setting contains no valid duration. For example, `manual` contains none.
 */
export const parseProgress = (text: string) =>
  text.startsWith(AFTER) ? nonNegativeDuration(text.slice(AFTER.length)) : undefined

/**
 * Returns the setting with which each element runs for `takes` milliseconds. If `takes` is undefined, returns `manual`.
 */
export const progressOf = (takes: number | undefined) => (takes === undefined ? 'manual' : `${AFTER}${takes}ms`)

/** Description of the valid clock settings, for messages. */
export const CLOCK_SETTINGS = 'real, frozen, or frozen@ with a time, such as frozen@2026-10-01T12:00:00Z'

export const ClockSetting = Text('ClockSetting', (text) => parseClock(text) !== undefined, {
  pattern: `^(real|frozen|frozen@${DATE_TIME.slice(1, -1)})$`,
  [expected]: CLOCK_SETTINGS,
})

/** Description of the valid progress settings, for messages. */
export const PROGRESS_SETTINGS = 'manual, or after= with a duration, such as after=30s'

export const ProgressSetting = Text(
  'ProgressSetting',
  (text) => text === 'manual' || parseProgress(text) !== undefined,
  {
    pattern: `^(manual|after=${DURATION_PATTERN})$`,
    [expected]: PROGRESS_SETTINGS,
  },
)
